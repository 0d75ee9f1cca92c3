"""The digits network that ships: its data, and what it can do."""

import hashlib

import numpy as np
import pytest

from ganglion.model.compiler import compile_program
from ganglion.model.compiler.quantize.simulate import simulate
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.networks import digits
from ganglion.model.networks.digits_data import load_images, split
from ganglion.model.spec.reference import Reference


@pytest.mark.long
def test_accuracy_on_every_held_out_image() -> None:
    """526 of 540, on the emulator and in arrays."""
    network, held_out = digits.load(), digits.test_set()
    events = [network.encode(pixels) for pixels in held_out.inputs]
    guess = np.array([network.decode(trace) for trace in Emulator(network.program()).run_batch(events)])
    assert (guess == held_out.label).sum() == 526 and len(held_out) == 540
    counts = simulate(network.program(), events).spikes[:, :, network.outputs].sum(axis=1)
    np.testing.assert_array_equal(counts.argmax(axis=1), guess)


def test_reference_tells_the_same() -> None:
    network, images = digits.load(), digits.test_set().take(np.arange(0, 540, 18))
    reference = Reference(network.program())
    spikes = simulate(network.program(), [network.encode(pixels) for pixels in images.inputs]).spikes
    for raster, pixels in zip(spikes, images.inputs, strict=True):
        reference.reset()
        trace = reference.run(network.encode(pixels))
        np.testing.assert_array_equal(np.argwhere(raster), trace.spikes)
        assert network.decode(trace) == raster[:, network.outputs].sum(axis=0).argmax()


def test_fits_the_small_chip_with_names() -> None:
    network = digits.load()
    for report_all in (False, True):
        program = network.program(report_all=report_all)
        assert compile_program(program).program.synapses == program.synapses
    program = network.program()
    assert program.name_of(140) == "output[3]"
    assert (program.weight != 0).all()
    assert program.outputs.tolist() == list(range(137, 147))


def test_split_is_stratified_disjoint_and_fixed() -> None:
    images = load_images()
    learned, held_out = split(images)
    assert (len(images), len(learned), len(held_out)) == (1797, 1257, 540)
    np.testing.assert_array_equal(np.sort(np.concatenate((learned.number, held_out.number))), np.arange(1797))
    share = np.bincount(images.label) * 540 / 1797
    assert (np.abs(np.bincount(held_out.label) - share) < 1).all()
    digest = hashlib.sha256(held_out.number.astype("<i8").tobytes()).hexdigest()
    assert digest[:16] == "715e3f9bd3b71006"
    np.testing.assert_array_equal(digits.test_set().number, held_out.number)
