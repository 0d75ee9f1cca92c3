"""What a notebook shows of networks, programs, images, runs and reports: HTML in which their figures can be read."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from ganglion.model.compiler import compile_program
from ganglion.model.compiler.network import Network
from ganglion.model.compiler.quantize import Quantized, quantize
from ganglion.model.energy import account
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS, levels_for
from ganglion.model.spec.reference import Reference


@pytest.fixture(scope="module")
def made() -> Quantized:
    network = Network("a <b> & c")
    network.input("in", 6)
    network.population("hidden", (2, 4), decay=0.25)
    network.readout("out", 3)
    rng = np.random.default_rng(0)
    network.all_to_all("in", "hidden", rng.normal(size=(8, 6)))
    network.all_to_all("hidden", "out", rng.normal(size=(3, 8)))
    params = PRESETS["tiny"].replace(neurons=8, axons=32, synapse_words=64, levels=levels_for(64))
    params = params.replace(name="x<y", weight_bits=8, membrane_bits=16, accumulator_bits=16)
    return quantize(network, params, samples=rng.integers(0, 2, size=(3, 20, 6)))


def texts(shown: str) -> list[str]:
    """The text of every cell, title and line. It must be markup that can be parsed."""
    assert len(shown) < 30_000
    return ["".join(element.itertext()) for element in ElementTree.fromstring(shown).iter() if element.tag != "svg"]


def test_a_network(made: Quantized) -> None:
    shown = texts(made.network._repr_html_())
    assert "Network 'a <b> & c' 6 inputs, 11 neurons, 72 synapses" in shown
    assert {"Input", "hidden", "2x4 LIF, threshold 1, reset to 0, decay 0.25", "hidden -> out"} <= set(shown)


def test_a_program(made: Quantized) -> None:
    shown = texts(made.program._repr_html_())
    assert f"Program for x<y: 6 inputs, 11 neurons, {made.program.synapses} synapses" in shown
    assert {"hidden", "0 … 7", "out", "8 … 10", "3"} <= set(shown)
    unnamed = made.program.replace(names={})
    assert "population" not in texts(unnamed._repr_html_())


def test_an_image(made: Quantized) -> None:
    image = compile_program(made.program)
    shown = image._repr_html_()
    assert {"core", "neurons of 8", "synapse words of 64", "and 32 more cores"} <= set(texts(shown))
    widths = [int(width) for width in re.findall(r'<rect width="(\d+)"', shown)]
    assert widths[::5] == [round(100 * usage.uses[0].share) for usage in image.usage[:32]]


def test_a_run_and_its_energy(made: Quantized) -> None:
    trace = Reference(made.program).run(Events.from_raster(np.ones((20, 6), dtype=bool)))
    assert f"Trace of reference: 20 steps from 0, 11 neurons, {len(trace.spikes)} spikes" in texts(trace._repr_html_())
    shown = texts(account(trace, made.program.params)._repr_html_())
    assert "SynOp" in shown and any(line.startswith("not counted by this target: ") for line in shown)


def test_a_report(made: Quantized) -> None:
    shown = texts(made.report._repr_html_())
    assert "a <b> & c in the integers of x<y" in shown and "spikes, integers" in shown
    assert made._repr_html_() == made.report._repr_html_()
    assert [axes.get_xlabel() for axes in made.report.plot().axes][2] == "spikes on the samples"
