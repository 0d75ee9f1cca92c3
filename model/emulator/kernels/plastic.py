"""The arrays of a network that learns, besides those that all networks run in: what `Plastic` holds.

A trace of spikes is kept as its value at the last spike and the time of that spike, so what is silent costs nothing.
Times are steps learned: a spike in the first step has the time 1, and 0 is no spike.
"""

from typing import NamedTuple

from ganglion.model.spec.arrays import Array
from ganglion.model.spec.learning_memories import BOUNDS, MOST_FACTORS, Factor

CHUNK = 256
"""Synapses that a sweep visits at a time: what they see stays in the nearest cache."""

LEARNED, VISITS, CHANGES, SATURATIONS, MODULATOR = range(5)
"""Places in `Plastic.clock`: the steps learned, the totals of what is counted, and the first of the modulators."""

SOURCE, RULE, COPY, BEGIN, END, TARGET = range(6)
"""Columns of `Plastic.rows`; TARGET is the first of consecutive targets, or -1 where they are not."""

LOW, HIGH, STOCHASTIC, QUIET, TAGGED, SEES, FIRST, LAST = range(8)
"""Columns of `Plastic.rules`. SEES: which of y0 to y3 its terms have as factors, a bit each."""

FIRED, ACTIVE, EVERY = 1, 2, 3
"""Targets that a term reaches: those that fired in this epoch, as y0 is a factor; those that have a trace other than 0
or fired, as one of y1 to y3 is; or every one."""

MOST_VECTORS = MOST_FACTORS + 1
"""Factors of a term, the dependency among them."""

OF_TAG, SCALE, REACH, BY_SOURCE = range(4)
"""Columns of `Plastic.terms`: whether a term changes the tag, its scale times 2^(k + fraction bits), and what it
reaches; then its factors for visits of the synapses of one source, and again, from BY_TARGET on, of one target."""

SCALAR = 1 + MOST_VECTORS
"""Where among these are those that do not differ from synapse to synapse; the others are in front, behind how many."""

BY_TARGET = BY_SOURCE + SCALAR + MOST_VECTORS

TERM_COLUMNS = BY_TARGET + SCALAR + MOST_VECTORS

FEED, KERNEL, JUMP, SET, DECAY_M, DECAY_S, BOUND = range(7)
"""Columns of `Plastic.post`, and those of `Plastic.pre` but for the last three."""

VALUE = BOUND + BOUNDS

POST_COLUMNS = VALUE + BOUNDS + 1

SCALARS, NEW_W, NEW_E, PLACE, ROW, SCALES, WORK_ROWS = range(int(Factor.E) + 1, int(Factor.E) + 8)
"""Rows of `Plastic.work`, behind those of factors that differ from synapse to synapse, which have rows by number:
factors that do not, by number; new weights and tags, in the fraction of a sum; the synapses that are visited, and their
rows; and the scales of the terms of the rule, times factors that do not differ."""


class Plastic(NamedTuple):
    """What learns. S sources of the whole network; N neurons held here, R rows, P synapses that have a rule; arrays are
    int64 unless they say else."""

    epoch: int
    """Steps T."""
    ages: int
    """Ages G that kernels tell apart."""
    most: int
    """Greatest value of a trace of spikes."""
    tag_high: int
    receptor: int
    """Where in a slot of the ring the accumulators of receptor 1 begin; 0: there are none."""
    drawn: int
    """Seed of the rounding: that of the network, with the bit that tells it from noise."""
    kernels: Array
    """(kernels, G)."""
    pre: Array
    """(2, columns): presynaptic traces; FEED is 0 where there is none."""
    post: Array
    """(types, 3, POST_COLUMNS)."""
    type: Array
    """(N,): of each neuron."""
    rules: Array
    """(rules, columns)."""
    terms: Array
    """(terms, TERM_COLUMNS)."""
    rows: Array
    """(R, columns): of one source, rule and copy each, in the order of the sources; synapses BEGIN … END - 1."""
    parts: Array
    """(threads + 1,): each thread's share of the rows; no source is in two of them."""
    cell: Array
    """(P,): where the weight is: cell k of `Rows.matrix`, or of `Rows.words` where it is ~k."""
    target: Array
    """(P,)."""
    into: Array
    """int32 (P, 2): synapses by their targets, and the row of each."""
    into_start: Array
    """(N + 1,): the synapses to neuron n are into[into_start[n] : into_start[n + 1]]."""
    waits: Array
    """(R,): 1 + number of the rule of a row that is visited target by target; 0 of others."""
    row_x: Array
    """(3, R): what is seen of x0 to x2, of rows that wait."""
    clock: Array
    """(MODULATOR + 4,)."""
    traced: Array
    """uint8 (S,): whether a source has synapses that have a rule; the others remember nothing."""
    x0: Array
    """(S,): 1 where it fired in this epoch."""
    x: Array
    """(2, S): presynaptic traces at the last spike."""
    x_time: Array
    """(S,): of the last spike."""
    y0: Array
    """(N,): 1 where it fired in this epoch."""
    y: Array
    """(3, N): postsynaptic traces; of spikes, at the last spike."""
    y_time: Array
    """(N,)."""
    tag: Array
    """(P,)."""
    tagged: Array
    """uint8 (R,): 0 where no tag of the row is other than 0."""
    seen: Array
    """(4, N): what a sweep sees of y0 to y3."""
    slots: int
    """Postsynaptic traces that some neuron has."""
    reached: Array
    """(2, N): the neurons that FIRED, and that are ACTIVE, ascending."""
    listed: Array
    """(2,): how many these are."""
    near: Array
    """uint8 (N,): FIRED, ACTIVE or EVERY: the least of these that a neuron is."""
    work: Array
    """(threads, WORK_ROWS, CHUNK): room for a chunk."""
    keys: Array
    """(threads, keys): of the rounding of a row."""
    counts: Array
    """(threads, 8): visits, changes and saturations of a sweep."""
