"""The accumulators' pipeline."""

import pytest
from amaranth.hdl import Cat, Mux, Signal, signed

from ganglion.hdl.deliver.accumulator import Accumulator
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import PRESETS
from tests.formal.memories import one_row
from tests.formal.prove import prove
from tests.formal.spec import Spec

PARAMS = {
    "side by side": PRESETS["tiny"],
    "apart": PRESETS["tiny-learning"],
    "of a board": PRESETS["board"],
}


@pytest.mark.parametrize("sums", ["side by side", "apart", pytest.param("of a board", marks=pytest.mark.slow)])
def test_no_addition_is_lost(sums: str) -> None:
    """For any row, and any operations in any cycles: once nothing is under way, the memory holds the sum of all of
    them, of each of the sums that lie side by side; and an operation reads that sum where none was under way.

    The memory answers anything where a read meets a write of the same row.
    """
    params = PARAMS[sums]
    of = memories(params)[Memory.ACCUMULATORS]
    width, part_bits = of.layout.width, of.beside.bit_length() - 1
    spec = Spec(f"accumulator_{sums.replace(' ', '_')}")
    unit = spec.add(Accumulator(params))
    operation = unit.operation
    row, held = spec.chosen(operation.row.shape(), "row"), Signal(of.array.width)
    spec.memory = one_row(row[part_bits:], held)

    meant = unit.valid & (operation.row[part_bits:] == row[part_bits:])
    changes = meant & ~operation.keep
    totals = [Signal(signed(width), name=f"total_{k}") for k in range(of.beside)]
    with spec.m.If(changes):
        for k, total in enumerate(totals):
            spec.m.d.sync += total.eq(Mux(operation.replace[k], 0, total) + operation.addends[k])

    together = Cat(totals)
    mine = totals[0]
    for k in range(1, of.beside):
        mine = Mux(row[:part_bits] == k, totals[k], mine)
    alone = meant & (operation.row == row) & ~spec.before(changes) & ~spec.before(changes, 2)
    asked, found = spec.before(alone, unit.VALUE_LATENCY), spec.before(mine, unit.VALUE_LATENCY)
    spec.claim(
        "an operation reads the sum of all before it, where these were done",
        ~asked | (unit.value == found),
        seen=asked & (found != 0),
    )
    done, summed = ~unit.busy, together != 0
    spec.claim(
        "the memory holds the sums of all once nothing is under way", ~done | (held == together), seen=done & summed
    )
    earlier = spec.before(together, 3)
    spec.claim(
        "the memory holds the sums of all that entered four cycles ago or earlier", held == earlier, seen=earlier != 0
    )
    prove(spec, depth=8, reach=12)
