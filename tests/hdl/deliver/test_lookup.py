"""The axon table: events become rows, chains of rows included."""

import random
from typing import Any

import pytest

from ganglion.hdl.deliver.lookup import AxonLookup
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import PRESETS
from tests.hdl.simulate import Simulation, Stalls, stalls_of

PARAMS = PRESETS["tiny"]
LAYOUT = memories(PARAMS)[Memory.AXONS].layout


def table_of(seed: int) -> list[int]:
    """A full table with many chains; the last row ends one."""
    rng = random.Random(seed)
    chance = rng.choice((0, 0.3, 0.8))
    words = [rng.getrandbits(LAYOUT.width) for _ in range(PARAMS.axons)]
    more = [int(rng.random() < chance) for _ in range(PARAMS.axons - 1)] + [0]
    return [LAYOUT.pack(**{**LAYOUT.unpack(w), "more": m}) for w, m in zip(words, more, strict=True)]


def rtl_lookup(table: list[int], events: list[int], stalls: Stalls) -> tuple[list[tuple[int, ...]], int]:
    """Cycle, relative to the first event's, and row of each transfer; and pulses of `bad`."""
    dut = AxonLookup(PARAMS)
    simulation = Simulation(dut)
    simulation.load(dut.bus, Memory.AXONS, dict(enumerate(table)))
    simulation.source(dut.events, events, stalls.sequence(stalls.source, "events"))
    rows = simulation.sink(dut.rows, stalls.sequence(stalls.sink, "rows"))
    entered = simulation.record(dut.events.valid & dut.events.ready)
    left = simulation.record(dut.rows.valid & dut.rows.ready)
    bad = simulation.record(dut.bad)
    waiting = simulation.record(dut.rows.valid & ~dut.busy)
    simulation.run()
    assert not waiting, "a row was offered while not busy"
    return [(cycle - entered[0][0], row) for (cycle, *_), row in zip(left, rows, strict=True)], len(bad)


def ref_lookup(table: list[int], events: list[int]) -> list[int]:
    rows = []
    for axon in events:
        while True:
            rows.append(table[axon])
            axon += 1
            if not LAYOUT.unpack(table[axon - 1])["more"] or axon == PARAMS.axons:
                break
    return rows


@pytest.mark.parametrize("seed", range(12))
def test_events_become_their_rows(seed: int) -> None:
    table, rng = table_of(seed), random.Random(f"events {seed}")
    events = [rng.randrange(PARAMS.axons) for _ in range(60)]
    rows, bad = rtl_lookup(table, events, stalls_of(seed))
    assert [row for _, row in rows] == ref_lookup(table, events), f"seed {seed}"
    assert not bad


@pytest.mark.parametrize("seed", range(3))
def test_the_end_of_the_table_ends_a_chain(seed: int) -> None:
    more = 1 << LAYOUT.offset("more")
    table, rng = [word | more for word in table_of(seed)], random.Random(f"ends {seed}")
    events = [rng.randrange(PARAMS.axons) for _ in range(12)] + [PARAMS.axons - 1]
    rows, bad = rtl_lookup(table, events, stalls_of(seed))
    assert [row for _, row in rows] == ref_lookup(table, events), f"seed {seed}"
    assert bad == len(events)


@pytest.mark.parametrize("seed", range(3))
def test_one_row_per_cycle(seed: int) -> None:
    table = table_of(seed)
    rows, _ = rtl_lookup(table, list(range(PARAMS.axons)), Stalls(seed))
    assert [cycle for cycle, _ in rows] == list(range(1, len(rows) + 1)), f"seed {seed}"


def test_rows_can_be_read_back() -> None:
    table, dut, shown = table_of(0), AxonLookup(PARAMS), list[int]()
    simulation = Simulation(dut)
    simulation.load(dut.bus, Memory.AXONS, dict(enumerate(table)))

    async def process(ctx: Any) -> None:
        ctx.set(dut.bus.reading, 1)
        for row in range(PARAMS.axons):
            ctx.set(dut.bus.row, row)
            await ctx.tick().repeat(2)
            shown.append(ctx.get(dut.table.as_value()))
            assert not ctx.get(dut.rows.valid), "what is read back is no event's row"

    simulation.drive(process)
    simulation.run()
    assert shown == table
