"""Warnings: whatever is approximated, lost or dead is named."""

from typing import Any

import numpy as np
import pytest

from ganglion.model.compiler.network import Network
from ganglion.model.compiler.quantize import Quantized, quantize
from ganglion.model.compiler.quantize.exact import exact_program
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.errors import EventError, NetworkError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS

BOARD = PRESETS["board"]


def one_layer(size: int = 12, weight: Any = None, **options: Any) -> Network:
    network = Network("one")
    network.input("in", 8)
    network.population("out", size, **{"decay": 0.25, "reset": "subtract"} | options)
    network.all_to_all("in", "out", np.random.default_rng(0).normal(0.2, 0.5, (size, 8)) if weight is None else weight)
    return network


def raster(most: int = 1, inputs: int = 8) -> np.ndarray:
    return np.random.default_rng(1).integers(0, most + 1, (4, 30, inputs))


def warnings(result: Quantized) -> str:
    return "\n".join(result.report.warnings)


def test_a_sound_network_has_none() -> None:
    assert quantize(one_layer(), samples=raster()).report.warnings == ()


def test_lost_weights_and_silent_layers() -> None:
    """A threshold in another unit: 0 spikes in both, which by itself looks like agreement."""
    result = quantize(one_layer(threshold=1e6), samples=raster())
    assert "'out': 96 of its 96 weights became 0" in warnings(result) and "held by threshold" in warnings(result)
    assert "'out' never fires on the samples, in floats either" in warnings(result)
    quiet = quantize(one_layer(), samples=raster() * 0)
    assert "never fires" in warnings(quiet) and "became 0" not in warnings(quiet)


def test_a_layer_that_fires_in_floats_alone() -> None:
    result = quantize(
        one_layer(weight=np.eye(8) * 0.001, size=8, threshold=0.003), samples=raster(), scale={"out": 100}
    )
    assert "'out' never fires on the samples, but " in warnings(result)


def test_thresholds_of_few_units() -> None:
    """Weights up to 99 and a threshold of 1: in 8 bits the membrane has hardly a unit, and no leak."""
    weight = np.random.default_rng(2).normal(0, 0.3, (12, 8))
    weight[:, 0] = 99
    result = quantize(one_layer(weight=weight))
    assert "'out': the threshold is 1 units at 12 of 12 neurons, too few for its leak" in warnings(result)
    without = quantize(one_layer(weight=np.ones((12, 8)), decay=0.0, threshold=1.5))
    assert "units" not in warnings(without), "without a leak nothing is rounded"
    wide = quantize(one_layer(weight=weight), PRESETS["wide"])
    assert "units" not in warnings(wide), "the advice works"


@pytest.mark.parametrize("size", [12, 40])
def test_decays_are_joined_where_types_run_out(size: int) -> None:
    """A learned time constant per neuron on a chip of 8 types."""
    decay = np.linspace(0.1, 0.6, size)
    result = quantize(one_layer(size, decay=decay), BOARD, samples=raster())
    assert f"the network needs {size} types of neurons, the chip (board) has 8: near decays were joined" in warnings(
        result
    )
    program = result.program
    assert len(program.types) == 8
    got = np.array([m / 2**s for m, s in (program.types[kind].decay for kind in program.type)])
    assert (np.diff(got) >= 0).all() and np.abs(got - decay).max() < 0.5 * (0.5 / 8) * 2
    assert result.report.layer("out").decay_error == pytest.approx(np.abs(got - decay).max())
    floats, integers = (result.report.layer("out").samples.__dict__[f"spikes_{kind}"] for kind in ("float", "integer"))
    assert abs(floats - integers) < 0.1 * floats
    whole = one_layer(size, np.ones((size, 8)), decay=np.arange(1, size + 1) / 64)
    with pytest.raises(NetworkError, match=f"needs {size} types"):
        exact_program(whole, BOARD)


def test_what_else_a_type_has_is_not_joined() -> None:
    network = one_layer(12, decay=np.linspace(0.1, 0.6, 12), refractory=np.arange(12) % 2)
    program = quantize(network, BOARD).program
    assert len(program.types) == 8
    assert [program.types[kind].refractory for kind in program.type] == (np.arange(12) % 2).tolist()
    network.population("none", 3, decay=0.0)
    program = quantize(network, BOARD).program
    assert [program.types[kind].decay for kind in program.type[12:]] == [(0, 0)] * 3, "no leak stays none"


def test_thousands_of_decays() -> None:
    network = one_layer(3000, decay=np.linspace(0.01, 0.99, 3000))
    program = quantize(network, PRESETS["wide"].replace(types=32)).program
    assert len(program.types) == 32


def test_a_decay_that_the_chip_has_not() -> None:
    result = quantize(one_layer(decay=1e-6), BOARD)
    assert "'out': decay of 12 neurons is nearer to none than to the least one of the chip" in warnings(result)
    assert result.program.types[0].decay == (0, 0) and "0.01% is not lost" in warnings(result)


@pytest.mark.long
def test_counts_larger_than_one() -> None:
    """As of tonic's ToFrame: the worst case of an accumulator is that of the counts."""
    weight = np.full((4, 8), 0.9)
    samples = raster(most=200)
    narrow = BOARD.replace(accumulator_bits=12)
    result = quantize(one_layer(4, weight, threshold=400.0), narrow, samples=samples)
    assert any("an axon has up to 200 events in a step" in note for note in result.report.notes)
    assert result.report.layer("out").samples is not None and "wrapped" not in warnings(result)
    emulator = Emulator(result.program)
    for sample in samples:
        assert emulator.run(Events.from_raster(sample)).counters["overflows"].sum() == 0
    blind = quantize(one_layer(4, weight, threshold=400.0), narrow, samples=samples, scale={"out": 100})
    assert "'out': accumulators wrapped " in warnings(blind)


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.full((1, 5, 8), 0.75), r"whole numbers from 0; 40 are not, such as 0.75. Make spikes .* ganglion.encode"),
        (np.full((1, 5, 8), np.nan), "such as nan"),
        (np.full((1, 5, 8), -1), "such as -1"),
        (np.full((1, 5, 8), "a"), "not <U1"),
    ],
)
def test_samples_that_are_no_counts(samples: np.ndarray, message: str) -> None:
    with pytest.raises(EventError, match=message):
        quantize(one_layer(), samples=samples)


def test_warnings_are_in_every_form_of_the_report() -> None:
    network = one_layer()
    network.warnings.append("the moon is full")
    report = quantize(network).report
    assert "warning: the moon is full" in report._repr_html_() and report.to_dict()["warnings"] == ("the moon is full",)
    assert "warning: the moon is full" in str(report.table().caption)
