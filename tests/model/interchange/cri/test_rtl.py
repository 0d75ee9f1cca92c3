"""HiAER-Spike programs on the chip itself."""

from functools import partial
from typing import Any

import pytest

from ganglion import Program, Rtl, compile_program
from ganglion.hs_api import COUNTED, RTL, ANN_neuron, CRI_network, IF_neuron, LIF_neuron
from ganglion.sim.native import NativeDriver
from tests.model.interchange.cri.networks import noise_of, random_case
from tests.model.interchange.cri.oracle import Oracle

pytestmark = pytest.mark.sim


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chips are built in half the time: what runs on them is short."""
    monkeypatch.setattr("ganglion.sim.native.NativeDriver", partial(NativeDriver, quick=True))


@pytest.mark.parametrize(("seed", "noise"), [pytest.param(11, False, marks=pytest.mark.slow), (12, True)])
def test_random_networks_on_the_rtl(seed: int, noise: bool) -> None:
    """Membranes and spikes of every step as the description says; cycles and memory accesses as predicted."""
    case = random_case(seed, neurons=20, steps=12, noise=noise)
    chip = CRI_network(case.axons, case.connections, case.outputs, target="CRI", backend=RTL)
    emulated = CRI_network(case.axons, case.connections, case.outputs, target="CRI")
    oracle = Oracle(case.axons, case.connections, noise=noise_of(case, 0))
    for t, inputs in enumerate(case.inputs):
        potentials, result = chip.step(inputs, membranePotential=True)
        wanted = oracle.step(inputs)
        assert result[0] == [key for key in wanted if key in case.outputs], f"spikes of step {t}"
        assert dict(potentials) == {key: oracle.membrane.get(key, 0) for key in case.connections}, f"step {t}"
        assert result == emulated.step(inputs), f"cycles, accesses of step {t}"


@pytest.mark.slow
def test_several_cores() -> None:
    """A HiAER-Spike network does the same on the RTL of four cores, of which no cycles are predicted."""
    made = []

    def backend(program: Program) -> Rtl:
        params = program.params.replace(
            levels=(4,), neurons=16, axons=128, synapse_words=512, fanout_entries=128, lanes=2
        )
        made.append(Rtl(compile_program(program, params), counters=COUNTED))
        return made[0]

    case = random_case(3, neurons=40, axons=10, steps=15)
    chip = CRI_network(case.axons, case.connections, case.outputs, target="CRI", backend=backend)
    oracle = Oracle(case.axons, case.connections)
    for t, inputs in enumerate(case.inputs):
        potentials, (fired, cycles, accesses) = chip.step(inputs, membranePotential=True)
        wanted = oracle.step(inputs)
        assert fired == [key for key in wanted if key in case.outputs], f"spikes of step {t}"
        assert dict(potentials) == {key: oracle.membrane.get(key, 0) for key in case.connections}, f"step {t}"
        assert cycles > 0 and (accesses > 0) == bool(inputs or wanted)
    made[0].close()


@pytest.mark.slow
def test_the_largest_network_that_the_hardware_claims_on_the_rtl() -> None:
    """The largest HiAER-Spike network on the RTL: 10,000 neurons, one with 8,191 inputs, an axon with 4,096 targets."""
    keys = [f"N{n}" for n in range(10_000)]
    axons: dict[str, list[Any]] = {f"A{n}": [(keys[n], 1)] for n in range(10_000)}
    for n in range(8_191):
        axons[f"A{n}"].append(("sum", 1))
    axons["A9999"] = [(key, 2) for key in keys[:4_096]]
    connections = {key: ([], ANN_neuron(0)) for key in (*keys, "sum")}
    chip = CRI_network(axons, connections, [*keys, "sum"], target="CRI", backend=RTL)
    emulated = CRI_network(axons, connections, [*keys, "sum"], target="CRI")
    assert chip.step(list(axons)) == emulated.step(list(axons))
    assert chip.read_membrane([*keys, "sum"]) == emulated.read_membrane([*keys, "sum"])
    assert dict(chip.read_membrane(["sum", "N0", "N5000"])) == {"sum": 8_191, "N0": 3, "N5000": 1}
    assert chip.step([]) == emulated.step([])


def test_writes_and_clear_on_the_rtl() -> None:
    def run(backend: Any) -> list[Any]:
        options = {} if backend is None else {"backend": backend}
        models = LIF_neuron(3, -4, 2, 1, delay_value=4), ANN_neuron(-1), IF_neuron(2, soft_reset=True)
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
