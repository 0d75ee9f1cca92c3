"""The quantiser: what it promises about scales, thresholds, types and bounds."""

from typing import Any

import numpy as np
import pytest

from ganglion.model.compiler.bounds import check_accumulators
from ganglion.model.compiler.network import Network
from ganglion.model.compiler.quantize import quantize
from ganglion.model.compiler.quantize.flat import flatten
from ganglion.model.compiler.quantize.simulate import simulate
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.reference import Reference
from tests.model.compiler.quantize.examples import samples, two_layers

BOARD = PRESETS["board"]


def single(weight: Any, params: Params = BOARD, **options: Any) -> Any:
    """One population that receives `weight` (target, source)."""
    network = Network()
    network.input("in", np.shape(weight)[1])
    network.population("p", np.shape(weight)[0], **options)
    network.all_to_all("in", "p", weight)
    return quantize(network, params)


def test_weights_use_their_field_to_the_end() -> None:
    """A scale per neuron: the largest weight of each becomes 127, and nothing is cut off."""
    rng = np.random.default_rng(2)
    weight = rng.normal(size=(6, 30)) * np.geomspace(0.01, 10, 6)[:, np.newaxis]
    result = single(weight, threshold=np.abs(weight).max(axis=1) * 2)
    integers = np.zeros((6, 30))
    source = np.repeat(np.arange(30), np.diff(result.program.indptr)[:30])
    integers[result.program.post_neuron, source] = result.program.weight
    assert np.abs(integers).max(axis=1).tolist() == [127] * 6
    scale = result.scale["p"]
    assert np.abs(integers - weight * scale[:, np.newaxis]).max() <= 0.5
    assert np.abs(result.program.threshold - np.abs(weight).max(axis=1) * 2 * scale).max() <= 1
    layer = result.report.layer("p")
    assert (layer.limit, layer.clipped) == ("weights", 0)


@pytest.mark.parametrize(("granularity", "distinct"), [("layer", 1), ("channel", 3), ("neuron", 12)])
def test_what_shares_a_scale(granularity: Any, distinct: int) -> None:
    network = Network()
    network.input("in", 4)
    network.population("maps", (3, 2, 2))
    network.readout("sum", 5)
    rng = np.random.default_rng(3)
    network.all_to_all("in", "maps", rng.normal(size=(12, 4)))
    network.all_to_all("maps", "sum", rng.normal(size=(5, 12)))
    result = quantize(network, BOARD, granularity=granularity)
    assert np.unique(result.scale["maps"]).size == distinct
    assert np.unique(result.scale["sum"]).size == 1, "membranes of a read-out must compare"
    if granularity == "channel":
        assert (np.ptp(result.scale["maps"].reshape(3, 4), axis=1) == 0).all()


LIMITED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "weights": ({}, {}),
    "threshold": ({"threshold": 1e4}, {}),
    "bias": ({"bias": 300.123, "threshold": 400}, {}),
    "accumulator": ({}, {"accumulator_bits": 8}),
    "adaptation": ({"adaptation_raise": 40.0}, {"adaptation_bits": 8}),
}


