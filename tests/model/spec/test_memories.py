"""What happens to each memory, told once more by hand: what follows from the flags is only as right as they are."""

import pytest

from ganglion.model.compiler import compile_program
from ganglion.model.energy import operation_energies
from ganglion.model.random_network import random_network
from ganglion.model.spec.memories import Memory, Where, memories, state_memories
from ganglion.model.spec.params import PRESETS, Params

M = Memory

PARAMS = [pytest.param(params, id=name) for name, params in PRESETS.items()]


@pytest.mark.parametrize("params", PARAMS)
def test_a_network_remembers_by_state_and_accumulators_and_by_what_it_has_learned(params: Params) -> None:
    learned = [M.SYNAPSES, M.PRE, M.TAGS, M.RECEPTOR] if params.products else []
    assert list(state_memories(params)) == [M.STATE, M.ACCUMULATORS, *learned]


@pytest.mark.parametrize("params", PARAMS)
def test_clear_zeroes_what_running_has_changed(params: Params) -> None:
    learned = {M.PRE, M.TAGS, M.RECEPTOR} if params.products else set()
    assert {memory for memory, spec in memories(params).items() if spec.cleared} == {M.STATE, M.ACCUMULATORS, *learned}


@pytest.mark.parametrize("params", PARAMS)
def test_the_host_writes_all_but_what_the_chip_tells_of_itself(params: Params) -> None:
    assert {memory for memory, spec in memories(params).items() if not spec.writable} == {M.COUNTERS, M.PARAMETERS}


@pytest.mark.parametrize("params", PARAMS)
def test_parts_and_depth_are_those_of_the_lanes(params: Params) -> None:
    for memory, spec in memories(params).items():
        assert spec.parts == (params.lanes if spec.where is Where.LANES else 1), memory.name
        assert spec.parts * spec.depth == spec.rows, memory.name
    assert memories(params)[M.STATE].depth == params.groups
    assert memories(params)[M.SYNAPSES].depth == params.synapse_words


def test_an_image_has_what_is_loaded() -> None:
    params = PRESETS["tiny"]
    image = compile_program(random_network(params, 1).image.program, params)
    assert set(image.cores[0].memories) == {memory for memory, spec in memories(params).items() if spec.loaded}


def test_energy_is_told_for_every_access_while_running() -> None:
    tables, state = ["TYPES", "NEURONS", "AXONS", "SYNAPSES", "FANOUT"], ["STATE", "ACCUMULATORS"]
    accesses = {f"{name} read" for name in tables + state} | {f"{name} write" for name in state}
    assert set(operation_energies(PRESETS["board"])) == {"neuron update", "SynOp"} | accesses
