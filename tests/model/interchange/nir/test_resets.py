"""Resets and beginnings that the chip has no word for, against the frameworks' own equations step by step."""

from collections.abc import Callable
from dataclasses import replace

import nir
import numpy as np
import pytest

from ganglion.model.compiler.quantize import quantize
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.interchange.nir import CONVENTIONS, Convention, compare_spikes, import_nir
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS
from tests.model.interchange.nir.small import chain, cuba, full, grid, lif, membranes, raster, spikes

X = raster(6, 80)
W = grid(12, 6)

Step = Callable[[np.ndarray], np.ndarray]


def sent(step: Step, x: np.ndarray = X, w: np.ndarray = W) -> np.ndarray:
    """What a layer sends that gets w x, step by step."""
    return np.array([step(w @ row) for row in x]).astype(bool)


def snntorch(beta: float, alpha: float = 0.0, reset: str = "subtract", threshold: float = 1.0) -> Step:
    """Leaky (alpha 0) and Synaptic: the reset is that of the membrane of the step before."""
    syn = mem = np.zeros(len(W))

    def step(i: np.ndarray) -> np.ndarray:
        nonlocal syn, mem
        over = mem > threshold
        syn = alpha * syn + i
        if reset == "zero":
            mem = np.where(over, 0.0, mem)
        mem = beta * mem + syn - (threshold * over if reset == "subtract" else 0)
        return mem > threshold

    return step


def check(graph: nir.NIRGraph, convention: Convention, wanted: np.ndarray, name: str = "n2", x: np.ndarray = X) -> None:
    """In floats, and in the integers of `wide`, where weights and leaks are on a grid."""
    network = import_nir(graph, convention)
    assert 0.04 < wanted.mean() < 0.9, "a network that is silent, or always fires, tells nothing"
    assert np.array_equal(spikes(network, x, name), wanted)
    late = np.concatenate([x, np.zeros((max(network.lag.values()), x.shape[1]), dtype=int)])
    quantized = quantize(network, PRESETS["wide"])
    (difference,) = compare_spikes(quantized, Emulator(quantized.program).run(Events.from_raster(late)), {name: wanted})
    assert difference.differing == 0, difference


SNNTORCH = replace(CONVENTIONS["snntorch"], dt=1.0)


@pytest.mark.parametrize("threshold", [1.0, 3.0])
@pytest.mark.parametrize("reset", ["subtract", "none"])
@pytest.mark.parametrize("alpha", [0.0, 0.5, 0.75])
def test_late_and_no_resets_are_synapses_onto_oneself(alpha: float, reset: str, threshold: float) -> None:
    """One synapse without a current; with one a second, that takes out of the current what the first leaves in it."""
    node = cuba(12, 1 / (1 - alpha), v_threshold=threshold) if alpha else lif(12, v_threshold=threshold)
    graph = chain(6, nir.Linear(W), node, 12)
    convention = replace(SNNTORCH, reset=reset)
    check(graph, convention, sent(snntorch(0.75, alpha, reset, threshold)))
    own = [p for p in import_nir(graph, convention).projections if p.source == p.target]
    assert [p.delay.tolist()[0] for p in own] == ([1, 2] if alpha else [1])


def test_a_reset_to_zero_is_at_once_without_a_current_and_refused_with_one() -> None:
    convention = replace(SNNTORCH, reset="value")
    check(chain(6, nir.Linear(W), lif(12), 12), convention, sent(snntorch(0.75, reset="zero")))
    graph = chain(6, nir.Linear(W), cuba(12), 12)
    with pytest.raises(NetworkError, match=r"node 'n2' \(CubaLIF\): .*comes a step late.*reset_delay=False"):
        import_nir(graph, convention)
    followed = replace(convention, reset_delay=False)
    syn = mem = np.zeros(12)
    wanted = []
    for row in X:
        syn = 0.5 * syn + W @ row
        mem = 0.75 * mem + syn
        wanted.append(mem > 1)
        mem = np.where(mem > 1, 0, mem)
    check(graph, followed, np.array(wanted))


