"""The report tells the truth, calibration does what it says, and results come back in the user's units."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from ganglion.model.compiler import compile_program
from ganglion.model.compiler.network import Network
from ganglion.model.compiler.quantize import quantize
from ganglion.model.compiler.quantize.flat import flatten
from ganglion.model.compiler.quantize.simulate import simulate
from ganglion.model.compiler.usage import Resource
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.errors import FormatError, NetworkError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS
from tests.model.compiler.quantize.examples import samples, two_layers

BOARD = PRESETS["board"]


@pytest.mark.long
def test_the_report_is_true() -> None:
    """Every number again, by loops over the synapses."""
    network = two_layers()
    x = samples()
    result = quantize(network, BOARD, samples=x)
    flat, program = flatten(network), result.program
    integers = np.zeros((flat.neurons, flat.inputs + flat.neurons))
    source = program.pre
    integers[program.post_neuron, source] = program.weight
    for name in ("hidden", "out"):
        layer, part = result.report.layer(name), flat.part(name)
        errors, squares, zeroed = [], [], 0
        for k in np.flatnonzero(flat.into(name)):
            j, i, w = flat.post_neuron[k], flat.pre[k], flat.weight[k]
            scale = result.scale[name][j - part.start]
            errors.append(integers[j, i] / scale - w)
            squares.append(w * w)
            zeroed += integers[j, i] == 0
        assert layer.synapses == len(errors) and layer.zeroed == zeroed
        assert np.isclose(layer.weight_error, np.sqrt(np.mean(np.square(errors)) / np.mean(squares)))
        into = integers[part]
        assert layer.accumulator == (np.minimum(into, 0).sum(axis=1).min(), np.maximum(into, 0).sum(axis=1).max())
        assert layer.threshold_error == pytest.approx(
            np.abs(program.threshold[part] - flat.threshold[part] * result.scale[name]).max()
        )
    floats = simulate(flat, x).spikes
    emulated = np.zeros_like(floats)
    for sample, raster in enumerate(x):
        trace = Emulator(program).run(Events.from_raster(raster))
        emulated[sample, trace.spikes[:, 0], trace.spikes[:, 1]] = True
    part = flat.part("out")
    told = result.report.layer("out").samples
    assert told is not None and result.report.output is not None
    assert (told.spikes_float, told.spikes_integer) == (floats[..., part].sum(), emulated[..., part].sum())
    both, either = floats[..., part] & emulated[..., part], floats[..., part] | emulated[..., part]
    assert told.coincident == both.sum() / either.sum() and either.sum() > 100
    votes = [spikes[..., part].sum(axis=1).argmax(axis=1) for spikes in (floats, emulated)]
    assert result.report.output.agree == (votes[0] == votes[1]).sum()


def test_words_are_those_of_the_compiler() -> None:
    """One layer by itself: the report's words are the image's. A convolution is stored unrolled."""
    network = Network()
    network.input("image", (1, 8, 8))
    network.population("maps", (4, 6, 6))
    network.convolution("image", "maps", np.random.default_rng(7).normal(size=(4, 1, 3, 3)))
    result = quantize(network, BOARD)
    image = compile_program(result.program)
    layer = result.report.layer("maps")
    assert layer.words == result.report.words == image.usage[0][Resource.WORDS].used
    assert layer.synapses == 4 * 36 * 9 > 4 * 9 and layer.words >= layer.synapses / 4 / BOARD.beats


def test_clipping_is_counted() -> None:
    weight = np.linspace(-1, 1, 41).reshape(1, 41)
    network = Network()
    network.input("in", 41)
    network.population("p", 1)
    network.all_to_all("in", "p", weight)
    result = quantize(network, BOARD, scale={"p": 200})
    layer = result.report.layer("p")
    assert (layer.limit, layer.scale) == ("user", (200, 200))
    assert layer.clipped == (np.rint(weight * 200) > 127).sum() + (np.rint(weight * 200) < -128).sum() > 10
    assert layer.weight_error_max == pytest.approx(73)
    assert quantize(network, BOARD, scale={"p": 128}).report.layer("p").clipped == 1, "128, but not -128"


def test_calibration_clips_what_hardly_ever_fires() -> None:
    """One huge weight of a silent input: nearest wastes the field on it, calibration does not."""
    rng = np.random.default_rng(8)
    weight = rng.normal(0, 0.1, (10, 40))
    weight[:, 0] = 0.8
    network = Network()
    network.input("in", 40)
    network.population("p", 10, threshold=0.7)
    network.all_to_all("in", "p", weight)
    x = samples(count=20)
    x[:, :, 0] = 0
    params = BOARD.replace(weight_bits=4)
    nearest = quantize(network, params, samples=x)
    calibrated = quantize(network, params, samples=x, rounding="calibrated")
    assert calibrated.report.layer("p").clipped > 0 == nearest.report.layer("p").clipped
    results = [q.report.layer("p").samples for q in (nearest, calibrated)]
    assert results[0] is not None and results[1] is not None
    assert results[1].coincident > results[0].coincident + 0.02


def test_calibration_corrects_the_mean() -> None:
    """Weights that are all rounded up make a neuron fire too often; the bias takes the mean error back."""
    weight = np.full((1, 40), 1.4)
    weight[0, 0] = 7.0
    network = Network()
    network.input("in", 40)
    network.population("p", 1, threshold=60.0, reset="subtract")
    network.all_to_all("in", "p", weight)
    x = samples(count=20)
    params = PRESETS["wide"].replace(weight_bits=4)
    off = {}
    for rounding in ("nearest", "calibrated"):
        run = quantize(network, params, samples=x, rounding=rounding, scale={"p": 1.0})  # type: ignore[arg-type]
        result = run.report.layer("p").samples
        assert result is not None
        off[rounding] = abs(result.spikes_integer - result.spikes_float)
        if rounding == "calibrated":
            assert run.program.bias[0] == 2 and run.report.layer("p").bias_error == 2
    assert off["calibrated"] * 3 < off["nearest"]


@pytest.mark.long
def test_results_in_the_users_units() -> None:
    network = Network()
    network.input("in", 2)
    network.readout("sum", 2, rest=[0.0, -65.0])
    network.all_to_all("in", "sum", [[0.5, -0.25], [1.0, 1.0]])
    result = quantize(network)
    trace = Emulator(result.program).run(Events.from_steps([[0, 1], [0], []]), probes={"v": result.neurons("sum")})
    assert result.membranes("sum", trace.probes["v"]).tolist() == [[0, -65], [0.25, -63], [0.75, -62]]
    assert result.raster(trace, "sum").shape == (3, 2) and not result.raster(trace, "sum").any()
    for call in (result.neurons, lambda name: result.membranes(name, 0)):
        with pytest.raises(NetworkError, match="there is no population 'x'; there are sum"):
            call("x")
    assert repr(result) == "<Quantized 'network': <Program 2 inputs, 2 neurons, 4 synapses, params board>>"


def test_the_report_as_table_json_and_picture(tmp_path: Path) -> None:
    report = quantize(two_layers(), samples=samples()).report
    console = Console(file=io.StringIO(), width=100)
    console.print(report.table())
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for part in ("two layers in the integers of board", "hidden", "synapse words", "spikes, integers", "decided alike"):
        assert part in text
    assert json.loads(report.to_json(tmp_path / "report.json")) == json.loads((tmp_path / "report.json").read_text())
    assert json.loads(report.to_json())["layers"][0]["synapses"] == 960
    for name in ("report.png", "report.svg"):
        report.plot(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 5000
    with pytest.raises(FormatError, match="a picture's name ends in one of"):
        report.plot(tmp_path / "report.xyz")
    quantize(two_layers()).report.plot(tmp_path / "plain.png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plain.png", "report.json", "report.png", "report.svg"]
