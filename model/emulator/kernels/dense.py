"""The sum of dense rows, in vector registers: written in LLVM's own language, because a loop over any number of rows
whose sums never leave the registers is nothing that a compiler makes of plain loops."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

REGISTER_BITS = 2048
"""Of the sums that one pass over the rows makes: eight vector registers of 256 bits, half of what a processor has."""

INDEX = ir.IntType(64)


def _add_rows(typing_context: Any, matrix: Any, start: Any, count: Any, size: Any, accumulators: Any) -> Any:
    """Add `count` rows of `size` weights each, which begin at matrix[start[k]], to the first accumulators.

    At most TOGETHER rows: their sums then fit twice the bits of a weight, and are made in as many.
    """
    signature = types.void(matrix, start, types.int64, types.int64, accumulators)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        weights, starts, sums = (
            context.make_array(signature.args[k])(context, builder, arguments[k]).data for k in (0, 1, 4)
        )
        bits = _sum_bits(matrix.dtype.bitwidth, accumulators.dtype.bitwidth)
        column = INDEX(0)
        # The widest pass first, then what is left of the row in vectors of 16 weights, then one by one.
        for lanes in (REGISTER_BITS // bits, 16, 1):
            column = _add_columns(builder, weights, starts, sums, arguments[2], arguments[3], column, lanes)
        return context.get_dummy_value()

    return signature, generate


def _add_columns(
    builder: Any, weights: Any, starts: Any, sums: Any, count: Any, size: Any, first: Any, lanes: int
) -> Any:
    """Add all rows, so many columns at a time, from column `first` on while they last; the first column left."""
    narrow = ir.VectorType(weights.type.pointee, lanes)
    wide = ir.VectorType(sums.type.pointee, lanes)
    sum_type = ir.VectorType(ir.IntType(_sum_bits(narrow.element.width, wide.element.width)), lanes)
    reserve: Any = cgutils.alloca_once_value
    total = builder.sdiv(builder.sub(size, first), INDEX(lanes))
    with cgutils.for_range(builder, total) as passes:
        column = builder.add(first, builder.mul(passes.index, INDEX(lanes)))
        place = builder.bitcast(builder.gep(sums, [column]), wide.as_pointer())
        sum_ = reserve(builder, ir.Constant(sum_type, [0] * lanes))
        with cgutils.for_range(builder, count) as rows:
            begin = builder.add(builder.load(builder.gep(starts, [rows.index])), column)
            row = builder.bitcast(builder.gep(weights, [begin]), narrow.as_pointer())
            weight = builder.load(row, align=1)
            builder.store(builder.add(builder.load(sum_), _extended(builder, weight, sum_type)), sum_)
        total_ = _extended(builder, builder.load(sum_), wide)
        builder.store(builder.add(builder.load(place, align=1), total_), place, align=1)
    return builder.add(first, builder.mul(total, INDEX(lanes)))


def _sum_bits(weight: int, accumulator: int) -> int:
    """Bits that sums of up to TOGETHER rows are made in."""
    return min(2 * weight, accumulator)


def _extended(builder: Any, value: Any, kind: Any) -> Any:
    return value if value.type == kind else builder.sext(value, kind)


add_rows: Any = intrinsic(_add_rows)