def test_a_late_reset_to_zero_of_a_recurrent_neuron_takes_its_input_with_it() -> None:
    """snnTorch's RLeaky: the whole next membrane is 0, which is a refractory period of one step."""
    back = grid(12, 12, seed=3, spread=0.3)
    graph = chain(6, nir.Linear(W), lif(12), 12)
    graph.nodes["back"] = nir.Linear(back)
    graph.edges += [("n2", "back"), ("back", "n2")]
    mem, spk = np.zeros(12), np.zeros(12)

    def step(i: np.ndarray) -> np.ndarray:
        nonlocal mem, spk
        over = mem > 1
        mem = (1 - over) * (0.75 * mem + i + back @ spk)
        spk = (mem > 1).astype(float)
        return mem > 1

    check(graph, replace(SNNTORCH, reset="value"), sent(step))


@pytest.mark.parametrize("v_reset", [-0.5, 0.25])
@pytest.mark.parametrize("kind", ["IF", "CUBA"])
def test_membranes_begin_at_v_reset(kind: str, v_reset: float) -> None:
    """SpikingJelly's: an IF is measured from there, another membrane is brought there by a neuron that fires once."""
    tau = np.inf if kind == "IF" else 4.0
    if kind == "IF":
        node = nir.IF(r=full(1, 12), v_threshold=full(1, 12), v_reset=full(v_reset, 12))
    else:
        node = cuba(12, v_reset=v_reset)
    v, u = full(v_reset, 12), full(0, 12)

    def step(i: np.ndarray) -> np.ndarray:
        nonlocal v, u
        u = 0.5 * u + i if kind == "CUBA" else i
        v = v - v / tau + u
        fired = v >= 1
        v = np.where(fired, v_reset, v)
        return fired

    convention = replace(CONVENTIONS["spikingjelly"], dt=1.0)
    wanted = sent(step)
    graph = chain(6, nir.Linear(W), node, 12)
    check(graph, convention, wanted)
    here, there = (
        membranes(import_nir(graph, replace(convention, start=s)), X * 0, "n2")[0] for s in ("reset", "rest")
    )
    assert here == pytest.approx(v_reset * (1 - 1 / tau)) and not there.any()


def test_a_second_layer_begins_at_v_reset_when_its_input_begins() -> None:
    second = grid(5, 12, seed=4)
    nodes = (nir.Linear(W), lif(12), nir.Affine(second, full(0.125, 5)), cuba(5, v_reset=-0.75))
    network = import_nir(chain(6, *nodes, 5), Convention(dt=1.0, start="reset"))
    first = spikes(network, X, "n2")
    u, v = np.zeros(5), full(-0.75, 5)
    for t, row in enumerate(first[:20]):
        u = 0.5 * u + second @ row + 0.125
        v = 0.75 * v + u
        fired = v > 1
        assert np.array_equal(spikes(network, X, "n4")[t], fired)
        v = np.where(fired, -0.75, v)
        assert np.allclose(membranes(network, X, "n4")[t], v)


def test_membranes_that_the_clock_brings_to_v_reset_need_the_clock() -> None:
    graph = chain(6, nir.Linear(W), cuba(12, v_reset=-0.5), 12)
    with pytest.raises(NetworkError, match=r"node 'n2' \(CubaLIF\): its membranes begin at v_reset.*bias='clock'"):
        import_nir(graph, Convention(dt=1.0, start="reset"), bias="constant")


