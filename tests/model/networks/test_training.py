"""Training repeats to the same bits, in whatever order the machine adds."""

from pathlib import Path

import numpy as np
import pytest

from ganglion.model.networks import batch, digits, train_digits
from ganglion.model.networks.digits_data import load_images, split
from ganglion.model.networks.train_digits import Recipe, train
from ganglion.model.networks.weights_file import save_arrays
from ganglion.model.spec.arrays import FloatArray

SHORT = Recipe(hidden=40, epochs=6)


def floats(recipe: Recipe) -> list[FloatArray]:
    """All the unrounded numbers of a training."""
    return train(recipe, split(load_images())[0]).adam.values


def test_order_of_sums_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """BLAS, then the terms of each sum shuffled, then integers without BLAS: the same floats to the last bit."""
    wanted = floats(SHORT)
    rng = np.random.default_rng(5)

    def shuffled(a: FloatArray, b: FloatArray) -> FloatArray:
        order = rng.permutation(a.shape[1])
        return np.asarray(a[:, order] @ b[order])

    def integer(a: FloatArray, b: FloatArray) -> FloatArray:
        return np.asarray((a.astype(np.int64) @ b.astype(np.int64)).astype(np.float64))

    for product in (shuffled, integer):
        for module in (batch, train_digits):
            monkeypatch.setattr(module, "exact_product", product)
        for one, other in zip(wanted, floats(SHORT), strict=True):
            assert one.tobytes() == other.tobytes(), f"a training with {product.__name__} sums differs"


def test_shipped_network_is_what_the_script_trains(tmp_path: Path) -> None:
    """The whole training, about half a minute; replay: python -m ganglion.model.networks.train_digits."""
    save_arrays(train(Recipe(), split(load_images())[0]).arrays(), tmp_path / "digits.npz")
    assert (tmp_path / "digits.npz").read_bytes() == digits.FILE.read_bytes()
