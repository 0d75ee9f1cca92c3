"""Training learns in the chip's own arithmetic, and repeats to the same bits in whatever order the machine adds."""

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from ganglion.model.emulator.array import engine
from ganglion.model.networks import digits, train_digits
from ganglion.model.networks.digits_data import CODE, PIXELS, load_images, split
from ganglion.model.networks.train_digits import CHIP, NEURON, Layer, Recipe, Trainer, train
from ganglion.model.networks.weights_file import save_arrays
from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference

SHORT = Recipe(hidden=40, epochs=6)


def floats(recipe: Recipe) -> list[FloatArray]:
    """All the unrounded numbers of a training."""
    return train(recipe, split(load_images())[0]).adam.values


def program_of(layers: list[Layer]) -> Program:
    """The layers as a program, one synapse at a time."""
    sizes = [PIXELS, *(layer.threshold.size for layer in layers)]
    firsts = np.cumsum([0, *sizes])
    ends = [np.indices(layer.weight.shape).reshape(2, -1) for layer in layers]
    return Program.build(
        params=CHIP,
        types=(NEURON,),
        threshold=np.concatenate([layer.threshold for layer in layers]).astype(int),
        bias=np.concatenate([layer.bias for layer in layers]).astype(int),
        inputs=PIXELS,
        pre=np.concatenate([firsts[k] + pre for k, (pre, _) in enumerate(ends)]),
        post=np.concatenate([firsts[k + 1] + post for k, (_, post) in enumerate(ends)]),
        weight=np.concatenate([layer.weight.ravel() for layer in layers]).astype(int),
    )


@pytest.mark.parametrize("scale", [2, 4])
def test_the_forward_pass_is_the_reference(scale: int) -> None:
    """Spikes of every layer and step, and the membranes before each reset."""
    trainer = Trainer(Recipe(hidden=12, seed=scale))
    for layer in trainer.layers:
        layer.weight *= scale
        layer.bias += np.arange(layer.bias.size) * scale - 9
    layers = trainer.rounded()
    pixels = split(load_images())[0].pixels[:5]
    sources, activity = trainer.forward(pixels, layers)
    np.testing.assert_array_equal(sources[: digits.SHOWN].transpose(2, 0, 1), CODE.raster(pixels, digits.SHOWN))
    spikes = np.concatenate([layer.spikes for layer in activity], axis=1)
    before = np.concatenate([layer.before for layer in activity], axis=1)
    threshold = np.concatenate([layer.threshold for layer in layers])[:, np.newaxis]
    reference = Reference(program_of(layers))
    for image in range(len(pixels)):
        reference.reset()
        trace = reference.run(Events.from_raster(sources[:, :, image].astype(int)), keep_states=True)
        np.testing.assert_array_equal(np.argwhere(spikes[:, :, image]), trace.spikes)
        membranes = np.stack([state.v for state in trace.states])
        np.testing.assert_array_equal((before - spikes * threshold)[:, :, image], membranes)
    assert spikes.any(axis=(0, 2)).sum() > 5


def test_order_of_sums_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """BLAS, then the terms of each sum shuffled, then integers without BLAS: the same floats to the last bit."""
    wanted = floats(SHORT)
    rng = np.random.default_rng(5)

    def shuffled(a: FloatArray, b: FloatArray) -> FloatArray:
        order = rng.permutation(a.shape[1])
        return np.asarray(a[:, order] @ b[order])

    def integer(a: FloatArray, b: FloatArray) -> FloatArray:
        return np.asarray((a.astype(np.int64) @ b.astype(np.int64)).astype(np.float64))

    products: list[tuple[ModuleType, str]] = [(engine, "product"), (train_digits, "exact_product")]
    for product in (shuffled, integer):
        for module, name in products:
            monkeypatch.setattr(module, name, product)
        for one, other in zip(wanted, floats(SHORT), strict=True):
            assert one.tobytes() == other.tobytes(), f"a training with {product.__name__} sums differs"


@pytest.mark.slow
def test_shipped_network_is_what_the_script_trains(tmp_path: Path) -> None:
    """The digits that ship are what their training makes, to the last bit."""
    save_arrays(train(Recipe(), split(load_images())[0]).arrays(), tmp_path / "digits.npz")
    assert (tmp_path / "digits.npz").read_bytes() == digits.FILE.read_bytes()
