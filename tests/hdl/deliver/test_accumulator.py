"""The accumulator pipeline against a list of sums: nothing is lost where operations meet on one row."""

import random
from typing import Any, NamedTuple

import pytest

from ganglion.hdl.deliver.accumulator import Accumulator
from ganglion.model.spec.arithmetic import wrap
from ganglion.model.spec.params import GUARD_BITS, PRESETS
from tests.hdl.simulate import Simulation

PARAMS = PRESETS["tiny"]
BITS = PARAMS.accumulator_bits + GUARD_BITS
ROWS = PARAMS.groups * PARAMS.delay_slots
WRITE_LATENCY = 5


class Operation(NamedTuple):
    """One operation; where not `valid`, nothing may come of it."""

    valid: bool
    row: int
    addend: int
    replace: bool


def operations_of(seed: int, *, rows: int, gaps: float) -> list[Operation]:
    rng = random.Random(f"{seed} {rows} {gaps}")
    half = 1 << (BITS - 1)
    return [
        Operation(
            rng.random() >= gaps,
            rng.randrange(rows),
            rng.choice((rng.randrange(-half, half), rng.randrange(-8, 8))),
            rng.random() < 0.2,
        )
        for _ in range(300)
    ]


def rtl_accumulator(operations: list[Operation]) -> tuple[list[int], list[int]]:
    """The values that valid operations read, and the rows at the end."""
    dut, values = Accumulator(PARAMS), list[int]()
    simulation = Simulation(dut)
    reads = [Operation(True, row, 0, False) for row in range(ROWS)]
    idle = [Operation(False, 0, 1, True)] * WRITE_LATENCY
    script = [*operations, *idle, *reads, *idle]

    async def process(ctx: Any) -> None:
        for cycle, operation in enumerate(script):
            ctx.set(dut.valid, operation.valid)
            for name in ("row", "addend", "replace"):
                ctx.set(dut.operation[name], getattr(operation, name))
            _, _, value, busy = await ctx.tick().sample(dut.value, dut.busy)
            entered = cycle - Accumulator.VALUE_LATENCY
            if entered >= 0 and script[entered].valid:
                values.append(value)
            assert busy == any(o.valid for o in script[max(0, cycle - 4) : cycle]), f"cycle {cycle}: busy is {busy}"

    simulation.drive(process)
    simulation.run()
    return values[:-ROWS], values[-ROWS:]


def ref_accumulator(operations: list[Operation]) -> tuple[list[int], list[int]]:
    rows, values = [0] * ROWS, list[int]()
    for operation in operations:
        if operation.valid:
            values.append(rows[operation.row])
            rows[operation.row] = wrap((0 if operation.replace else values[-1]) + operation.addend, BITS)
    return values, rows


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("rows", [1, 2, 3, ROWS])
@pytest.mark.parametrize("gaps", [0, 0.3])
def test_no_operation_is_lost(seed: int, rows: int, gaps: float) -> None:
    operations = operations_of(seed, rows=rows, gaps=gaps)
    assert rtl_accumulator(operations) == ref_accumulator(operations), f"seed {seed}"


@pytest.mark.parametrize("distance", range(1, WRITE_LATENCY + 2))
def test_the_next_operation_on_a_row_sees_the_sum(distance: int) -> None:
    others = [Operation(True, row, 5, False) for row in range(1, distance)]
    operations = [Operation(True, 0, 3, False), *others, Operation(True, 0, 4, False)]
    values, rows = rtl_accumulator(operations)
    assert (values[-1], rows[0]) == (3, 7)
