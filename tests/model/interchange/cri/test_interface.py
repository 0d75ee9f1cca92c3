"""The constructor forms, return shapes and other methods that HiAER-Spike programs rely on."""

from typing import Any

import numpy as np
import pytest

from ganglion.hs_api import ANN_neuron, CRI_network, IF_neuron, LIF_neuron, neuron_model
from ganglion.model.compiler import compile_program
from ganglion.model.compiler.predict import cycle_model
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.interchange.cri.cost import boundless_core
from ganglion.model.spec.noise import noise
from ganglion.model.spec.reference import Reference
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
        found.append((fired, network.read_membrane(["a", "b", "c", "d"])))
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
    assert network.read_membrane(["n"]) == [("n", 2)]


def test_duplicate_synapses_add() -> None:
    network = CRI_network({"x": [("n", 2), ("n", 3)]}, {"n": ([("n", 1), ("n", 1)], IF_neuron(4))}, ["n"])
    network.step(["x"])
    assert network.read_membrane(["n"]) == [("n", 5)]
    assert network.step([]) == ["n"] and network.read_membrane(["n"]) == [("n", 2)]


def test_synapses_are_read_and_written() -> None:
    network = CRI_network(AXONS, connections(), [])
    assert [network.read_synapse("alpha", "b"), network.read_synapse("a", "d")] == [3, 2]
    network.write_synapse("alpha", "b", -7)
    network.write_listofSynapses(["a", "beta", "a"], ["d", "d", "b"], np.array([4, 5, 6], dtype=np.int16))
    found = [network.read_synapse(*pair) for pair in (("alpha", "b"), ("a", "d"), ("beta", "d"), ("a", "b"))]
    assert found == [-7, 4, 5, 6]
    assert network.machine.weights().tolist() == [3, -7, 5, 6, 4, 1], "what runs has them too"
    network.step(["alpha"])
    assert dict(network.read_membrane(["a", "b"])) == {"a": 3, "b": -7}


def test_the_first_of_several_synapses_is_read_and_written() -> None:
    network = CRI_network({"x": [("n", 2), ("n", 3, True)]}, {"n": ([], IF_neuron(99, delay_value=2))}, [])
    network.write_synapse("x", "n", 10)
    assert network.read_synapse("x", "n") == 10
    seen = []
    for inputs in (["x"], [], []):
        network.step(inputs)
        seen.append(network.read_membrane(["n"])[0][1])
    assert seen == [10, 10, 13]


def test_clear_goes_back_to_the_start_and_keeps_weights() -> None:
    network = CRI_network(AXONS, connections(), ["a", "b", "d"])
    network.write_synapse("beta", "d", 9)
    first = trace(network, "simpleSim")
    network.clear()
    assert trace(network, "simpleSim") == first


@pytest.mark.parametrize("backend", [Emulator, Reference])
@pytest.mark.parametrize("shift", [0, -1, -9, -16])
@pytest.mark.parametrize("make", [LIF_neuron, ANN_neuron])
def test_noise_is_the_chips_own_of_the_stated_amplitude(make: Any, shift: int, backend: Any) -> None:
    """The membrane that is read already has the noise that the next step tests."""
    network = CRI_network({}, {n: ([], make(1 << 20, shift)) for n in range(9)}, [], backend=backend, seed=5)
    draws = np.array([[noise(5, t, n, 17 + shift) for n in range(9)] for t in range(12)])
    half = 1 << (16 + shift)
    assert draws.min() >= -half and draws.max() < half and draws.any()
    leaked = np.zeros(9, dtype=int)
    for t in range(1, 12):
        before = leaked + draws[t - 1]
        network.step([])
        leaked = before - (before >> 63) if make is LIF_neuron else np.zeros(9, dtype=int)
        assert [v for _, v in network.read_membrane(range(9))] == (leaked + draws[t]).tolist()


@pytest.mark.parametrize("backend", [Emulator, Reference])
@pytest.mark.parametrize("shift", [1, 15, 18])
def test_loud_noise_is_odd_numbers_of_17_bits_shifted_left(shift: int, backend: Any) -> None:
    """Beside a neuron of the chip's own noise and one of none; the same again after `clear`."""
    models = {n: ANN_neuron((1 << 35) - 1, shift) for n in range(30)}
    others = {"own": IF_neuron(9, -5), "none": IF_neuron(9), "sum": IF_neuron((1 << 35) - 1, shift)}
    network = CRI_network({}, {n: ([], model) for n, model in (models | others).items()}, [], backend=backend)
    seen = []
    for _ in range(2):
        for _ in range(12):
            seen.append([v for _, v in network.read_membrane([*range(30), "none", "sum"])])
            network.step([])
        network.clear()
    assert seen[:12] == seen[12:]
    values = np.array(seen[:12])
    draws = values[:, :30]
    assert not values[:, 30].any()
    if shift == 1:
        assert (np.diff(values[:, 31]) % 2 == 0).all() and np.diff(values[:, 31]).all(), "nothing is forgotten"
    assert (draws % (1 << shift) == 0).all() and ((draws >> shift) % 2 == 1).all()
    assert (np.abs(draws >> shift) < 1 << 16).all() and (np.abs(draws >> shift) > 1 << 15).any()
    assert len(np.unique(draws)) > 300 and abs((draws >> shift).mean()) < 5 * (1 << 16) / np.sqrt(3 * 360)


def test_shift_minus_17_is_silence() -> None:
    network = CRI_network({}, {"n": ([], LIF_neuron(0, -17, 63))}, ["n"])
    for _ in range(100):
        assert network.step([]) == [] and network.read_membrane(["n"]) == [("n", 0)]


def test_models_tell_their_parameters() -> None:
    model = LIF_neuron(10, -3, 5, 2, True, 7)
    getters = (
        model.get_threshold(),
        model.get_shift(),
        model.get_leak(),
        model.get_neuronModel(),
        model.get_refractory_max(),
        model.get_delay_value(),
        model.get_soft_reset(),
        model.get_dual_synapse_en(),
        model.get_legacy_noise_en(),
    )
    assert getters == (10, -3, 5, 2, 2, 7, 0, 1, 0)
    assert [ANN_neuron(1, 0).get_neuronModel(), IF_neuron(1).get_neuronModel()] == [0, 3]
    assert repr(model) == "LIF_neuron(threshold=10, shift=-3, leak=5, refractory_max=2, delay_value=7)"
    assert repr(IF_neuron(3, soft_reset=True)) == "IF_neuron(theta=3, nu=-17, soft_reset=True)"
    assert isinstance(model, neuron_model)


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
