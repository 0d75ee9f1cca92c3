"""Counters against sums."""

import random
from enum import IntEnum
from types import SimpleNamespace
from typing import Any

import pytest
from amaranth.lib.memory import Memory as Array

from ganglion.hdl.lib.counters import Counters
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.registers import COUNTER_BITS, Counter, RouterCounter
from tests.hdl.simulate import Simulation

PARAMS = PRESETS["tiny"].replace(lanes=4)
LAYOUT = memories(PARAMS)[Memory.COUNTERS].layout

Most = dict[IntEnum, int]

BY_LANE = (Counter.SPIKES, Counter.SYNOPS, Counter.OVERFLOWS)

MOST: dict[str, Most] = {
    "core": {counter: PARAMS.lanes if counter in BY_LANE else 1 for counter in Counter},
    "router": dict.fromkeys(RouterCounter, 1),
}


def amounts_of(most: Most, seed: int, cycles: int = 400) -> list[list[int]]:
    """What is added to each counter in each cycle; seed 0 adds the most there is to all of them, all the time."""
    rng = random.Random(seed)
    busy = rng.choice((0.05, 0.5))
    return [
        [rng.randint(0, limit) * (rng.random() < busy) if seed else limit for limit in most.values()]
        for _ in range(cycles)
    ]


def starting_at(values: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Memories that are made from now on hold this."""
    arrays = SimpleNamespace(Memory=lambda **arguments: Array(**arguments | {"init": values}))
    monkeypatch.setattr("ganglion.hdl.lib.memory.memory", arrays)


def rtl_counters(most: Most, batches: list[list[list[int]]]) -> list[list[int]]:
    """All counters after each batch of cycles."""
    dut, shown = Counters(LAYOUT, most), list[list[int]]()
    simulation = Simulation(dut)

    async def process(ctx: Any) -> None:
        for amounts in batches:
            for cycle in amounts:
                for counter, amount in zip(most, cycle, strict=True):
                    ctx.set(dut.add[counter], amount)
                await ctx.tick()
            for counter in most:
                ctx.set(dut.add[counter], 0)
            ctx.set(dut.reading, 1)
            await ctx.tick()
            while not ctx.get(dut.settled):
                await ctx.tick()
            values = []
            for counter in most:
                ctx.set(dut.row, counter)
                await ctx.tick()
                values.append(ctx.get(dut.value))
            ctx.set(dut.reading, 0)
            shown.append(values)

    simulation.drive(process)
    simulation.run()
    return shown


def ref_counters(batches: list[list[list[int]]], start: list[int] | None = None) -> list[list[int]]:
    totals, shown = start or [0] * len(batches[0][0]), []
    for amounts in batches:
        totals = [(total + sum(cycle[c] for cycle in amounts)) % (1 << COUNTER_BITS) for c, total in enumerate(totals)]
        shown.append(totals)
    return shown


@pytest.mark.parametrize("of", MOST)
@pytest.mark.parametrize("seed", range(4))
def test_nothing_goes_uncounted(seed: int, of: str) -> None:
    amounts = amounts_of(MOST[of], seed)
    batches = [amounts[:1], amounts[1:10], amounts[10:], []]
    assert rtl_counters(MOST[of], batches) == ref_counters(batches), f"seed {seed}"


@pytest.mark.parametrize("seed", range(3))
def test_counters_have_all_their_bits(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Across every carry, and from the highest number to 0."""
    most, rng = MOST["core"], random.Random(seed)
    carries = [(1 << bits) - rng.randint(1, 20) for bits in (8, 16, 24, 31, 32)]
    start = [*carries, *(rng.getrandbits(COUNTER_BITS) for _ in most)][: len(most)]
    starting_at(start, monkeypatch)
    batches = [amounts_of(most, 0, cycles=60)]
    shown = ref_counters(batches, start)
    assert rtl_counters(most, batches) == shown, f"seed {seed}"
    assert shown[0][4] < start[4], "none has gone round"
