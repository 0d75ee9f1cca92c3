"""Counters against sums."""

import random
from typing import Any

import pytest

from ganglion.hdl.counters import Counters
from ganglion.model.spec.memories import Counter
from ganglion.model.spec.params import PRESETS
from tests.hdl.simulate import Simulation

PARAMS = PRESETS["tiny"].replace(lanes=4)


def amounts_of(seed: int, cycles: int = 400) -> list[list[int]]:
    """What is added to each counter in each cycle; seed 0 adds the most there is to all of them, all the time."""
    rng = random.Random(seed)
    busy = rng.choice((0.05, 0.5))

    def amount(counter: Counter) -> int:
        most = PARAMS.lanes if counter in (Counter.SPIKES, Counter.SYNOPS, Counter.OVERFLOWS) else 1
        return rng.randint(0, most) * (rng.random() < busy) if seed else most

    return [[amount(counter) for counter in Counter] for _ in range(cycles)]


def rtl_counters(batches: list[list[list[int]]]) -> list[list[int]]:
    """All counters after each batch of cycles."""
    dut, shown = Counters(PARAMS), list[list[int]]()
    simulation = Simulation(dut)

    async def process(ctx: Any) -> None:
        for amounts in batches:
            for cycle in amounts:
                for counter, amount in zip(Counter, cycle, strict=True):
                    ctx.set(dut.add[counter], amount)
                await ctx.tick()
            for counter in Counter:
                ctx.set(dut.add[counter], 0)
            ctx.set(dut.reading, 1)
            await ctx.tick()
            while not ctx.get(dut.settled):
                await ctx.tick()
            values = []
            for counter in Counter:
                ctx.set(dut.row, counter)
                await ctx.tick()
                values.append(ctx.get(dut.value))
            ctx.set(dut.reading, 0)
            shown.append(values)

    simulation.drive(process)
    simulation.run()
    return shown


def ref_counters(batches: list[list[list[int]]]) -> list[list[int]]:
    totals, shown = [0] * len(Counter), []
    for amounts in batches:
        totals = [total + sum(cycle[c] for cycle in amounts) for c, total in enumerate(totals)]
        shown.append(totals)
    return shown


@pytest.mark.parametrize("seed", range(4))
def test_nothing_goes_uncounted(seed: int) -> None:
    amounts = amounts_of(seed)
    batches = [amounts[:1], amounts[1:10], amounts[10:], []]
    assert rtl_counters(batches) == ref_counters(batches), f"seed {seed}"
