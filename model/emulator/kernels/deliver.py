"""The delivery of events: walking rows, adding weights to accumulators."""

import numpy as np

from ganglion.model.emulator.kernels.arrays import DENSE, LENGTH, NONZERO, START, Rows
from ganglion.model.emulator.kernels.compile import inlined_kernel
from ganglion.model.emulator.kernels.dense import add_rows
from ganglion.model.emulator.kernels.words import index_of, prefetch, weight_of
from ganglion.model.spec.arrays import Array

AHEAD = 3
"""Rows that are fetched before they are walked. 2 to 5 are equally good; without, large networks are half as fast."""


@inlined_kernel
def fetch_row(rows: Rows, source: int) -> None:
    """Ask for the cache lines of a sparse row."""
    start = rows.table[source, START]
    for j in range(start, start + rows.table[source, LENGTH], 64 // rows.words.itemsize):
        prefetch(rows.words, j)


@inlined_kernel
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


@inlined_kernel
def add_dense(
    rows: Rows, sources: Array, offset: int, base: int, starts: Array, accumulators: Array
) -> tuple[int, int]:
    """The rows of the first sources, as far as they are dense and have the same targets; how many, and their SynOps."""
    table = rows.table
    first, length = table[sources[0] + offset, DENSE], table[sources[0] + offset, LENGTH]
    count, synops = 0, 0
    while count < min(sources.size, starts.size):
        source = sources[count] + offset
        if table[source, DENSE] != first or table[source, LENGTH] != length:
            break
        starts[count] = table[source, START]
        synops += table[source, NONZERO]
        count += 1
    add_rows(rows.matrix, starts, count, length, accumulators[(base + first) & (accumulators.size - 1) :])
    return count, synops


@inlined_kernel
def deliver(rows: Rows, sources: Array, offset: int, base: int, starts: Array, accumulators: Array) -> int:
    """Deliver one event to every synapse of each source.

    Args:
        sources: int64; `offset` is added to each.
        base: index in the ring of target 0 at the least delay from now.
        starts: int64, room for the starts of rows that are added together.
        accumulators: the ring, A (D * P,).

    Returns:
        SynOps: the weights added that are not 0.
    """
    synops, k = 0, 0
    while k < sources.size:
        source = sources[k] + offset
        if rows.table[source, DENSE] >= 0:
            count, added = add_dense(rows, sources[k:], offset, base, starts, accumulators)
            synops += added
            k += count
            continue
        if k + 2 * AHEAD < sources.size:
            prefetch(rows.table, (sources[k + 2 * AHEAD] + offset) * 4)
        if k + AHEAD < sources.size:
            fetch_row(rows, sources[k + AHEAD] + offset)
        add_sparse(rows, source, base, accumulators)
        synops += rows.table[source, NONZERO]
        k += 1
    return synops
