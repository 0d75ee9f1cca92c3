"""The tags of a lane: read with every word, written behind it, and there for the host."""

import random
from typing import Any, NamedTuple

from ganglion.hdl.learn.stages import ENTRY
from ganglion.hdl.learn.tags import TagStore
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.params import PRESETS
from tests.hdl.simulate import Simulation

PARAMS = PRESETS["tiny-learning"]


class Cycle(NamedTuple):
    """What is asked in one cycle: rows, or None."""

    fetch: int | None
    """Of a word."""
    write: tuple[int, int] | None
    """Of a visit: row and tags."""
    host: tuple[int, int, bool] | None
    """Row and tags that the host writes, and whether it means this lane."""
    reading: int | None
    """Row that the host reads."""


def cycles_of(seed: int) -> list[Cycle]:
    """Words and visits together, and now and then the host. No row is read in the cycle in which it is written."""
    rng, cycles = random.Random(seed), list[Cycle]()
    words, values = PARAMS.synapse_words, 1 << PARAMS.beats * PARAMS.tag_bits
    few = rng.sample(range(words), 6)

    def other_than(row: int | None) -> int:
        return rng.choice([one for one in few if one != row])

    while len(cycles) < 300:
        if rng.random() < 0.8:
            row = rng.choice([*few, None])
            write = (other_than(row), rng.randrange(values)) if rng.random() < 0.6 else None
            cycles.append(Cycle(row, write, None, None))
        elif rng.random() < 0.5:
            cycles.append(Cycle(None, None, (rng.choice(few), rng.randrange(values), rng.random() < 0.7), None))
        else:
            # The row that the host reads is that of a word in the cycle behind.
            cycles += [Cycle(None, None, None, rng.choice(few)), Cycle(None, None, None, None)]
    return cycles


def rtl_tags(cycles: list[Cycle]) -> list[int]:
    """What is read, in the order in which it was asked for."""
    dut, found, due = TagStore(PARAMS), list[int](), set[int]()
    simulation = Simulation(dut)

    async def process(ctx: Any) -> None:
        asked = None
        for now, cycle in enumerate([*cycles, *[Cycle(None, None, None, None)] * (ENTRY + 1)]):
            fetched = cycle.fetch if asked is None else asked
            if fetched is not None:
                due.add(now + ENTRY)
            asked = cycle.reading
            ctx.set(dut.fetch, cycle.fetch is not None)
            ctx.set(dut.fetch_row, fetched or 0)
            ctx.set(dut.bus.reading, cycle.reading is not None)
            ctx.set(dut.write, cycle.write is not None)
            ctx.set(dut.bus.write[Memory.TAGS], cycle.host is not None)
            if cycle.write:
                ctx.set(dut.write_row, cycle.write[0])
                ctx.set(dut.write_data, cycle.write[1])
            if cycle.host:
                ctx.set(dut.bus.row, cycle.host[0])
                ctx.set(dut.bus.data, cycle.host[1])
                ctx.set(dut.selected, cycle.host[2])
            if now in due:
                found.append(ctx.get(dut.tags))
                assert ctx.get(dut.rows.TAGS) == found[-1]
            await ctx.tick()

    simulation.drive(process)
    simulation.run()
    return found


def ref_tags(cycles: list[Cycle]) -> list[int]:
    kept, found = dict.fromkeys(range(PARAMS.synapse_words), 0), list[int]()
    for cycle in cycles:
        if (row := cycle.fetch if cycle.reading is None else cycle.reading) is not None:
            found.append(kept[row])
        if cycle.write:
            kept[cycle.write[0]] = cycle.write[1]
        if cycle.host and cycle.host[2]:
            kept[cycle.host[0]] = cycle.host[1]
    return found


def test_tags_are_read_and_written_beside_the_synapses() -> None:
    for seed in range(2):
        cycles = cycles_of(seed)
        assert rtl_tags(cycles) == ref_tags(cycles), f"seed {seed}"