@pytest.mark.parametrize("recurrent", [False, True])
@pytest.mark.parametrize("alpha", [0.0, 0.5])
def test_spyx(alpha: float, recurrent: bool) -> None:
    """Spikes of the membrane before, input undiminished, r = beta in the file; a graph that leads through w_rec."""
    back = grid(12, 12, seed=5, spread=0.3)
    node = cuba(12, r=0.75, w_in=1.0) if alpha else lif(12, r=0.75)
    V, current = np.zeros(12), np.zeros(12)  # noqa: N806

    def step(x: np.ndarray) -> np.ndarray:
        nonlocal V, current
        fired = V > 1
        x = x + back @ fired if recurrent else x
        if alpha:
            current = alpha * current + x
            V = 0.75 * (V - fired) + current  # noqa: N806
        else:
            V = 0.75 * V + x - fired  # noqa: N806
        return fired

    graph = chain(6, nir.Linear(W), node, 12)
    if recurrent:
        block = chain(12, nir.Linear(back), node, 12)
        block.edges += [("n2", "n1")]
        graph = chain(6, nir.Linear(W), block, 12)
    wanted = sent(step)
    check(graph, CONVENTIONS["spyx"], wanted, "n2.n2" if recurrent else "n2")
    assert import_nir(graph, "spyx").lag.popitem()[1] == 0, "the chip is a step late itself"


def test_rockpool() -> None:
    """Exponential decays; an input decays in the step in which it arrives; r of the file has no part in it."""
    alpha, beta = np.exp(-1e-3 / 0.02), np.exp(-1e-3 / 0.005)
    r = 0.02 * alpha / 1e-3
    node = cuba(12, tau_syn=0.005, tau_mem=0.02, r=r, w_in=1.0)
    u, v = np.zeros(12), np.zeros(12)

    def step(x: np.ndarray) -> np.ndarray:
        nonlocal u, v
        u = beta * (u + x)
        v = alpha * v + u
        fired = v >= 1
        v = v - fired
        return fired

    network = import_nir(chain(6, nir.Linear(W / 4), node, 12), "rockpool")
    wanted = sent(step, w=W / 4)
    assert np.array_equal(spikes(network, X, "n2"), wanted) and 0.1 < wanted.mean() < 0.9
    assert not network.warnings
    slower = import_nir(chain(6, nir.Linear(W / 4), node, 12), replace(CONVENTIONS["rockpool"], dt=2e-3))
    assert any("is that the dt of the framework?" in warning for warning in slower.warnings)


def test_a_threshold_behind_a_leaky_integrator_is_a_neuron_without_reset() -> None:
    """Spyx writes PSU_LIF so."""
    size = full(4, 12)
    graph = chain(6, nir.Linear(W), nir.LI(tau=size, r=size, v_leak=full(0, 12)), nir.Threshold(full(1, 12)), 12)
    check(graph, Convention(dt=1.0), sent(snntorch(0.75, reset="none")), "n3")


@pytest.mark.parametrize(("beta", "leak"), [(1.0, 1.0), (1.25, 1.0), (-0.5, 0.0)])
def test_snntorch_clamps_its_betas(beta: float, leak: float) -> None:
    """Learned ones leave 0 … 1, and the file has them so: tau and r infinite, negative, or below dt."""
    with np.errstate(divide="ignore"):
        tau = float(np.divide(1.0, 1 - beta))
    network = import_nir(chain(6, nir.Linear(W), lif(12, tau), 12), SNNTORCH)
    assert np.array_equal(spikes(network, X, "n2"), sent(snntorch(leak)))
    assert any("n2" in note for note in network.notes)
    if beta > 1:
        with pytest.raises(NetworkError, match=r"node 'n2' \(LIF\): tau is -4 steps"):
            import_nir(chain(6, nir.Linear(W), lif(12, tau), 12), Convention(dt=1.0))


def test_a_convention_of_one_node() -> None:
    """The last layer is not reset, which a file of snnTorch does not say."""
    second = grid(5, 12, seed=6)
    graph = chain(6, nir.Linear(W), lif(12), nir.Linear(second), lif(5), 5)
    network = import_nir(graph, SNNTORCH, nodes={"n4": replace(SNNTORCH, reset="none")})
    first = sent(snntorch(0.75))
    mem = np.zeros(5)
    wanted = []
    for row in first:
        mem = 0.75 * mem + second @ row
        wanted.append(mem > 1)
    assert np.array_equal(spikes(network, X, "n4"), np.array(wanted))
    assert np.array_equal(spikes(network, X, "n2"), first)
