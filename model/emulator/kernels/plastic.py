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

LOW, HIGH, STOCHASTIC, QUIET, TAGGED, GATED, FIRST, LAST = range(8)
"""Columns of `Plastic.rules`. GATED: every term has what the target's spikes or traces say as a factor."""

OF_TAG, SCALE, VECTORS, VECTOR = range(4)
"""Columns of `Plastic.terms`: whether a term changes the tag, its scale times 2^(k + fraction bits), and how many of
its factors, the dependency among them, differ from synapse to synapse of a source; then these, then the others."""

MOST_VECTORS = MOST_FACTORS + 1

SCALAR = VECTOR + MOST_VECTORS

TERM_COLUMNS = SCALAR + MOST_VECTORS

FEED, KERNEL, JUMP, SET, DECAY_M, DECAY_S, BOUND = range(7)
"""Columns of `Plastic.post`, and those of `Plastic.pre` but for the last three."""

VALUE = BOUND + BOUNDS

POST_COLUMNS = VALUE + BOUNDS + 1

SCALARS, NEW_W, NEW_E, PLACE = range(4)
"""Rows of `Plastic.work`: of factors that are the same for all synapses of a source, by number; of new weights and
tags, in the fraction of a sum; and of the synapses that are visited. Factors that differ have rows by number, too."""

WORK_ROWS = int(Factor.E) + 1


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
    """(P,): where the weight is, in `Rows.matrix` or `Rows.words`."""
    target: Array
    """(P,)."""
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
    active: Array
    """(N,): the neurons of which one of these is not 0, ascending."""
    work: Array
    """(threads, WORK_ROWS, CHUNK): room for a chunk."""
    keys: Array
    """(threads, keys): of the rounding of a row."""
    counts: Array
    """(threads, 8): visits, changes and saturations of a sweep."""
