"""The classifiers that ship: their accuracy on whole test sets, in integers and in floats, and what they fit on.

The data is in the folder that GANGLION_DATA names, or in ../shared/data; where it is not, these tests fail and say so.
"""

from functools import cache

import numpy as np
import pytest

from ganglion.model.compiler import compile_program
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.networks import digits
from ganglion.model.networks.classifier import Classifier, Samples
from ganglion.model.networks.mnist import dense
from ganglion.model.networks.shipped import SHIPPED, load
from ganglion.model.spec.errors import FormatError, GanglionError
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.reference import Reference

pytestmark = pytest.mark.long

RIGHT = {
    "digits": (526, 525, 540),
    "mnist": (9823, 9826, 10_000),
    "mnist-conv": (9910, 9911, 10_000),
    "speech": (295, 295, 300),
}
"""Samples of the whole test set told right in integers, and by the float original; and how many there are."""

BATCH = 500


@cache
def shipped(name: str) -> tuple[Classifier, Samples]:
    classifier = load(name)
    return classifier, classifier.test_set(None)


@cache
def guesses(name: str) -> np.ndarray:
    """What the integer network tells for the whole test set, on the emulator."""
    classifier, test = shipped(name)
    emulator = Emulator(classifier.program())
    told = []
    for begin in range(0, len(test), BATCH):
        events = [classifier.encode(sample) for sample in test.inputs[begin : begin + BATCH]]
        told += [classifier.decode(trace) for trace in emulator.run_batch(events)]
        assert emulator.counters()["overflows"] == 0
    return np.array(told)


@pytest.mark.parametrize("name", SHIPPED)
def test_accuracy_on_the_whole_test_set(name: str) -> None:
    _, test = shipped(name)
    right = guesses(name) == test.label
    assert (right.sum(), right.size) == (RIGHT[name][0], RIGHT[name][2])


@pytest.mark.parametrize("name", ["digits", "mnist", pytest.param("mnist-conv", marks=pytest.mark.slow), "speech"])
def test_the_float_original_tells_what_it_told(name: str) -> None:
    classifier, test = shipped(name)
    assert (classifier.float_guesses(test.inputs) == test.label).sum() == RIGHT[name][1]
    integers, floats = (
        np.concatenate([projection.weight for projection in network.projections])
        for network in (classifier.network, classifier.original)
    )
    assert np.abs(integers).max() <= 127
    assert (floats != np.rint(floats)).mean() > 0.8, "an original that is no original agrees too well"


@pytest.mark.parametrize("name", SHIPPED)
def test_the_reference_tells_the_same(name: str) -> None:
    classifier, test = shipped(name)
    reference = Reference(classifier.program())
    for index in range(3):
        reference.reset()
        assert classifier.decode(reference.run(classifier.encode(test.inputs[index]))) == guesses(name)[index]


@pytest.mark.parametrize("name", SHIPPED)
def test_each_fits_the_chip_it_is_for(name: str) -> None:
    classifier, _ = shipped(name)
    program = classifier.program()
    image = compile_program(program)
    assert image.program.synapses == program.synapses
    np.testing.assert_array_equal(program.outputs, program.neurons - 10 + np.arange(10))
    assert program.name_of(program.neurons - 10 + 3) == "output[3]"


def test_the_dense_networks_fit_one_core_of_the_icebreaker() -> None:
    for name in ("mnist", "speech"):
        assert load(name).params == PRESETS["icebreaker"]
    program = load("mnist").program()
    assert (program.inputs, program.neurons) == (784, 138)
    assert program.synapses <= 131_072


def test_unknown_names_and_other_files_are_refused() -> None:
    with pytest.raises(GanglionError, match="no classifier 'mnits'; there are digits, mnist, mnist-conv, speech"):
        load("mnits")
    shapes = r"integers of shape \(784, 128\), not int8 of \(64, 137\)"
    with pytest.raises(FormatError, match=rf"digits.npz: hidden_weight must be {shapes}"):
        dense.load(digits.FILE)
