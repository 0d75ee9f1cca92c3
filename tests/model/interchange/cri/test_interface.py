"""The constructor forms, return shapes and other methods that HiAER-Spike programs rely on."""

import pickle
import time
from typing import Any

import numpy as np
import pytest

from ganglion.hs_api import ANN_neuron, CRI_network, IF_neuron, LIF_neuron
from ganglion.model.compiler import compile_program
from ganglion.model.compiler.predict import cycle_model
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.interchange.cri.cost import boundless_core
from ganglion.model.interchange.cri.cycles import CompiledCycles
from ganglion.model.spec.events import Events
from ganglion.model.spec.packets import Scope
from ganglion.model.spec.trace import Trace
from tests.model.interchange.cri.networks import random_case

AXONS = {"alpha": [("a", 3), ("b", 3)], "beta": [("d", 3)]}


def connections() -> dict[str, Any]:
    one, two = LIF_neuron(2, -17, 63), ANN_neuron(5, -17)
    return {"a": ([("b", 1), ("d", 2)], one), "b": ([], one), "c": ([], two), "d": ([("c", 1)], one)}


def trace(network: CRI_network, target: str) -> list[Any]:
    """What four steps return, and the membranes after each."""
    found = []
    for inputs in (["alpha"], ["alpha", "beta"], [], []):
        result = network.step(inputs)
        fired = result if target == "simpleSim" else result[0]
        potentials = network.read_membrane(["a", "b", "c", "d"])
        found.append((fired, potentials if target == "CRI" else list(zip("abcd", potentials, strict=True))))
    return found


@pytest.mark.parametrize("target", ["simpleSim", "CRI"])
def test_every_form_of_the_constructor_is_the_same_network(target: str) -> None:
    config = {"neuron_type": "ANN", "global_neuron_params": {"v_thr": 9}}
    with_cores = {key: (*entry, core) for core, (key, entry) in enumerate(connections().items())}
    networks = [
        CRI_network(AXONS, connections(), ["a", "b"], target),
        CRI_network(AXONS, connections(), ["a", "b"], target, False, 0),
        CRI_network(axons=AXONS, connections=connections(), outputs=["a", "b"], target=target, simDump=False, coreID=1),
        CRI_network(AXONS, connections(), config, ["a", "b"], target),
        CRI_network(AXONS, connections(), config, ["a", "b"], target, False, 3),
        CRI_network(AXONS, connections(), config=config, outputs=["a", "b"], target=target, coreID=1),
        CRI_network(
            AXONS, connections=connections(), outputs=("b", "a", "a"), config=config, target=target, perturbMag=0
        ),
        CRI_network(AXONS, with_cores, ["a", "b"], target),
        CRI_network(AXONS, {key: list(entry) for key, entry in connections().items()}, np.array(["a", "b"]), target),
        CRI_network(AXONS, connections(), {"a": 1, "b": 2}.keys(), target),
    ]
    traces = [trace(network, target) for network in networks]
    assert traces[0][1] == (["a", "b"], [("a", 3), ("b", 4), ("c", 0), ("d", 5)])
    assert all(other == traces[0] for other in traces[1:])


def test_a_config_gives_models_to_neurons_that_have_none() -> None:
    plain = {"a": [("b", 4)], "b": []}
    for kind, model, leak in (
        ("I&F", IF_neuron(3), None),
        ("LI&F", LIF_neuron(3, -17, 3), None),
        ("LI&F", LIF_neuron(3, -17, 1), 1),
        ("ANN", ANN_neuron(3), None),
    ):
        config = {"neuron_type": kind, "global_neuron_params": {"v_thr": 3}}
        old = CRI_network({"x": [("a", 10)]}, plain, config, ["a", "b"], leak=leak)
        new = CRI_network({"x": [("a", 10)]}, {key: (value, model) for key, value in plain.items()}, ["a", "b"])
        for inputs in (["x"], [], ["x"], ["x"], [], []):
            assert old.step(inputs, membranePotential=True) == new.step(inputs, membranePotential=True)


