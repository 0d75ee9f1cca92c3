"""Putting synapses into rows."""

import numpy as np

from ganglion.model.emulator.kernels.arrays import DENSE, LENGTH, NONZERO, START
from ganglion.model.emulator.kernels.compile import allocating_kernel, kernel
from ganglion.model.emulator.kernels.words import index_of, weight_of
from ganglion.model.spec.arrays import Array

SHORTEST_DENSE = 8
"""A row with fewer synapses stays sparse: it would not fill a vector."""


@kernel
def find_dense(row: Array, target: Array, delay: Array, dense: Array) -> None:
    """Set dense[k] where row k, of enough synapses, names consecutive targets in order, with one delay."""
    for k in range(dense.size):
        begin, end = row[k], row[k + 1]
        consecutive = end - begin >= SHORTEST_DENSE
        for j in range(begin + 1, end):
            if target[j] != target[j - 1] + 1 or delay[j] != delay[begin]:
                consecutive = False
                break
        dense[k] = consecutive


@allocating_kernel
def store_rows(
    length: Array,
    dense: Array,
    target: Array,
    weight: Array,
    delay: Array,
    least_delay: int,
    pitch: int,
    weight_bits: int,
    words: Array,
    matrix: Array,
    table: Array,
    positive: Array,
    negative: Array,
) -> None:
    """Store consecutive rows.

    Args:
        length: synapses of each row; `dense` says how it is stored.
        target, weight, delay: of the rows' synapses, one row after another.
        weight_bits: of a word.
        words, matrix: where the first sparse and the first dense row go.
        table: the rows' part of `Rows.table`, of which DENSE and NONZERO are set.
        positive, negative: sums of such weights by target, added to.
    """
    t = words.dtype.type
    low_bits = t((1 << weight_bits) - 1)
    begin, word, cell = 0, 0, 0
    for k in range(length.size):
        size = length[k]
        end = begin + size
        count = 0
        for j in range(begin, end):
            value = weight[j]
            count += value != 0
            positive[target[j]] += max(value, 0)
            negative[target[j]] += min(value, 0)
        table[k, NONZERO] = count
        table[k, DENSE] = -1
        if dense[k] and size:
            table[k, DENSE] = (delay[begin] - least_delay) * pitch + target[begin]
            matrix[cell : cell + size] = weight[begin:end].astype(matrix.dtype)
            cell += size
        else:
            keys = (delay[begin:end] - least_delay) * pitch + target[begin:end]
            ascending = True
            for j in range(1, size):
                ascending &= keys[j - 1] <= keys[j]
            order = np.arange(size) if ascending else np.argsort(keys, kind="mergesort")
            for j in range(size):
                entry = order[j]
                words[word + j] = (t(keys[entry]) << t(weight_bits)) | (t(weight[begin + entry]) & low_bits)
            word += size
        begin = end


@kernel
def sum_weights(table: Array, words: Array, matrix: Array, pitch: int, sums: Array) -> None:
    """Add each positive weight to sums[0, target], each negative one to sums[1, target]."""
    for source in range(table.shape[0]):
        start, dense = table[source, START], table[source, DENSE]
        for j in range(start, start + table[source, LENGTH]):
            if dense >= 0:
                index, weight = dense + j - start, np.int64(matrix[j])
            else:
                index, weight = np.int64(index_of(words[j])), np.int64(weight_of(words[j]))
            sums[int(weight < 0), index % pitch] += weight


@kernel
def check_rows(
    table: Array,
    words: Array,
    matrix: Array,
    pitch: int,
    count: int,
    slots: int,
    weight_bits: int,
    lowest: int,
    highest: int,
) -> int:
    """The first row that no network has, or -1. A row is looked at as a whole, so that vectors do it.

    Args:
        table, words, matrix: stored rows, each of which lies within `words` or `matrix`.
        pitch: of the ring.
        count: neurons that there are.
        slots: of the ring that synapses may end in.
        weight_bits: of a word.
        lowest, highest: what a weight may be.
    """
    t = words.dtype.type
    mask, bits = t(pitch - 1), t(weight_bits)
    for source in range(table.shape[0]):
        start, length, dense = table[source, START], table[source, LENGTH], table[source, DENSE]
        wrong, nonzero = np.int32(0), np.int32(0)
        least, most = matrix.dtype.type(0), matrix.dtype.type(0)
        if dense >= 0:
            wrong += (dense & (pitch - 1)) + length > count or dense + length > slots * pitch
            for j in range(start, start + length):
                least, most = min(least, matrix[j]), max(most, matrix[j])
                nonzero += matrix[j] != 0
        elif length:
            farthest = t(0)
            for j in range(start, start + length):
                index, weight = t(words[j] >> bits), weight_of(words[j])
                farthest = max(farthest, t(index & mask))
                least, most = min(least, weight), max(most, weight)
                nonzero += weight != 0
            for j in range(start + 1, start + length):
                wrong += t(words[j - 1] >> bits) > t(words[j] >> bits)
            wrong += farthest >= count or np.int64(words[start + length - 1] >> bits) >= slots * pitch
        if wrong or least < lowest or most > highest or nonzero != table[source, NONZERO]:
            return source
    return -1
