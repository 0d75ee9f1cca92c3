"""The delivery of events: walking rows, adding weights to accumulators."""

import numpy as np

from ganglion.model.emulator.kernels.arrays import DENSE, LENGTH, NONZERO, START, Array, Rows
from ganglion.model.emulator.kernels.compile import kernel
from ganglion.model.emulator.kernels.words import index_of, prefetch, weight_of

AHEAD = 3
"""Rows that are fetched before they are walked. 2 to 5 are equally good; without, large networks are half as fast."""

TOGETHER = 8
"""Dense rows added in one pass over their targets: eight weights of 8 bits cannot overflow 16."""


@kernel
def fetch_row(rows: Rows, source: int) -> None:
    """Ask for the cache lines of a sparse row."""
    start = rows.table[source, START]
    for j in range(start, start + rows.table[source, LENGTH], 64 // rows.words.itemsize):
        prefetch(rows.words, j)


@kernel
def add_sparse(rows: Rows, source: int, base: int, accumulators: Array) -> None:
    """One sparse row, into the ring turned so that `base` is where the least delay lands."""
    begin = np.uint64(rows.table[source, START])
    end = begin + np.uint64(rows.table[source, LENGTH])
    origin, mask = np.uint64(base), np.uint64(accumulators.size - 1)
    if rows.one_delay:
        for j in range(begin, end):
            word = rows.words[j]
            accumulators[origin + index_of(word)] += weight_of(word)
    else:
        for j in range(begin, end):
            word = rows.words[j]
            accumulators[(origin + index_of(word)) & mask] += weight_of(word)


@kernel
def add_dense(rows: Rows, source: int, accumulators: Array) -> None:
    """One dense row; `accumulators` begins at its first target."""
    row = rows.matrix[rows.table[source, START] : rows.table[source, START] + rows.table[source, LENGTH]]
    for j in range(row.size):
        accumulators[j] += row[j]


@kernel
def add_dense_together(rows: Rows, sources: Array, offset: int, accumulators: Array) -> None:
    """Eight dense rows of one length and one first target, which `accumulators` begins at."""
    size = rows.table[sources[0] + offset, LENGTH]
    r0 = rows.matrix[rows.table[sources[0] + offset, START] :]
    r1 = rows.matrix[rows.table[sources[1] + offset, START] :]
    r2 = rows.matrix[rows.table[sources[2] + offset, START] :]
    r3 = rows.matrix[rows.table[sources[3] + offset, START] :]
    r4 = rows.matrix[rows.table[sources[4] + offset, START] :]
    r5 = rows.matrix[rows.table[sources[5] + offset, START] :]
    r6 = rows.matrix[rows.table[sources[6] + offset, START] :]
    r7 = rows.matrix[rows.table[sources[7] + offset, START] :]
    for j in range(size):
        accumulators[j] += r0[j] + r1[j] + r2[j] + r3[j] + r4[j] + r5[j] + r6[j] + r7[j]


@kernel
def same_targets(rows: Rows, sources: Array, offset: int) -> bool:
    """Whether all these sources have dense rows to the same targets."""
    first = sources[0] + offset
    same = True
    for k in range(1, sources.size):
        source = sources[k] + offset
        same &= rows.table[source, DENSE] == rows.table[first, DENSE]
        same &= rows.table[source, LENGTH] == rows.table[first, LENGTH]
    return same


@kernel
def deliver(rows: Rows, sources: Array, offset: int, base: int, accumulators: Array) -> int:
    """Deliver one event to every synapse of each source.

    Args:
        sources: int64; `offset` is added to each.
        base: index in the ring of target 0 at the least delay from now.
        accumulators: the ring, A (D * P,).

    Returns:
        SynOps: the weights added that are not 0.
    """
    synops, k, mask = 0, 0, accumulators.size - 1
    while k < sources.size:
        source = sources[k] + offset
        first = rows.table[source, DENSE]
        if first < 0:
            if k + 2 * AHEAD < sources.size:
                prefetch(rows.table, (sources[k + 2 * AHEAD] + offset) * 4)
            if k + AHEAD < sources.size:
                fetch_row(rows, sources[k + AHEAD] + offset)
            add_sparse(rows, source, base, accumulators)
        elif k + TOGETHER <= sources.size and same_targets(rows, sources[k : k + TOGETHER], offset):
            add_dense_together(rows, sources[k : k + TOGETHER], offset, accumulators[(base + first) & mask :])
            for j in range(k, k + TOGETHER):
                synops += rows.table[sources[j] + offset, NONZERO]
            k += TOGETHER
            continue
        else:
            add_dense(rows, source, accumulators[(base + first) & mask :])
        synops += rows.table[source, NONZERO]
        k += 1
    return synops
