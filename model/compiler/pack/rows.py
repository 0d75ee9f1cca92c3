"""Rows of synapses: how the synapses of a source become sparse and dense rows of words.

A split of the synapses into rows is an array `segment` of shape (synapses,): synapses of a source with the same number
share a row, which is dense where the number is positive and sparse otherwise.
"""

from dataclasses import dataclass

import numpy as np

from ganglion.model.compiler.layout import Rows, Synapses
from ganglion.model.spec.arrays import IntArray, rank
from ganglion.model.spec.params import Params


@dataclass(frozen=True, eq=False)
class EmptyRows:
    """Rows without synapses, which every source that has none needs one of; int64 of shape (rows,) each."""

    source: IntArray
    segment: IntArray


def planes(synapses: Synapses, params: Params) -> IntArray:
    """Number of the plane of each synapse: a source, a delay, and distinct targets, so that one dense row can hold it.

    Synapses of the same pair and delay lie in different planes: both count, so their weights must never merge.
    """
    fan = synapses.source * params.delay_slots + synapses.delay
    rows = int(synapses.group.max(initial=0)) + 1
    layer = rank((fan * rows + synapses.group) * params.lanes + synapses.lane)
    number: IntArray = np.unique(fan * (int(layer.max(initial=0)) + 1) + layer, return_inverse=True)[1]
    return number


def build_rows(
    synapses: Synapses,
    segment: IntArray,
    empty: EmptyRows,
    params: Params,
    shuffle: np.random.Generator | None = None,
) -> Rows:
    """The rows of a split.

    Args:
        synapses: what to lay out.
        segment: the split, shape (synapses,); no dense segment may leave a plane.
        empty: rows without synapses to add.
        params: the chip, of which lanes and beats matter.
        shuffle: puts the rows of each source in random order; None is ascending by segment.
    """
    beats = params.beats
    low = min(int(segment.min(initial=0)), int(empty.segment.min(initial=0)))
    span = max(int(segment.max(initial=0)), int(empty.segment.max(initial=0))) - low + 1
    keys = np.concatenate((synapses.source * span + segment - low, empty.source * span + empty.segment - low))
    unique, inverse = np.unique(keys, return_inverse=True)
    if shuffle is not None:
        order = np.lexsort((shuffle.random(unique.size), unique // span))
        unique, inverse = unique[order], np.argsort(order)[inverse]
    of = inverse[: synapses.count].astype(np.int64)
    source, dense = unique // span, unique % span + low > 0

    group = np.full(unique.size, np.iinfo(np.int64).max)
    last = np.full(unique.size, -1, dtype=np.int64)
    delay = np.zeros(unique.size, dtype=np.int64)
    np.minimum.at(group, of, synapses.group)
    np.maximum.at(last, of, synapses.group)
    delay[of] = synapses.delay
    # A dense row begins with a whole stride, and ends with one; what has no synapse there has a weight of 0.
    group, delay = np.where(dense, group - group % params.stride, 0), np.where(dense, delay, 0)
    strides = np.where(dense, (last - group) // params.stride + 1, 0)

    place = synapses.group - group[of]
    entry = rank(of * params.lanes + synapses.lane)
    entries = np.zeros(unique.size, dtype=np.int64)
    np.maximum.at(entries, of, entry + 1)
    words = np.where(dense, -(-strides * params.stride // beats), entries)
    first = np.cumsum(words) - words
    return Rows(
        source=source,
        kind=np.zeros(unique.size, dtype=np.int64),
        dense=dense.astype(np.int64),
        group=group,
        delay=delay,
        length=np.where(dense, strides, words),
        words=words,
        first=first,
        of=of,
        word=first[of] + np.where(dense[of], place // beats, entry),
        beat=np.where(dense[of], place % beats, 0),
    )