def test_return_shapes_of_simple_sim() -> None:
    network = CRI_network(AXONS, connections(), ["a", "b"], target="simpleSim")
    assert network.step(["alpha"]) == []
    assert network.step([]) == ["a", "b"]
    potentials, fired = network.step([], membranePotential=True)
    assert fired == [] and potentials == [("a", 0), ("b", 1), ("c", 0), ("d", 2)]
    assert all(type(v) is int for _, v in potentials)


def test_return_shapes_of_cri() -> None:
    network = CRI_network(AXONS, connections(), ["a", "b"], target="CRI")
    fired, cycles, accesses = network.step(["alpha"])
    assert fired == [] and type(cycles) is int and type(accesses) is int
    assert cycles > network.program.params.groups and accesses == 1, "two synapses, one word over two lanes"
    potentials, result = network.step([], membranePotential=True)
    assert result[0] == ["a", "b"] and len(result) == 3
    assert potentials == [("a", 0), ("b", 1), ("c", 0), ("d", 2)]


@pytest.mark.parametrize("target", ["simpleSim", "CRI"])
def test_run_cont_is_many_steps(target: str) -> None:
    inputs = [["alpha"], ["beta"], [], ["alpha", "beta"], [], []]
    stepped = CRI_network(AXONS, connections(), ["a", "d"], target=target)
    at_once = CRI_network(AXONS, connections(), ["a", "d"], target=target)
    results = [stepped.step(keys) for keys in inputs]
    if target == "simpleSim":
        assert at_once.run_cont(inputs) == [(t, key) for t, fired in enumerate(results) for key in fired]
    else:
        spikes = [(t, key) for t, (fired, _, _) in enumerate(results) for key in fired]
        assert at_once.run_cont(inputs) == (spikes, sum(r[1] for r in results), sum(r[2] for r in results))
        assert spikes
    assert at_once.read_membrane("abcd") == stepped.read_membrane("abcd")


def test_an_input_that_is_named_twice_fires_once() -> None:
    network = CRI_network({"x": [("n", 2)]}, {"n": ([], IF_neuron(9))}, [])
    network.step(["x", "x"])
    assert network.read_membrane(["n"]) == [2]


def test_duplicate_synapses_add() -> None:
    network = CRI_network({"x": [("n", 2), ("n", 3)]}, {"n": ([("n", 1), ("n", 1)], IF_neuron(4))}, ["n"])
    network.step(["x"])
    assert network.read_membrane(["n"]) == [5]
    assert network.step([]) == ["n"] and network.read_membrane(["n"]) == [2]


def test_synapses_are_read_and_written() -> None:
    network = CRI_network(AXONS, connections(), [])
    assert [network.read_synapse("alpha", "b"), network.read_synapse("a", "d")] == [3, 2]
    network.write_synapse("alpha", "b", -7)
    network.write_listofSynapses(["a", "beta", "a"], ["d", "d", "b"], np.array([4, 5, 6], dtype=np.int16))
    found = [network.read_synapse(*pair) for pair in (("alpha", "b"), ("a", "d"), ("beta", "d"), ("a", "b"))]
    assert found == [-7, 4, 5, 6]
    assert network.machine.weights().tolist() == [3, -7, 5, 6, 4, 1], "what runs has them too"
    network.step(["alpha"])
    assert network.read_membrane(["a", "b"]) == [3, -7]


def test_the_first_of_several_synapses_is_read_and_written() -> None:
    network = CRI_network({"x": [("n", 2), ("n", 3, True)]}, {"n": ([], IF_neuron(99, delay_value=2))}, [])
    network.write_synapse("x", "n", 10)
    assert network.read_synapse("x", "n") == 10
    seen = []
    for inputs in (["x"], [], []):
        network.step(inputs)
        seen.append(network.read_membrane(["n"])[0])
    assert seen == [10, 10, 13]


@pytest.mark.parametrize(("target", "membranes"), [("simpleSim", [3, 0]), ("CRI", [("a", 3), ("c", 0)])])
def test_membranes_are_plain_values_or_pairs(target: str, membranes: list[Any]) -> None:
    network = CRI_network(AXONS, connections(), ["a"], target)
    assert network.read_membrane([]) == []
    network.step(["alpha"])
    assert network.read_membrane(["a", "c"]) == membranes


