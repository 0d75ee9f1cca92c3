"""`CRI_network` does, step by step, what HiAER-Spike's description says."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganglion.hs_api import CRI_network, IF_neuron, LIF_neuron
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.reference import Reference
from tests.model.interchange.cri.networks import Case, noise_of, random_case
from tests.model.interchange.cri.oracle import Oracle


def compare(case: Case, backend: Any, seed: int = 0) -> None:
    """All membranes and all output spikes of every step."""
    network = CRI_network(case.axons, case.connections, case.outputs, target="simpleSim", backend=backend, seed=seed)
    oracle = Oracle(case.axons, case.connections, noise=noise_of(case, seed))
    assert network.read_membrane(list(case.connections)) == [0] * len(case.connections)
    for t, inputs in enumerate(case.inputs):
        potentials, fired = network.step(inputs, membranePotential=True)
        wanted = oracle.step(inputs)
        assert fired == [key for key in wanted if key in case.outputs], f"spikes of step {t}"
        assert dict(potentials) == {key: oracle.membrane.get(key, 0) for key in case.connections}, f"step {t}"


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=150)
def test_random_networks_on_the_emulator(seed: int) -> None:
    compare(random_case(seed), Emulator)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_random_networks_with_noise_on_the_emulator(seed: int) -> None:
    compare(random_case(seed, noise=True), Emulator, seed)


@pytest.mark.parametrize("noise", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_random_networks_on_the_reference(seed: int, noise: bool) -> None:
    compare(random_case(seed, noise=noise), Reference, seed)


@pytest.mark.parametrize("refractory", range(8))
def test_refractory_periods(refractory: int) -> None:
    """After a spike in step s, weights of steps s to s + refractory - 1 are lost, and the next spike is in step
    s + refractory + 1."""
    model = LIF_neuron(threshold=0, shift=-17, leak=63, refractory_max=refractory)
    network = CRI_network({"a": [("n", 1)]}, {"n": ([], model)}, ["n"])
    steps = [(network.step(["a"]), network.read_membrane(["n"])[0]) for _ in range(20)]
    period = refractory + 1
    assert [bool(fired) for fired, _ in steps] == [t > 0 and (t - 1) % period == 0 for t in range(20)]
    assert [v for _, v in steps] == [int(t == 0 or t % period == 0) for t in range(20)]


@pytest.mark.parametrize("leak", [32, 33, 35, 62, 63, 64])
def test_a_leak_of_32_and_above_takes_nothing_from_either_sign(leak: int) -> None:
    network = CRI_network(
        {"a": [("down", -3), ("up", 3)]}, {k: ([], LIF_neuron(9, -17, leak)) for k in ("down", "up")}, []
    )
    for inputs in (["a"], [], [], []):
        network.step(inputs)
        assert network.read_membrane(["down", "up"]) == [-3, 3]


def test_a_leak_of_31_rounds_down() -> None:
    network = CRI_network(
        {"a": [("down", -3), ("up", 3)]}, {k: ([], LIF_neuron(9, -17, 31)) for k in ("down", "up")}, []
    )
    seen = []
    for inputs in (["a"], [], [], [], []):
        network.step(inputs)
        seen.append(network.read_membrane(["down", "up"]))
    assert seen == [[-3, 3], [-2, 3], [-1, 3], [0, 3], [0, 3]]


def test_soft_reset_keeps_what_was_above_the_threshold() -> None:
    models = {"if": IF_neuron(4, soft_reset=True), "lif": LIF_neuron(4, -17, 63, soft_reset_en=True)}
    network = CRI_network({"a": [("if", 14), ("lif", 14)]}, {key: ([], m) for key, m in models.items()}, list(models))
    seen = []
    for inputs in (["a"], [], [], [], []):
        potentials, fired = network.step(inputs, membranePotential=True)
        assert dict(potentials)["if"] == dict(potentials)["lif"]
        seen.append((dict(potentials)["if"], len(fired)))
    assert seen == [(14, 0), (10, 2), (6, 2), (2, 2), (2, 0)]


@pytest.mark.parametrize("delay", [0, 1, 5, 15])
def test_a_flagged_synapse_waits(delay: int) -> None:
    """Its weight is added `delay` steps later than one without the flag."""
    model = LIF_neuron(0, -17, 63, dual_synapse_en=True, delay_value=delay)
    network = CRI_network(
        {"a": [("source", 1)]},
        {
            "source": ([("now", 5), ("later", 5, True), ("now too", 5, False)], model),
            "now": ([], LIF_neuron(2)),
            "now too": ([], LIF_neuron(2)),
            "later": ([], LIF_neuron(2)),
        },
        ["source", "now", "now too", "later"],
    )
    spikes = [(t, key) for t in range(20) for key in network.step(["a"] if t == 0 else [])]
    assert sorted(spikes, key=str) == sorted([(1, "source"), (2, "now"), (2, "now too"), (2 + delay, "later")], key=str)
