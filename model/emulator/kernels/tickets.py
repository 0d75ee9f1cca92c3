"""Tickets: parts of a phase of work, claimed one by one by whichever thread is running.

Threads share a table of words, each at the begin of a cache line of its own. Tickets are numbered from 0 on over all
phases. A claim is one compare-and-swap of the next number, and good only while that number is below the limit, so
what a thread that was not running for a while believed of an older phase can do no harm. Whoever has claimed a ticket
keeps its phase from ending: until then, what is said of the phase stays as it is.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ganglion.model.emulator.kernels.compile import inlined_kernel
from ganglion.model.spec.arrays import Array

NEXT, LIMIT, PHASE, OPEN, DONE = range(5)
"""Rows of a table of tickets: the next to claim; how many there are; what the phase is, in the columns below; whether
helpers are wanted; and, a row for each thread from DONE on, the tickets that it has done."""

FIRST, KIND, STEP, UNDER_WAY = range(4)
"""Columns of PHASE: its first ticket, what the tickets are of, the step of the run, and whether it has not ended."""

WORDS = 8
"""Of a row: a cache line of 64 bytes."""

ALIGNED = 8
"""Bytes."""


def _word(context: Any, builder: Any, table: Any, arguments: Any) -> Any:
    """Where the first word of a row of a table is."""
    data = context.make_array(table)(context, builder, arguments[0]).data
    return builder.gep(data, [builder.mul(arguments[1], ir.IntType(64)(WORDS))])


def _load(typing_context: Any, table: Any, row: Any) -> Any:
    """The first word of a row, and all that was stored before it was."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_word(context, builder, table, arguments), "acquire", ALIGNED)

    return types.int64(table, types.int64), generate


def _store(typing_context: Any, table: Any, row: Any, value: Any) -> Any:
    """Set the first word of a row, behind all that was stored before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = _word(context, builder, table, arguments)
        builder.store_atomic(arguments[2], word, "release", ALIGNED)
        return context.get_dummy_value()

    return types.void(table, types.int64, types.int64), generate


def _swap(typing_context: Any, table: Any, row: Any, old: Any, new: Any) -> Any:
    """Set the first word of a row to `new` if it is `old`; whether it was."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = _word(context, builder, table, arguments)
        found = builder.cmpxchg(word, arguments[2], arguments[3], "seq_cst", "seq_cst")
        return builder.extract_value(found, 1)

    return types.boolean(table, types.int64, types.int64, types.int64), generate


load: Any = intrinsic(_load)
store: Any = intrinsic(_store)
swap: Any = intrinsic(_swap)


@inlined_kernel
def begin_phase(table: Array, kind: int, step: int, count: int) -> None:
    """Offer so many tickets; those before are all done."""
    first = table[LIMIT, 0]
    table[PHASE, FIRST], table[PHASE, KIND], table[PHASE, STEP], table[PHASE, UNDER_WAY] = first, kind, step, 1
    store(table, LIMIT, first + count)


@inlined_kernel
def claim(table: Array) -> int:
    """The number in the phase of a ticket that is now the caller's; -1 where there is none."""
    ticket: int = load(table, NEXT)
    while ticket < load(table, LIMIT):
        if swap(table, NEXT, ticket, ticket + 1):
            return ticket - int(table[PHASE, FIRST])
        ticket = load(table, NEXT)
    return -1


@inlined_kernel
def finish(table: Array, part: int) -> None:
    """A ticket of this thread is done."""
    store(table, DONE + part, table[DONE + part, 0] + 1)


@inlined_kernel
def end_phase(table: Array, patience: int) -> bool:
    """Whether the phase has ended, all its tickets being done, after so many looks at most."""
    for _ in range(patience):
        done = 0
        for part in range(table.shape[0] - DONE):
            done += load(table, DONE + part)
        if done == table[LIMIT, 0]:
            table[PHASE, UNDER_WAY] = 0
            return True
    return False
