"""Traces that are read from a table, one per cycle, against counting the bounds."""

import random
from typing import Any, NamedTuple

from ganglion.hdl.learn.table import TableLookup
from ganglion.model.spec.learning_memories import BOUNDS, traces_layout
from ganglion.model.spec.params import PRESETS
from tests.hdl.simulate import Simulation

PARAMS = PRESETS["tiny-learning"]


class Case(NamedTuple):
    """A number, and the table that it is looked up in."""

    bounds: list[int]
    values: list[int]
    looked_at: int


def cases_of(seed: int) -> list[Case]:
    """Bounds that are the same, too, and numbers beside them."""
    rng, fields = random.Random(seed), {field.name: field for field in traces_layout(PARAMS).fields}
    bound, value = fields["bound0"], fields["value0"]

    def one() -> Case:
        any_bounds = [(bound.high, rng.randint(bound.low, bound.high), rng.randint(-3, 3)) for _ in range(BOUNDS)]
        bounds = sorted(map(rng.choice, any_bounds))
        near = rng.choice(bounds) + rng.randint(-1, 1)
        looked_at = rng.choice((bound.low, bound.high, max(bound.low, min(bound.high, near))))
        return Case(bounds, [rng.randint(value.low, value.high) for _ in range(BOUNDS + 1)], looked_at)

    return [one() for _ in range(400)]


def rtl_table(cases: list[Case]) -> list[int]:
    dut, found = TableLookup(PARAMS), list[int]()
    simulation = Simulation(dut)

    async def process(ctx: Any) -> None:
        for case in cases:
            for k, bound in enumerate(case.bounds):
                ctx.set(dut.type[f"bound{k}"], bound)
            for k, value in enumerate(case.values):
                ctx.set(dut.type[f"value{k}"], value)
            ctx.set(dut.value, case.looked_at)
            for _ in range(dut.LATENCY):
                await ctx.tick()
            found.append(ctx.get(dut.segment))

    simulation.drive(process)
    simulation.run()
    return found


def ref_table(cases: list[Case]) -> list[int]:
    return [case.values[sum(bound <= case.looked_at for bound in case.bounds)] for case in cases]


def test_the_segment_begins_at_its_bound() -> None:
    cases = cases_of(0)
    assert rtl_table(cases) == ref_table(cases)
