"""The cycle model of chips of several cores, where it is plain what it must say; the RTL is in tests/sim."""

import pytest

from ganglion.model.compiler.predict import chip_model, cycle_model
from ganglion.model.random_network import random_network
from ganglion.model.spec.cycles.chip import ChipModel
from ganglion.model.spec.cycles.core import Packet, StepCycles
from ganglion.model.spec.packets import Scope
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.tree import meeting_level, route_to

CORE = PRESETS["small"]
LAST = CORE.neurons - 1
NOWHERE = Packet(Scope.NOWHERE, 0)
LINK_CYCLES = 64 // 16 + 1


@pytest.mark.parametrize("seed", range(20))
def test_a_tree_that_is_one_core_is_the_core(seed: int) -> None:
    network = random_network(PRESETS["tiny"], seed)
    trace = Reference(network.program).run(network.events)
    core, tree = cycle_model(network.image), chip_model(network.image)
    axons = network.image.inputs.axon
    for step, fired in enumerate(trace.spikes_per_step()):
        events, rows = axons[network.events[step]].tolist(), network.image.neurons.row[fired].tolist()
        assert tree.step([Packet(Scope.NOWHERE, axon) for axon in events], [rows]) == core.step(events, rows)


def chip(levels: tuple[int, ...], link_bits: int, target: int) -> ChipModel:
    """A chip in which the last neuron of core 0 drives axon 0, a row of one word, of another core."""
    params = CORE.replace(levels=levels, link_bits=link_bits)
    silent = {neuron: [NOWHERE] for neuron in range(params.neurons)}
    scope = Scope[f"LEVEL_{meeting_level(levels, [0, target])}"]
    drives = {**silent, LAST: [Packet(scope, 0, route_to(levels, target))]}
    return ChipModel(params, [{0: [1]}] * params.cores, [drives, *[silent] * (params.cores - 1)])


@pytest.mark.parametrize("link_bits", [64, 16])
@pytest.mark.parametrize("levels", [(4,), (2, 3), (4, 4), (2, 2, 2, 2)], ids=str)
def test_end_takes_two_cycles_for_each_router_and_way(levels: tuple[int, ...], link_bits: int) -> None:
    """Down to start the step, up when the spikes are sent, down again to end it."""
    links = len(levels) - 1 if link_bits < 64 else 0
    cycles = CORE.groups + 14 + 3 * (2 * len(levels) + LINK_CYCLES * links)
    model = chip(levels, link_bits, target=1)
    for _ in range(2):
        silent = model.step([], [[]] * model.params.cores)
        assert silent == StepCycles(cycles, CORE.groups + 8, 0)


@pytest.mark.parametrize(("target", "way"), [(1, 4), (4, 8), (15, 8)])
def test_a_spike_takes_two_cycles_up_four_to_turn_and_two_down(target: int, way: int) -> None:
    """Nine cycles behind its arrival its one word is added, and END, which is there by then, is taken.

    The fan-out offers the spike in its fifth cycle. In a silent step it offers END in its second, which takes ten
    cycles to be back.
    """
    model = chip((4, 4), 64, target)
    nobody: list[list[int]] = [[]] * 16
    silent = model.step([], nobody).step
    assert model.step([], [[LAST], *nobody[1:]]).step - silent == (4 + way + 9) - (1 + 10)
    assert model.step([Packet(Scope.NOWHERE, 0, route_to((4, 4), target))], nobody).step - silent == 9
