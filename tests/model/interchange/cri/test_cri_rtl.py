"""HiAER-Spike programs on the chip itself."""

from typing import Any

import pytest

from ganglion.hs_api import RTL, ANN_neuron, CRI_network, IF_neuron, LIF_neuron
from tests.model.interchange.cri.networks import random_case
from tests.model.interchange.cri.oracle import Oracle


@pytest.mark.parametrize("seed", [11, 12])
def test_random_networks_on_the_rtl(seed: int) -> None:
    """Membranes and spikes of every step as the description says; cycles and memory accesses as predicted."""
    case = random_case(seed, neurons=20, steps=12)
    chip = CRI_network(case.axons, case.connections, case.outputs, target="CRI", backend=RTL)
    emulated = CRI_network(case.axons, case.connections, case.outputs, target="CRI")
    oracle = Oracle(case.axons, case.connections)
    for t, inputs in enumerate(case.inputs):
        potentials, result = chip.step(inputs, membranePotential=True)
        wanted = oracle.step(inputs)
        assert result[0] == [key for key in wanted if key in case.outputs], f"spikes of step {t}"
        assert dict(potentials) == {key: oracle.membrane.get(key, 0) for key in case.connections}, f"step {t}"
        assert result == emulated.step(inputs), f"cycles, accesses of step {t}"


def test_writes_and_clear_on_the_rtl() -> None:
    def run(backend: Any) -> list[Any]:
        options = {} if backend is None else {"backend": backend}
        models = LIF_neuron(3, -17, 2, 1, delay_value=4), ANN_neuron(-1), IF_neuron(2, soft_reset=True)
        network = CRI_network(
            {"x": [("a", 9), ("b", -2)], "y": [("c", 5), ("c", 5)]},
            {"a": ([("b", 3), ("c", 2, True)], models[0]), "b": ([("a", 1)], models[1]), "c": ([], models[2])},
            ["a", "b", "c"],
            **options,
        )
        found = []
        for _ in range(2):
            found += [network.step(keys, membranePotential=True) for keys in (["x"], ["x", "y"], [], ["y"], [], [])]
            network.write_listofSynapses(["x", "a", "y"], ["a", "c", "c"], [-32768, 32767, 1])
            found += [network.step(keys, membranePotential=True) for keys in (["x"], ["y"], [], ["x", "y"], [], [], [])]
            network.clear()
        return found

    assert run(RTL) == run(None)