def test_counts_of_cri_are_computed_when_they_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    network = CRI_network(AXONS, connections(), ["a", "b"], target="CRI")
    made: list[int] = []
    monkeypatch.setattr(CompiledCycles, "step", lambda *_: made.append(1) or (7, 1))
    result = network.step(["alpha"])
    assert result[0] == [] and isinstance(result, tuple) and len(result) == 3 and not made
    assert result[1] == 7 and result[-1] == 1 and len(made) == 1
    assert tuple(result) == result == ([], 7, 1) and result != ([], 8, 1) and len(made) == 1, "computed once"
    assert pickle.loads(pickle.dumps(result)) == ([], 7, 1) and repr(result) == "([], 7, 1)"


def test_run_cont_is_one_call_of_the_target() -> None:
    calls = []

    class Counting(Emulator):
        def run(self, events: Events, **options: Any) -> Trace:
            calls.append(events.steps)
            return super().run(events, **options)

    network = CRI_network(AXONS, connections(), ["a", "b", "d"], backend=Counting)
    calls.clear()
    spikes = network.run_cont([["alpha"], ["beta"], [], []] * 25)
    assert calls == [100] and {key for _, key in spikes} == {"a", "b", "d"}
    assert network.run_cont([]) == []


@pytest.mark.parametrize("target", ["simpleSim", "CRI"])
def test_a_step_costs_microseconds(target: str) -> None:
    """Of the processor, of which a noisy machine has the least when it is measured often."""
    network = CRI_network({"x": [("n", 2)]}, {"n": ([], IF_neuron(9))}, ["n"], target)
    network.step(["x"])
    least = 1.0
    for _ in range(50):
        begin = time.thread_time()
        for _ in range(100):
            network.step(["x"])
        least = min(least, (time.thread_time() - begin) / 100)
    assert least < 40e-6, "15 on an idle machine"


def test_whole_floats_are_numbers() -> None:
    network = CRI_network(
        {"x": [("n", 2.0), ("m", np.float32(3))]},
        {"n": ([("m", -1.0, True)], IF_neuron(9.0)), "m": ([], IF_neuron(9))},
        [],
    )
    network.step(["x"])
    assert network.read_membrane(["n", "m"]) == [2, 3]
    network.write_synapse("n", "m", 5.0)  # type: ignore[arg-type]
    assert network.read_synapse("n", "m") == 5


def test_weights_beyond_16_bits_saturate_with_a_warning() -> None:
    with pytest.warns(
        UserWarning, match=r"^3 weights are beyond 16 bits .* the first: axon 'x', synapse 1, 40000 becomes"
    ):
        network = CRI_network(
            {"w": [("n", 1)], "x": [("n", 1), ("n", 40000)]},
            {"n": ([("n", 1e9), ("n", -1e30, True)], IF_neuron(9))},
            [],
        )
    assert network.program.weight.tolist() == [1, 1, 32767, 32767, -32768]
    with pytest.warns(UserWarning, match=r"^1 weights .* the first: the weight from 'w' to 'n', -32769 becomes -32768"):
        network.write_synapse("w", "n", -32769)
    assert network.read_synapse("w", "n") == -32768


def test_an_older_perturbation_warns_and_has_no_effect() -> None:
    config = {"neuron_type": "LI&F", "global_neuron_params": {"v_thr": 3}}
    with pytest.warns(UserWarning, match="perturbMag 16 has no effect"):
        network = CRI_network({"x": [("a", 4)]}, {"a": []}, config, ["a"], perturbMag=16)
    assert network.perturbMag == 16
    with pytest.warns(UserWarning, match="perturbMag 3 has no effect"):
        network.set_perturbMag(3)
    network.set_perturbMag(0)
    assert network.perturbMag == 0 and network.read_membrane(["a"]) == [0]