@pytest.mark.parametrize("limit", LIMITED)
def test_what_holds_a_scale(limit: str) -> None:
    """Each field in turn is the one that is full; the scale is then just what fits."""
    options, changes = LIMITED[limit]
    weight = np.random.default_rng(4).normal(size=(3, 50))
    result = single(weight, BOARD.replace(**changes), **options)
    layer = result.report.layer("p")
    assert layer.limit == limit
    check_accumulators(result.program, result.program.params.accumulator_bits)
    if limit == "threshold":
        assert result.program.threshold.tolist() == [(2**15 - 1) // 2] * 3
    if limit == "bias":
        assert result.program.bias.tolist() == [2**11 - 1] * 3
    if limit == "adaptation":
        assert result.program.types[0].adaptation_raise == round((2**7 - 1) / 2)


def test_samples_hold_readouts_and_currents_in_range() -> None:
    network = Network()
    network.input("in", 1)
    network.readout("sum", 1)
    network.population("slow", 1, threshold=1e-3, decay=0.5, current_decay=0.002)
    network.all_to_all("in", "sum", 0.3)
    network.all_to_all("in", "slow", 0.3)
    x = np.ones((1, 2000, 1), dtype=int)
    result = quantize(network, BOARD, samples=x)
    assert [result.report.layer(name).limit for name in ("sum", "slow")] == ["grid", "grid"]
    assert [result.report.layer(name).samples.saturated for name in ("sum", "slow")] == [0, 0]  # type: ignore[union-attr]
    blind = quantize(network, BOARD)
    assert any("'sum' is a read-out: without samples" in note for note in blind.report.notes)
    forced = quantize(network, BOARD, samples=x, scale={"sum": 400, "slow": 400})
    assert [forced.report.layer(name).samples.saturated for name in ("sum", "slow")] == [1, 1]  # type: ignore[union-attr]
    assert any("'sum': 1 neurons left the range" in warning for warning in forced.report.warnings)
    assert forced.report.layer("sum").samples.spikes_integer == 0, "even at the end of its range"  # type: ignore[union-attr]


def test_bounds_hold_for_random_networks() -> None:
    """Whatever the weights, no accumulator can overflow, and all values fit: the program compiles."""
    for seed in range(60):
        rng = np.random.default_rng(seed)
        bits = int(rng.choice([4, 8, 16]))
        params = PRESETS["wide"].replace(
            weight_bits=bits, accumulator_bits=int(rng.integers(bits, bits + 8)), membrane_bits=16, bias_bits=10
        )
        targets, sources = rng.integers(1, 20, 2)
        network = Network()
        network.input("in", int(sources))
        network.population(
            "p", int(targets), threshold=rng.random(targets) * 10 ** rng.uniform(-2, 2), bias=rng.normal(size=targets)
        )
        network.all_to_all("in", "p", rng.standard_t(2, (targets, sources)))
        granularity = rng.choice(["layer", "neuron"])
        program = quantize(network, params, granularity=granularity).program
        check_accumulators(program, params.accumulator_bits)


def test_weights_on_a_grid_are_exact() -> None:
    """Multiples of 0.3, and of 1/8: no error at all, and the spikes of floats and integers are the same."""
    for step in (0.3, 0.125, 1.0, 0.007):
        rng = np.random.default_rng(5)
        network = Network()
        network.input("in", 20)
        network.population("p", 30, threshold=6.5 * step, v_reset=-step, bias=step)
        network.all_to_all("in", "p", rng.integers(-5, 9, (30, 20)) * step)
        network.all_to_all("p", "p", rng.integers(-2, 2, (30, 30)) * step, delay=3)
        result = quantize(network, BOARD, samples=samples(inputs=20))
        layer = result.report.layer("p")
        assert layer.limit == "grid" and layer.weight_error < 1e-9 and layer.bias_error < 1e-9
        assert layer.samples is not None and layer.samples.coincident == 1 and layer.samples.spikes_float > 100
        assert result.report.output is not None and result.report.output.identical == 6


@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize("reset", ["value", "subtract"])
def test_thresholds_are_where_they_were(inclusive: bool, reset: str) -> None:
    """Thresholds on and between the values that a membrane takes: fired where the float fired, exhaustively."""
    thresholds = np.arange(-6, 30) * 0.25
    network = Network()
    network.input("in", 3)
    waits = np.arange(thresholds.size) % 3
    options: dict[str, Any] = {"reset": reset, "inclusive": inclusive, "v_reset": -10, "refractory": waits}
    network.population("p", thresholds.size, threshold=thresholds, **options)
    weights = np.array([0.5, 1.0, -1.5])
    network.all_to_all("in", "p", np.tile(weights, (thresholds.size, 1)))
    raster = np.random.default_rng(6).integers(0, 3, (4, 60, 3))
    # Membranes are multiples of 1/2. Thresholds of odd quarters fall between units, unless they are subtracted.
    result = quantize(network, PRESETS["wide"], scale={"p": 2 if reset == "value" else 4})
    floats = simulate(flatten(network), raster)
    for sample in range(4):
        trace = Reference(result.program).run(Events.from_raster(raster[sample]))
        assert np.argwhere(floats.spikes[sample]).tolist() == trace.spikes.tolist()
    assert floats.spikes.any(axis=(0, 1)).sum() > 20


def test_types_are_shared_and_decays_reduced() -> None:
    network = Network()
    network.population("a", 3, decay=0.25)
    network.population("b", 2, decay=[0.25, 0.1])
    network.population("c", 1, decay=1.0)
    network.population("d", 1, decay=0.25, current_decay=0.5, refractory=2)
    program = quantize(network, BOARD).program
    decays = [program.types[kind].decay for kind in program.type]
    assert decays == [(1, 2)] * 4 + [(round(0.1 * 2**15), 15), (1, 0), (1, 2)]
    assert len(program.types) == 4
    assert program.types[program.type[-1]].current_decay == (1, 1)
    network.population("e", 1, current_decay=0.0)
    program = quantize(network, BOARD).program
    assert program.types[program.type[-1]].current_decay == (0, 0), "a current that never leaks is one"


BAD: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "types": ({"refractory": np.arange(24) % 12}, {}, "needs 12 types of neurons.*has 8; population 'hidden'"),
    "adaptation": ({"adaptation_raise": 1.0}, {}, "population 'hidden' needs an adaptive threshold.*has not"),
    "current": ({"current_decay": 0.5}, {"params": PRESETS["small"]}, "population 'hidden' needs a synaptic current"),
    "refractory": ({"refractory": 99}, {}, "network 'two layers' with these scales is no program: refractory 99"),
    "granularity": ({}, {"granularity": "row"}, "granularity must be one of layer, channel, neuron, not 'row'"),
    "rounding": ({}, {"rounding": "up"}, "rounding must be one of nearest, calibrated"),
    "no samples": ({}, {"rounding": "calibrated"}, "'?\"?calibrated\"?'? needs samples"),
    "scale": ({}, {"scale": {"hiden": 3}}, "scale: there is no population 'hiden'; there are hidden, out"),
    "scale's sign": ({}, {"scale": {"hidden": -1}}, "scale of 'hidden' must be positive, one value or 24"),
    "inclusive": (
        {"inclusive": True, "refractory": 15},
        {},
        "population 'hidden': an inclusive threshold.*takes a delay of 16, and the chip .board. has 15",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_the_chip_cannot_represent(case: str) -> None:
    options, arguments, message = BAD[case]
    with pytest.raises(NetworkError, match=message):
        quantize(two_layers(**options), **arguments)


def test_an_inclusive_threshold_that_is_subtracted_behind_a_current_is_told() -> None:
    """Spikes come when they should; the unit that is missing at each is in the report."""
    network = Network()
    network.input("in", 1)
    network.population("p", 1, threshold=2.0, reset="subtract", inclusive=True, current_decay=0.5)
    network.one_to_one("in", "p")
    raster = np.array([1, 0, 0, 1, 1, 0, 0, 0, 1])[np.newaxis, :, np.newaxis]
    result = quantize(network, PRESETS["wide"], scale={"p": 1024})
    (warning,) = result.report.warnings
    assert "inclusive threshold of 2048 units takes one unit too little from the membrane at a spike (0.05%" in warning
    floats = simulate(flatten(network), raster)
    trace = Reference(result.program).run(Events.from_raster(raster[0]))
    assert np.argwhere(floats.spikes[0]).tolist() == trace.spikes.tolist() != []


def test_delays_beyond_the_ring() -> None:
    network = two_layers()
    network.one_to_one("out", "out", delay=16)
    with pytest.raises(
        NetworkError, match=r"projection out -> out has a delay of 16 steps; the chip \(board\) takes 1 to 15"
    ):
        quantize(network)
    with pytest.raises(NetworkError, match="has no population"):
        quantize(Network("empty"))


def test_overflow_may_be_allowed() -> None:
    network = two_layers()
    params = BOARD.replace(accumulator_bits=9)
    free = quantize(network, params, allow_overflow=True)
    assert free.report.layer("hidden").limit == "weights"
    assert quantize(network, params).report.layer("hidden").limit == "accumulator"
    low, high = free.report.layer("hidden").accumulator
    assert max(high, -low) > 255


@pytest.mark.parametrize("per", ["tensor", "channel"])
@pytest.mark.parametrize("lowest", [-128, -127])
def test_weights_of_quantisation_aware_trainers_are_found_exactly(lowest: int, per: str) -> None:
    """Whole numbers of 8 bits times a scale, in floats of 32 bits; -128 is one of them."""
    rng = np.random.default_rng(3)
    whole = rng.integers(-128, 128, (16, 24))
    whole[:, 0], whole[0, 1] = rng.integers(100, 128, 16), lowest
    step = (np.full((16, 1), 0.0123) if per == "tensor" else rng.uniform(0.001, 0.02, (16, 1))).astype(np.float32)
    network = Network("int8")
    network.input("in", 24)
    network.population("out", 16, threshold=5.0)
    network.all_to_all("in", "out", whole.astype(np.float32) * step)
    result = quantize(network, BOARD)
    assert result.report.layer("out").limit == "grid" and result.report.layer("out").weight_error < 1e-6
    got = np.zeros((16, 24), dtype=int)
    got[result.program.post_neuron, result.program.pre] = result.program.weight
    assert np.array_equal(got, whole)


def test_a_grid_whose_step_is_no_weight_and_no_difference() -> None:
    """20, 45 and 77 steps: neither a part of the least nor a gap of two is the step."""
    network = Network("sparse")
    network.input("in", 3)
    network.population("out", 1)
    network.all_to_all("in", "out", np.array([[20.0, 45.0, -77.0]]) * 0.031)
    result = quantize(network, BOARD)
    assert result.report.layer("out").limit == "grid" and result.program.weight.tolist() == [20, 45, -77]
