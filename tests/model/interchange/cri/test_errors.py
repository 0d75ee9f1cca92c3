"""What cannot be is refused with one clear error that names the key; nothing is half-loaded or half-written."""

from typing import Any

import numpy as np
import pytest

from ganglion.hs_api import ANN_neuron, CRI_network, IF_neuron, LIF_neuron
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.errors import GanglionError, ProgramError

MODEL = IF_neuron(3)


def build(axons: Any = None, connections: Any = None, outputs: Any = ("n",), **named: Any) -> CRI_network:
    made = []

    def backend(program: Any) -> Emulator:
        made.append(program)
        return Emulator(program)

    try:
        return CRI_network(
            {"x": [("n", 1)]} if axons is None else axons,
            {"n": ([], MODEL)} if connections is None else connections,
            outputs,
            backend=backend,
            **named,
        )
    except GanglionError:
        assert not made, "something was loaded before the error"
        raise


@pytest.mark.parametrize(
    ("axons", "message"),
    [
        ([("n", 1)], "axons must be a dictionary, not list"),
        ({"n": []}, "key 'n' is that of an axon and of a neuron"),
        ({"x": [("n", 1), ("m", 1)]}, "axon 'x': synapse 1 goes to 'm', which is not in connections"),
        ({"x": [("x", 1)]}, "axon 'x': synapse 0 goes to 'x', which is an axon, which receives nothing"),
        (
            {("x", 1): [("n", "1")]},
            r"axon \('x', 1\): weight of synapse 0, to 'n', must be a whole number from -32768 to 32767, not '1'",
        ),
        ({"x": [("n", float("inf"))]}, "must be a whole number from -32768 to 32767, not inf"),
        ({"x": [("n", 1.5)]}, "weight of synapse 0, to 'n', must be a whole number from -32768 to 32767, not 1.5"),
        (
            {"x": [["n", 1]]},
            r"axon 'x': synapse 0 must be \(neuron, weight\) or \(neuron, weight, delayed\), not \['n', 1\]",
        ),
        ({"x": [("n",)]}, r"axon 'x': synapse 0 must be \(neuron, weight\)"),
        ({"x": "n"}, r"axon 'x': synapses must be a list of \(neuron, weight\), not 'n'"),
        ({"x": [(["n"], 1)]}, r"\['n'\] is no key: list cannot be hashed"),
    ],
)
def test_bad_axons(axons: Any, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        build(axons=axons)


@pytest.mark.parametrize(
    ("connections", "message"),
    [
        ([], "connections must be a dictionary, not list"),
        ({}, "connections must have at least one neuron"),
        (
            {"n": [("n", 1)]},
            r"neuron 'n': connections must have \(synapses, model\) or \(synapses, model, core\) for it",
        ),
        ({"n": ([], "LIF")}, "neuron 'n': its model must be a LIF_neuron, ANN_neuron or IF_neuron, not 'LIF'"),
        ({"n": ([], LIF_neuron)}, "neuron 'n': its model must be a LIF_neuron"),
        ({"n": ([], MODEL, "core")}, "neuron 'n': core must be a whole number"),
        ({"n": ([("m", 1)], MODEL)}, "neuron 'n': synapse 0 goes to 'm', which is not in connections"),
        ({"n": ([("n", 0.25)], MODEL)}, "neuron 'n': weight of synapse 0, to 'n', must be a whole number"),
        ({"n": ([], LIF_neuron(1, -17, 4, soft_reset_en=True))}, "neuron 'n': soft reset of a neuron that leaks"),
        ({"n": ([], ANN_neuron(1, soft_reset_en=True))}, "neuron 'n': soft reset of a neuron that leaks"),
    ],
)
def test_bad_connections(connections: Any, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        build(connections=connections)


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        (["n", "m"], "output 1 is 'm', which is not in connections"),
        (["x"], "output 0 is 'x', which is an axon"),
        ("n", "outputs must be a list of keys of neurons, not 'n'"),
        (5, "outputs must be a list of keys of neurons, not 5"),
    ],
)
def test_bad_outputs(outputs: Any, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        build(outputs=outputs)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LIF_neuron(1, -18), "LIF_neuron: shift must be -17 to 18, not -18"),
        (lambda: LIF_neuron(1, -17, 65), "LIF_neuron: leak must be 0 to 64, not 65"),
        (lambda: LIF_neuron(1, -17, 63, 8), "LIF_neuron: refractory_max must be 0 to 7, not 8"),
        (lambda: ANN_neuron(1, delay_value=16), "ANN_neuron: delay_value must be 0 to 15, not 16"),
        (lambda: IF_neuron(1 << 36), "IF_neuron: threshold must be -34359738368 to 34359738367"),
        (lambda: IF_neuron(0.5), "IF_neuron: threshold must be a whole number"),
        (lambda: LIF_neuron(1, shadow_uram_offset=1), "LIF_neuron: shadow_uram_offset must be 0, not 1"),
        (lambda: IF_neuron(1, -17, 2, legacy_noise_en=1), "IF_neuron: refractory_max 2 with legacy_noise_en"),
    ],
)
def test_bad_models(make: Any, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        make()


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"target": "cri"}, "target must be 'simpleSim' or 'CRI', not 'cri'"),
        ({"config": 3}, "config must be a dictionary, not 3"),
        ({"config": {"neuron_type": "ANN"}}, "config has no 'global_neuron_params'; it has 'neuron_type'"),
        ({"config": {"neuron_type": "ANN", "global_neuron_params": {}}}, "must be a dictionary with 'v_thr', not {}"),
        (
            {"config": {"neuron_type": "?", "global_neuron_params": {"v_thr": 1}}},
            r"config\['neuron_type'\] must be 'I&F', 'LI&F' or 'ANN', not '\?'",
        ),
    ],
)
def test_bad_arguments(named: Any, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        build(**named)


@pytest.mark.parametrize(
    ("positional", "named", "message"),
    [
        ((), {}, "CRI_network needs outputs"),
        ((["n"],), {"cores": 2}, "CRI_network has no argument 'cores'; it has axons, connections, outputs, target"),
        ((["n"], "CRI"), {"target": "CRI"}, "CRI_network got two values for 'target'"),
        ((["n"], "CRI", False, 0, 1), {}, "CRI_network takes 6 arguments, 7 were given"),
    ],
)
def test_calls_that_python_would_refuse(positional: Any, named: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        CRI_network({}, {"n": ([], MODEL)}, *positional, **named)


def test_bad_inputs_run_nothing() -> None:
    network = build(axons={"x": [("n", 4)], "y": [("n", 1)]})
    network.step(["x"])
    for inputs, message in (
        (["y", "z"], "inputs must be keys of axons; 'z' is not in the network"),
        (["n"], "inputs must be keys of axons; 'n' is a neuron"),
        ("x", "inputs must be a list of keys of axons, not 'x'"),
        ([["x"]], r"\['x'\] is no key: list cannot be hashed"),
    ):
        with pytest.raises(ProgramError, match=message):
            network.step(inputs)
        with pytest.raises(ProgramError, match=message):
            network.run_cont([["x"], inputs])
    assert network.read_membrane(["n"]) == [4]
    assert network.step([]) == ["n"]


def test_bad_keys_of_membranes() -> None:
    network = build()
    with pytest.raises(ProgramError, match="there is no neuron 'm': it is not in the network"):
        network.read_membrane(["n", "m"])
    with pytest.raises(ProgramError, match="there is no neuron 'x': it is an axon"):
        network.read_membrane(["x"])


@pytest.mark.parametrize(
    ("pres", "posts", "weights", "message"),
    [
        (["x", "x"], ["n", "m"], [5, 5], "there is no synapse from 'x' to 'm'"),
        (["x", "z"], ["n", "n"], [5, 5], "there is no neuron 'z': it is not in the network"),
        (["x", "x"], ["n", "x"], [5, 5], "there is no neuron 'x': it is an axon"),
        (["x", "x"], ["n", "n"], [5, 0.5], "weight from 'x' to 'n' must be a whole number"),
        (["x", "x"], ["n"], [5, 5], "lists must have one length, not 2 preKeys, 1 postKeys, 2 weights"),
    ],
)
def test_failing_writes_change_nothing(pres: Any, posts: Any, weights: Any, message: str) -> None:
    network = build(connections={"n": ([("m", 2)], MODEL), "m": ([], MODEL)})
    with pytest.raises(ProgramError, match=message):
        network.write_listofSynapses(pres, posts, weights)
    if len(posts) == 2:
        with pytest.raises(ProgramError, match=message):
            network.write_synapse(pres[1], posts[1], weights[1])
    assert [network.read_synapse("x", "n"), network.read_synapse("n", "m")] == [1, 2]
    np.testing.assert_array_equal(network.machine.weights(), [1, 2])
