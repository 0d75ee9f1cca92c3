"""Running samples of a quantised network: none of their last spikes are lost, and decisions are those of the floats."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganglion import Emulator, Network, Reference, import_nir, quantize
from ganglion.model.compiler.quantize.flat import flatten
from ganglion.model.compiler.quantize.quantize import Quantized
from ganglion.model.compiler.quantize.simulate import simulate
from ganglion.model.compiler.readout import Readout
from ganglion.model.spec.errors import EventError, ProgramError
from ganglion.model.spec.events import Events

FILES = Path(__file__).parents[1] / "interchange" / "nir" / "files"

TARGETS = (Reference, Emulator)


def layers(depth: int = 3, *, readout: bool = False) -> Network:
    """Each neuron of a layer repeats its own of the layer before; a read-out sums what it hears."""
    network = Network("relay")
    network.input("in", 4)
    before = "in"
    for k in range(depth):
        if readout and k == depth - 1:
            network.readout(f"layer {k}", 4)
        else:
            network.population(f"layer {k}", 4, threshold=0.5, decay=1.0)
        network.one_to_one(before, f"layer {k}")
        before = f"layer {k}"
    network.output(before)
    return network


@pytest.mark.long
@pytest.mark.parametrize("readout", [False, True])
def test_the_last_input_still_counts(readout: bool) -> None:
    """One step, in which one input fires: the answer is that input, though it takes three steps to come out."""
    quantized = quantize(layers(readout=readout))
    counts = np.eye(4, dtype=int)[:, np.newaxis, :]
    for target in TARGETS:
        answers = quantized.run(target(quantized.program), counts)
        assert answers.classes.tolist() == [0, 1, 2, 3]
        assert quantized.accuracy(target(quantized.program), counts, [0, 1, 2, 0]) == 0.75


@pytest.mark.long
def test_an_imported_network_is_read_in_the_framework_s_own_steps() -> None:
    quantized = quantize(import_nir(FILES / "snntorch_dense.nir", "snntorch"))
    with np.load(FILES / "snntorch_dense.npz") as file:
        counts, theirs = file["input"], file["3"]
    for steps in (3, len(counts)):
        (raster,) = quantized.run(Emulator(quantized.program), counts[:steps]).rasters
        assert np.array_equal(raster, theirs[:steps])


@pytest.mark.long
def test_classes_are_those_of_the_floats() -> None:
    network = layers(2, readout=True)
    network.one_to_one("in", "layer 1", [-1, 2, 0.5, 1])
    quantized = quantize(network)
    counts = np.random.default_rng(0).integers(0, 2, (20, 5, 4))
    answers = quantized.run(Emulator(quantized.program), counts)
    flat = flatten(network)
    padded = np.pad(counts, [(0, 0), (0, quantized.readout.behind), (0, 0)])
    floats = simulate(flat, padded, membranes=quantized.readout.neurons).membranes[:, -1]
    assert np.array_equal(answers.classes, floats.argmax(axis=1))


def test_samples_of_any_form() -> None:
    quantized = quantize(layers())
    raster = np.eye(4, dtype=bool)[[2, 2, 1]]
    events = Events.from_raster(raster)
    target = Reference(quantized.program)
    for samples in (raster, raster[np.newaxis].astype(float), events, [events, events.part(0, 2)]):
        assert set(quantized.run(target, samples).classes.tolist()) == {2}


def test_a_program_alone_is_read_like_its_network() -> None:
    quantized = quantize(layers(readout=True))
    readout = Readout.of_program(quantized.program)
    assert (readout.spiking, readout.behind) == (False, 3)
    assert readout.neurons.tolist() == quantized.neurons("layer 2").tolist()


@pytest.mark.parametrize(
    ("target", "samples", "error", "message"),
    [
        (Emulator, [[[1, 0, 0, 0]]], ProgramError, r"run takes a target, such as .*, not the class Emulator"),
        ("rtl", [[[1, 0, 0, 0]]], ProgramError, "not 'rtl'"),
        ("other", [[[1, 0, 0, 0]]], ProgramError, "the target runs another network"),
        (None, [[[1, 0, 0]]], EventError, r"samples are counts of shape \(samples, steps, 4\), got \(1, 1, 3\)"),
        (None, [[[0.5, 0, 0, 0]]], EventError, "whole numbers from 0"),
        (None, [], EventError, "samples are counts"),
        (None, [Events.from_steps([[9]])], EventError, "axon 9"),
        (None, [Events.from_steps([[1]]), [[1, 0, 0, 0]]], EventError, "all be Events, or all counts"),
    ],
)
def test_what_cannot_be_run(target: Any, samples: Any, error: type[Exception], message: str) -> None:
    quantized: Quantized = quantize(layers())
    if target is None:
        target = Reference(quantized.program)
    elif target == "other":
        target = Reference(quantize(layers(2)).program)
    with pytest.raises(error, match=message):
        quantized.run(target, samples)


@pytest.mark.parametrize(
    ("labels", "message"),
    [([1, 2], "one class for each of the 1 samples"), ([0.5], "whole numbers from 0"), ([-1], "whole numbers from 0")],
)
def test_labels_that_cannot_be(labels: Any, message: str) -> None:
    quantized = quantize(layers())
    with pytest.raises(EventError, match=message):
        quantized.accuracy(Reference(quantized.program), np.ones((1, 1, 4), dtype=int), labels)
