"""The digits network that ships: its data, its code, its file, and what it can do."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from ganglion.model.compiler import compile_program
from ganglion.model.networks import digits
from ganglion.model.networks.batch import Layer, run_layer
from ganglion.model.networks.digits_data import BRIGHTEST, PIXELS, encode_pixels, load_images, split
from ganglion.model.spec.errors import EventError, FormatError
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.reference import Reference


def batched_counts(network: digits.DigitsNetwork, pixels: np.ndarray) -> np.ndarray:
    """Output spikes of each image, shape (images, 10), by the batched forward pass."""
    raster = np.zeros((len(pixels), network.steps, PIXELS))
    raster[:, : network.shown] = encode_pixels(pixels, network.shown)
    for name in ("hidden", "output"):
        layer = Layer(*(getattr(network, f"{name}_{part}").astype(float) for part in ("weight", "bias", "threshold")))
        raster = run_layer(raster, layer, network.leak_shift, PRESETS["small"].membrane_bits).spikes
    return raster.sum(axis=1)


def test_accuracy_on_every_held_out_image() -> None:
    network = digits.load()
    held_out = network.heldout()
    correct = int((batched_counts(network, held_out.pixels).argmax(axis=1) == held_out.label).sum())
    assert correct == network.correct
    assert correct / len(held_out) >= 0.97


def test_reference_counts_the_same_output_spikes() -> None:
    network = digits.load()
    images = network.heldout().take(np.arange(0, 540, 18))
    reference = Reference(network.program())
    for counts, pixels in zip(batched_counts(network, images.pixels), images.pixels, strict=True):
        reference.reset()
        trace = reference.run(network.encode(pixels))
        np.testing.assert_array_equal(network.output_counts(trace), counts)
        assert network.decode(trace) == counts.argmax()


def test_fits_the_small_chip_with_names() -> None:
    network = digits.load()
    for report_all in (False, True):
        program = network.program(report_all=report_all)
        assert compile_program(program).program.synapses == program.synapses
    program = network.program()
    assert program.name_of(network.hidden + 3) == "output[3]"
    assert (program.weight != 0).all()
    np.testing.assert_array_equal(program.outputs, network.hidden + np.arange(10))


def test_split_is_stratified_disjoint_and_fixed() -> None:
    images = load_images()
    learned, held_out = split(images)
    assert (len(images), len(learned), len(held_out)) == (1797, 1257, 540)
    np.testing.assert_array_equal(np.sort(np.concatenate((learned.number, held_out.number))), np.arange(1797))
    share = np.bincount(images.label) * 540 / 1797
    assert (np.abs(np.bincount(held_out.label) - share) < 1).all()
    digest = hashlib.sha256(held_out.number.astype("<i8").tobytes()).hexdigest()
    assert digest[:16] == "715e3f9bd3b71006"


@pytest.mark.parametrize("steps", [1, 6, 8, 16])
def test_rate_code(steps: int) -> None:
    """Pixel p spikes p * steps / 16 times, rounded down or up, and all gaps between its spikes are alike."""
    pixels = np.tile(np.arange(BRIGHTEST + 1)[:, None], (1, PIXELS))
    raster = encode_pixels(pixels, steps)
    assert raster.shape == (17, steps, PIXELS)
    assert raster.max() == 1
    rate = pixels * steps / BRIGHTEST
    counts = raster.sum(axis=1)
    assert ((counts >= np.floor(rate)) & (counts <= np.ceil(rate))).all()
    for train in raster.transpose(0, 2, 1).reshape(-1, steps):
        gaps = np.diff(np.flatnonzero(train))
        assert gaps.size == 0 or np.ptp(gaps) <= 1


def test_bad_images_are_named() -> None:
    network = digits.load()
    with pytest.raises(EventError, match=r"8 x 8 pixels, got shape \(3, 3\)"):
        network.encode(np.zeros((3, 3)))
    bad = np.zeros((8, 8))
    bad[1, 2] = 17
    with pytest.raises(EventError, match=r"pixel 10 of image 0 is 17.0; it must be 0 to 16"):
        network.encode(bad)
    with pytest.raises(EventError, match="whole numbers"):
        network.encode(np.full((8, 8), 0.5))
    with pytest.raises(EventError, match="shown for 1 to 16 steps, not 17"):
        encode_pixels(np.zeros((1, PIXELS), dtype=int), 17)
    with pytest.raises(EventError, match=r"shape \(images, 64\), got shape \(64,\)"):
        encode_pixels(np.zeros(PIXELS, dtype=int), 8)
    reference = Reference(network.program())
    events = network.encode(np.zeros((8, 8), dtype=int))
    reference.run(events)
    assert network.decode(reference.run(events)) in range(10)
    with pytest.raises(EventError, match="one image takes 10 steps, the trace has 0"):
        network.decode(reference.run(type(events).from_steps([])))


def test_file_is_the_same_bytes_again(tmp_path: Path) -> None:
    digits.save(digits.load(), tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == digits.FILE.read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == ["again.npz"]


def test_files_that_are_no_network(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no such file; python -m ganglion\.model\.networks\.train_digits"):
        digits.load(tmp_path / "none.npz")
    whole = digits.FILE.read_bytes()
    for name, content in (("short.npz", whole[: len(whole) // 2]), ("empty.npz", b""), ("text.npz", b"digits")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FormatError, match=f"{name} is not a whole digits network"):
            digits.load(tmp_path / name)
    with np.load(digits.FILE) as file:
        arrays = dict(file)
    np.savez(tmp_path / "shape.npz", **{**arrays, "output_bias": arrays["output_bias"][:9]})
    with pytest.raises(FormatError, match=r"output_bias must have shape \(10,\), not \(9,\)"):
        digits.load(tmp_path / "shape.npz")
