"""What programs reach into: the simulator by numbers, the connectome, `hs_bridge`, the dump of a simulation."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganglion.hs_api import ANN_neuron, CRI_network, IF_neuron, LIF_neuron
from ganglion.model.interchange.cri import bridge
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.packets import end, spike

LIF, ANN = LIF_neuron(2), ANN_neuron(5)
AXONS = {"alpha": [("a", 3), ("b", 3)], "beta": [("d", 3)]}
CONNECTIONS = {"a": ([("b", 1), ("d", 2, True)], LIF), "b": ([], LIF), "c": ([], ANN), "d": ([("c", 1)], IF_neuron(9))}


def network(target: str = "simpleSim", **named: Any) -> CRI_network:
    return CRI_network(AXONS, CONNECTIONS, ["a", "d"], target, **named)


def test_the_simulator_counts_steps_and_is_cleared() -> None:
    net = network()
    assert net.simpleSim is not None and net.simpleSim.stepNum == 0 and net.simpleSim.numNeurons == 4
    net.step(["alpha"])
    net.run_cont([[], []])
    assert net.simpleSim.stepNum == 3 and net.simpleSim.get_membranePotentials().tolist() == [0, 1, 0, 2]
    net.simpleSim.initialize_sim_vars(4)
    assert net.simpleSim.stepNum == 3 and net.read_membrane("abcd") == [0, 0, 0, 0]
    net.step(["alpha"])
    net.simpleSim.clear()
    assert net.simpleSim.stepNum == 0 and net.read_membrane("abcd") == [0, 0, 0, 0]


def test_the_simulator_steps_by_numbers() -> None:
    net, other = network(), network()
    assert net.simpleSim is not None
    for axons, keys in (([0], ["alpha"]), ([], []), ([0, 1], ["alpha", "beta"])):
        potentials, fired = net.simpleSim.step_run(axons)
        wanted, names = other.step(keys, membranePotential=True)
        assert potentials.tolist() == [v for _, v in wanted] and [list(CONNECTIONS)[n] for n in fired] == names
    net.simpleSim.write_synapse(0, 1, 7, axonFlag=True)
    net.simpleSim.write_synapse(0, 3, 8)
    assert net.read_synapse("alpha", "b") == net.simpleSim.read_synapse(0, 1, True) == 7
    assert net.read_synapse("a", "d") == net.simpleSim.read_synapse(0, 3) == 8
    with pytest.raises(ProgramError, match="there is no axon 2; there are 2"):
        net.simpleSim.step_run([2])


def test_the_hardware_has_no_simulator() -> None:
    assert network("CRI").simpleSim is None and not network("CRI").checkHw()


def test_the_connectome_is_what_the_dictionaries_say() -> None:
    net = network()
    every = net.connectome
    assert list(every.connectomeDict) == [*AXONS, *CONNECTIONS]
    assert list(every.get_axons()) == list(AXONS) and list(every.get_neurons()) == list(CONNECTIONS)
    a, beta = every.get_neuron_by_key("a"), every.get_axon_by_idx(1)
    assert (a.get_user_key(), a.get_neuron_type(), a.get_coreTypeIdx(), a.get_globalIdx()) == ("a", "neuron", 0, 2)
    assert (beta.get_user_key(), beta.get_neuron_type(), beta.get_globalIdx(), beta.get_core()) == (
        "beta",
        "axon",
        1,
        0,
    )
    assert a.get_neuronModel() is LIF and beta.get_neuronModel() is None
    assert a.get_output() and not every.get_neuron_by_idx(1).get_output() and not beta.get_output()
    assert every.get_outputs_idx() == [0, 3]
    assert every.get_models() == [ANN, LIF, CONNECTIONS["d"][1]]
    synapses = a.get_synapses()
    assert [s.get_postsynapticNeuron().get_user_key() for s in synapses] == ["b", "d"]
    assert [s.get_weight() for s in synapses] == [1, 2] and str(synapses) == "[(b, 1), (d, 2)]"
    assert all(s.get_presynapticNeuron() is a for s in synapses)
    net.write_synapse("a", "d", -4)
    assert a.get_synapse("d").get_weight() == synapses[1].get_weight() == -4
    with pytest.raises(ProgramError, match="there is no axon or neuron 'z'"):
        every.get_neuron_by_key("z")
    with pytest.raises(ProgramError, match="there is no synapse from 'a' to 'c'"):
        a.get_synapse("c")


def test_a_delayed_synapse_says_so() -> None:
    axons = {"x": [("n", 1), ("n", 2, True)]}
    net = CRI_network(axons, {"n": ([], IF_neuron(9, delay_value=3))}, [])
    assert [s.is_delayed() for s in net.connectome.get_neuron_by_key("x").get_synapses()] == [False, True]


def test_the_bridge_speaks_of_the_last_network_of_a_core() -> None:
    first, other, last = network("CRI", coreID=5), network("CRI", coreID=6), network("CRI", coreID=5)
    for net in (first, other, last):
        net.step(["alpha"])
    assert bridge.readSelect([1, 0, 2], 5) == [(0, 1, 1, 3), (0, 0, 0, 3), (0, 2, 2, 0)]
    bridge.clear(4, False, 5)
    assert bridge.readSelect([0, 1], 5) == [(0, 0, 0, 0), (0, 1, 1, 0)]
    assert [net.read_membrane(["a"]) for net in (first, other, last)] == [[("a", 3)], [("a", 3)], [("a", 0)]]
    with pytest.raises(ProgramError, match="readSelect: there is no neuron 4; the network has 4"):
        bridge.readSelect([0, 4], 5)
    with pytest.raises(
        ProgramError, match=r"there is no network with target 'CRI' on core 77; cores that have one: .*5, 6"
    ):
        bridge.clear(4, False, 77)


def test_programs_for_several_cores_find_their_cores() -> None:
    model = IF_neuron(1000, nu=0)
    connections = {"N0": ([("N1", 2000)], model, 5), "N1": ([], model, 6), "N2": ([], model)}
    net = CRI_network({"A0": [("N0", 2000)]}, connections, ["N0", "N1"], target="CRI", coreID=None)
    every = net.connectome
    assert net.CRI._active_cores == [0, 5, 6]
    assert [neuron.get_core() for neuron in every.get_neurons()] == [5, 6, 0]  # type: ignore[attr-defined]
    assert [every.get_axons()[key].get_user_key() for key in every.get_axons()] == ["A0"]
    bridge.write_route_table_entry(core_id=5, entry_addr=0, level=1)
    fired = [net.step(list(every.get_axons()) if step == 0 else [])[0] for step in range(3)]
    assert fired == [[], ["N0"], ["N1"]]
    net.step(["A0"])
    n0 = every.get_neuron_by_key("N0").get_hbmIdx()
    assert bridge.readSelect([n0], coreID=5) == bridge.readSelect([n0], coreID=6) == [(0, 0, 0, 2000)]


def test_membranes_are_set_to_zero_in_place() -> None:
    net = network()
    net.step(["alpha"])
    assert net.simpleSim is not None
    assert net.simpleSim.membranePotentials().tolist() == net.simpleSim.membranePotentials.tolist() == [3, 3, 0, 0]
    net.simpleSim.membranePotentials[:] = np.zeros(4)
    assert net.read_membrane(["a", "b"]) == [0, 0] and net.simpleSim.stepNum == 1
    with pytest.raises(ProgramError, match="can be set to 0, all at once"):
        net.simpleSim.membranePotentials[0] = 3


def test_a_dump_is_what_a_chip_is_sent(tmp_path: Path) -> None:
    net = network("CRI", simDump=True)
    net.step(["beta", "alpha"])
    net.run_cont([[], ["alpha"]])
    text = net.sim_flush(tmp_path / "dump.txt")
    assert (tmp_path / "dump.txt").read_text() == text
    packets = [int(line, 16) for line in text.splitlines()]
    assert packets[-6:] == [spike(0), spike(1), end(), end(), spike(0), end()]
    assert len(packets) > 100, "what loads the network comes first"


@pytest.mark.parametrize(("target", "dump"), [("simpleSim", True), ("CRI", False)])
def test_without_a_dump_there_is_nothing_to_flush(target: str, dump: bool, tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match=f"sim_flush needs target='CRI' and simDump=True, not '{target}' and {dump}"):
        network(target, simDump=dump).sim_flush(tmp_path / "dump.txt")
