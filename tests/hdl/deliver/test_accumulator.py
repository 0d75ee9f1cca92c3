"""The accumulator pipeline against a list of sums: nothing is lost where operations meet on one row."""

import random
from typing import Any, NamedTuple

import pytest

from ganglion.hdl.deliver.accumulator import Accumulator
from ganglion.model.spec.arithmetic import wrap
from ganglion.model.spec.params import GUARD_BITS, PRESETS, Params
from tests.hdl.simulate import Simulation

TINY, APART = PRESETS["tiny"], PRESETS["tiny-learning"]
BITS = TINY.accumulator_bits + GUARD_BITS
ROWS = TINY.groups * TINY.delay_slots
WRITE_LATENCY = 4


class Operation(NamedTuple):
    """One operation; where not `valid`, nothing may come of it."""

    valid: bool
    row: int
    addends: tuple[int, ...] = (0, 0)
    replace: tuple[bool, ...] = (False, False)
    keep: bool = False


def operations_of(seed: int, *, rows: int, gaps: float) -> list[Operation]:
    rng = random.Random(f"{seed} {rows} {gaps}")
    half = 1 << (BITS - 1)
    return [
        Operation(
            rng.random() >= gaps,
            rng.randrange(rows),
            tuple(rng.choice((rng.randrange(-half, half), rng.randrange(-8, 8), 0)) for _ in range(2)),
            tuple(rng.random() < 0.2 for _ in range(2)),
            rng.random() < 0.2,
        )
        for _ in range(300)
    ]


def rtl_accumulator(params: Params, operations: list[Operation]) -> list[int]:
    """The sums at the end, each read when nothing else is under way."""
    dut, values = Accumulator(params), list[int]()
    simulation = Simulation(dut)
    at_last = [Operation(True, row, keep=True) for row in range(ROWS)]
    idle = [Operation(False, 0, (1, 1), (True, True))] * WRITE_LATENCY
    script = [*operations, *idle, *at_last, *idle]

    async def process(ctx: Any) -> None:
        for cycle, operation in enumerate(script):
            ctx.set(dut.valid, operation.valid)
            ctx.set(dut.operation.row, operation.row)
            ctx.set(dut.operation.keep, operation.keep)
            for k in range(params.stride):
                ctx.set(dut.operation.addends[k], operation.addends[k])
                ctx.set(dut.operation.replace[k], operation.replace[k])
            _, _, value, busy = await ctx.tick().sample(dut.value, dut.busy)
            entered = cycle - Accumulator.VALUE_LATENCY
            if entered >= 0 and script[entered].valid:
                values.append(value)
            reads, writes = script[max(0, cycle - 2) : cycle], script[max(0, cycle - 3) : cycle]
            under_way = any(o.valid for o in reads) or any(o.valid and not o.keep for o in writes)
            assert busy == under_way, f"cycle {cycle}: busy is {busy}"

    simulation.drive(process)
    simulation.run()
    return values[-ROWS:]


def ref_accumulator(params: Params, operations: list[Operation]) -> list[int]:
    rows = [0] * ROWS
    for operation in operations:
        if operation.valid and not operation.keep:
            first = operation.row // params.stride * params.stride
            for k in range(params.stride):
                old = 0 if operation.replace[k] else rows[first + k]
                rows[first + k] = wrap(old + operation.addends[k], BITS)
    return rows


@pytest.mark.parametrize("params", [TINY, APART], ids=["side by side", "apart"])
@pytest.mark.parametrize("rows", [1, 4, ROWS])
@pytest.mark.parametrize("gaps", [0, 0.3])
def test_no_operation_is_lost(params: Params, rows: int, gaps: float) -> None:
    operations = operations_of(1, rows=rows, gaps=gaps)
    assert rtl_accumulator(params, operations) == ref_accumulator(params, operations)


@pytest.mark.parametrize("distance", range(1, WRITE_LATENCY + 2))
def test_the_next_operation_on_a_row_sees_the_sum(distance: int) -> None:
    others = [Operation(True, 2 * row, (5, 5)) for row in range(1, distance)]
    rows = rtl_accumulator(TINY, [Operation(True, 0, (3, -3)), *others, Operation(True, 1, (4, 0))])
    assert rows[:2] == [7, -3]
