"""The accumulators' pipeline."""

import pytest
from amaranth.hdl import Mux, Signal, signed

from ganglion.hdl.deliver.accumulator import Accumulator
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import PRESETS
from tests.formal.memories import one_row
from tests.formal.prove import prove
from tests.formal.spec import Spec


@pytest.mark.parametrize("preset", ["tiny", pytest.param("board", marks=pytest.mark.slow)])
def test_no_addition_is_lost(preset: str) -> None:
    """For any row, and any operations in any cycles: each operation on the row finds the sum of all before it, also of
    those in the cycles just before; and once nothing is under way, the memory holds the sum of all.

    The memory answers anything where a read meets a write of the same row.
    """
    params = PRESETS[preset]
    width = memories(params)[Memory.ACCUMULATORS].layout.width
    spec = Spec(f"accumulator_{preset}")
    unit = spec.add(Accumulator(params))
    row, held, total = spec.chosen(unit.operation.row.shape(), "row"), Signal(signed(width)), Signal(signed(width))
    spec.memory = one_row(row, held)

    mine = unit.valid & (unit.operation.row == row)
    with spec.m.If(mine):
        spec.m.d.sync += total.eq(Mux(unit.operation.replace, 0, total) + unit.operation.addend)

    found = spec.before(total, unit.VALUE_LATENCY)
    spec.claim(
        "an operation finds the sum of all before it", ~spec.before(mine, unit.VALUE_LATENCY) | (unit.value == found)
    )
    spec.claim("the memory holds the sum of all once nothing is under way", unit.busy | (held == total))
    recent = mine
    for cycles in range(1, 8):
        recent |= spec.before(mine, cycles)
    spec.claim("a row that nothing was done to lately holds its sum", recent | (held == total))
    prove(spec, depth=12)