def test_arguments_about_placement_are_kept_and_have_no_effect() -> None:
    network = CRI_network(AXONS, connections(), ["a"], membership={0: 1}, n_cores=4, random_shuffle=True, coreID=2)
    assert (network.membership, network.n_cores, network.random_shuffle, network.coreID) == ({0: 1}, 4, True, 2)
    plain = CRI_network(AXONS, connections(), ["a"])
    assert (plain.membership, plain.n_cores, plain.random_shuffle, plain.coreID) == (None, None, False, 0)
    assert network.program.params == plain.program.params


def test_clear_goes_back_to_the_start_and_keeps_weights() -> None:
    network = CRI_network(AXONS, connections(), ["a", "b", "d"])
    network.write_synapse("beta", "d", 9)
    first = trace(network, "simpleSim")
    network.clear()
    assert trace(network, "simpleSim") == first


@pytest.mark.parametrize("seed", range(6))
def test_costs_of_a_core_without_limits_are_those_of_sparse_rows(seed: int) -> None:
    case = random_case(seed)
    program = CRI_network(case.axons, case.connections, case.outputs).program
    image = compile_program(program, encoding="sparse")
    wanted, got = cycle_model(image), boundless_core(program)
    rng = np.random.default_rng(seed)
    for _ in range(10):
        axons = np.flatnonzero(rng.random(program.inputs) < 0.5)
        fired = np.flatnonzero(rng.random(program.neurons) < 0.3)
        rows = image.neurons.row[fired].tolist()
        assert got.step(axons.tolist(), fired.tolist()) == wanted.step(image.inputs.axon[axons].tolist(), rows)


@pytest.mark.parametrize("encoding", ["sparse", "dense", "auto"])
@pytest.mark.parametrize("seed", range(4))
def test_compiled_cycles_are_those_of_the_cycle_model(seed: int, encoding: Any) -> None:
    """Rows of several entries and of none, outputs that lead nowhere else, neurons that lead nowhere."""
    case = random_case(seed, neurons=40)
    program = CRI_network(case.axons, case.connections, case.outputs).program
    model = cycle_model(compile_program(program, encoding=encoding))
    compiled, rng = CompiledCycles(model), np.random.default_rng(seed)
    for _ in range(20):
        axons = np.flatnonzero(rng.random(program.inputs) < rng.random())
        fired = rng.permutation(np.flatnonzero(rng.random(program.neurons) < rng.random()))
        to = [entry.axon for row in fired.tolist() for entry in model.fanout[row] if entry.scope == Scope.CORE]
        words = sum(sum(model.rows[axon]) for axon in [*axons.tolist(), *to])
        assert compiled.step(axons, fired) == (model.step(axons.tolist(), fired.tolist()).step, words)


@pytest.mark.long
def test_a_network_too_large_for_one_core_has_costs_too() -> None:
    connections: dict[Any, Any] = {n: ([], IF_neuron(0)) for n in range(65_537)}
    connections[0] = ([(n, 1) for n in range(8)], IF_neuron(0))
    network = CRI_network({"x": [(0, 1), (1, 1)]}, connections, [1], target="CRI")
    assert network.step(["x"])[2] == 1
    fired, cycles, accesses = network.step([])
    assert fired == [1] and cycles > 65_537 // 4 and accesses == 2


def test_the_largest_network_that_the_hardware_claims() -> None:
    """10,000 axons and neurons, one neuron with 8,191 inputs, an axon with 4,096 targets."""
    keys = [f"N{n}" for n in range(10_000)]
    axons: dict[str, list[Any]] = {f"A{n}": [(keys[n], 1)] for n in range(10_000)}
    for n in range(8_191):
        axons[f"A{n}"].append(("sum", 1))
    axons["A9999"] = [(key, 2) for key in keys[:4_096]]
    network = CRI_network(axons, {key: ([], ANN_neuron(0)) for key in (*keys, "sum")}, [*keys, "sum"], target="CRI")
    fired, _, _ = network.step(list(axons))
    assert fired == []
    potentials = dict(network.read_membrane(["sum", "N0", "N5000", "N9999"]))
    assert potentials == {"sum": 8_191, "N0": 3, "N5000": 1, "N9999": 0}
    fired, cycles, accesses = network.step([])
    assert len(fired) == 10_000 and cycles > 10_000 and accesses == 0
