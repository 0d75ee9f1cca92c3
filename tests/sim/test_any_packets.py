"""No packet stops the chip: whatever a host writes and sends, steps end, and READ and CLEAR work."""

from collections.abc import Iterator

import numpy as np
import pytest

from ganglion.model.lockstep import lockstep
from ganglion.model.random_network import random_network
from ganglion.model.spec import packet_arrays
from ganglion.model.spec.cycles.longest import longest_step
from ganglion.model.spec.memories import VERSION, Memory, memories, state_memories
from ganglion.model.spec.packets import Scope, end
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.registers import Counter, Register
from ganglion.model.spec.tree import route_of
from ganglion.sim import native as native_module
from ganglion.sim.access import Access
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from tests.sim.any_packets import any_packets
from tests.sim.chips import NARROW, TINY, simulation

SEEDS = {TINY: 60, NARROW: 4}
"""Chips, and how many seeds each of them gets."""


@pytest.fixture(scope="module", params=SEEDS, ids=lambda params: params.name)
def bench(request: pytest.FixtureRequest) -> Iterator[NativeDriver]:
    with simulation(request.param) as driver:
        yield driver


@pytest.fixture
def patient(bench: NativeDriver, monkeypatch: pytest.MonkeyPatch) -> NativeDriver:
    """The bench, which waits as long as any step may take, and is reset no more."""
    monkeypatch.setattr(native_module, "patience", lambda params, stalls: longest_step(params))
    bench.reset()
    monkeypatch.setattr(bench, "reset", lambda stalls=None: None)
    return bench


def run_after_anything(patient: NativeDriver, seeds: range) -> None:
    """Anything, then READ and CLEAR, then a network in lockstep; no reset between."""
    params, access = patient.params, Access(patient)
    dropped = access.bad_packets()
    for seed in seeds:
        patient.exchange(any_packets(params, np.random.default_rng((seed, 0x616E79))))
        assert access.bad_packets() > dropped, f"seed {seed}"
        assert access.numbers(Memory.REGISTERS, [Register.VERSION]) == [VERSION]
        patient.exchange(access.writing_register(Register.CLEAR, 0))
        for core in range(params.cores):
            assert access.numbers(Memory.REGISTERS, [Register.STEP], core) == [0]
            for memory, spec in state_memories(params).items():
                assert not access.read(memory, np.arange(spec.rows), core).any(), f"seed {seed}: {memory.name}"
        network = random_network(params, seed)
        lockstep(network.program, network.events, Rtl(network.image, patient), Reference(network.program))
        dropped = access.bad_packets()


def test_a_network_runs_after_anything(patient: NativeDriver) -> None:
    run_after_anything(patient, range(SEEDS[patient.params]))


@pytest.mark.slow
def test_networks_run_after_anything_again_and_again(patient: NativeDriver) -> None:
    run_after_anything(patient, range(1000, 1000 + 50 * SEEDS[patient.params]))


def test_the_worst_memories_end_their_step(patient: NativeDriver) -> None:
    """Every neuron fires, lists go round, every entry is an event of the first axon of all cores, and that one walks
    the whole table, in the longest rows there are: a step of about the length that is stated, and each error counted.
    """
    params, access = patient.params, Access(patient)
    specs, everywhere = memories(params), route_of((1 << size) - 1 for size in params.levels)
    scope = Scope[f"LEVEL_{len(params.levels)}"] if params.levels else Scope.CORE
    high = {field.name: field.high for field in specs[Memory.AXONS].layout.fields}
    columns = {
        Memory.TYPES: {},
        Memory.NEURONS: {"threshold": -1},
        Memory.AXONS: {"length": high["length"], "more": 1},
        Memory.FANOUT: {"scope": scope, "route": everywhere, "next": 1},
    }
    for memory, values in columns.items():
        rows, layout = specs[memory].rows, specs[memory].layout
        patient.exchange(packet_arrays.writes(memory, np.arange(rows), layout.pack_rows(rows, values), everywhere))
    patient.exchange(access.writing_register(Register.CLEAR, 0))
    before = access.counters((Counter.SPIKES, Counter.EVENTS, Counter.BAD_PACKETS))
    answer = patient.exchange(np.array([end()], dtype=np.uint64))
    counted = access.counters((Counter.SPIKES, Counter.EVENTS, Counter.BAD_PACKETS)) - before
    events = params.cores * params.fanout_entries
    np.testing.assert_array_equal(counted, [[params.neurons, events, events + 1]] * params.cores)
    assert answer.step_cycles is not None
    assert 0.9 * longest_step(params) < answer.step_cycles[0] <= longest_step(params)
