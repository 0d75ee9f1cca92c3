"""The sweep: behind the last delivery of an epoch, every synapse that has a rule is visited once.

Synapses of one source are gathered, a chunk at a time, and each term of their rule is added to all of them. The order
of visits does not matter, since nothing that a synapse sees of others changes in a sweep. What a visit does is in
`ganglion.model.spec.plasticity`.
"""

import numpy as np

from ganglion.model.emulator.kernels.arrays import DENSE, NONZERO, Rows
from ganglion.model.emulator.kernels.compile import kernel
from ganglion.model.emulator.kernels.noise import drawn, step_keys
from ganglion.model.emulator.kernels.plastic import (
    BEGIN,
    CHANGES,
    COPY,
    END,
    FIRST,
    GATED,
    HIGH,
    LAST,
    LEARNED,
    LOW,
    MODULATOR,
    NEW_E,
    NEW_W,
    OF_TAG,
    PLACE,
    QUIET,
    RULE,
    SATURATIONS,
    SCALAR,
    SCALARS,
    SCALE,
    SOURCE,
    STOCHASTIC,
    TAGGED,
    TARGET,
    VECTOR,
    VECTORS,
    VISITS,
    Plastic,
)
from ganglion.model.emulator.kernels.traces import seen
from ganglion.model.emulator.kernels.words import weight_of
from ganglion.model.spec.arrays import Array
from ganglion.model.spec.learning_memories import FRACTION_BITS, Factor
from ganglion.model.spec.noise_constants import NUMBER_BITS

ONE, X0, X1, X2, R0 = (int(factor) for factor in (Factor.ONE, Factor.X0, Factor.X1, Factor.X2, Factor.R0))
Y0, W, E = int(Factor.Y0), int(Factor.W), int(Factor.E)
TRACES = 4
"""y0 to y3."""


@kernel
def sweep(rows: Rows, plastic: Plastic, part: int, first_neuron: int, active: int) -> None:
    """Visit the synapses of one thread's share of the rows; what is counted goes to `plastic.counts`.

    Args:
        first_neuron: number in the network of neuron 0 here.
        active: neurons that have a trace other than 0, or fired in this epoch: so many are listed.
    """
    counts, values = plastic.counts[part], plastic.work[part, SCALARS]
    counts[:] = 0
    now = plastic.clock[LEARNED]
    values[ONE] = 1
    for k in range(plastic.clock.size - MODULATOR):
        values[R0 + k] = plastic.clock[MODULATOR + k]
    for row in range(plastic.parts[part], plastic.parts[part + 1]):
        source, rule = plastic.rows[row, SOURCE], plastic.rules[plastic.rows[row, RULE]]
        age = min(now - plastic.x_time[source], plastic.ages - 1)
        values[X0] = plastic.x0[source]
        values[X1] = seen(plastic, plastic.x[0, source], age, plastic.pre[0])
        values[X2] = seen(plastic, plastic.x[1, source], age, plastic.pre[1])
        begin, end = plastic.rows[row, BEGIN], plastic.rows[row, END]
        visited = end - begin
        if rule[QUIET] and values[X0] == 0 and values[X1] == 0 and values[X2] == 0:
            visited = 0
            if rule[TAGGED] and plastic.tagged[row]:
                for synapse in range(begin, end):
                    visited += plastic.tag[synapse] != 0
            if visited == 0:
                plastic.tagged[row] = 0
        counts[VISITS] += visited
        if visited == 0 or (rule[GATED] and not active):
            continue
        if rule[STOCHASTIC]:
            seed = plastic.drawn ^ (plastic.rows[row, COPY] << NUMBER_BITS) ^ source
            step_keys(seed, now // plastic.epoch - 1, plastic.keys[part])
        plastic.tagged[row] = visit(rows, plastic, part, row, first_neuron, plastic.active[:active])


@kernel
def visit(rows: Rows, plastic: Plastic, part: int, row: int, first_neuron: int, active: Array) -> bool:
    """Visit the synapses of a row; whether any tag may be other than 0 now."""
    rule, work = plastic.rules[plastic.rows[row, RULE]], plastic.work[part]
    begin, end = plastic.rows[row, BEGIN], plastic.rows[row, END]
    at, tagged = 0, rule[GATED] and plastic.tagged[row]
    gated = rule[GATED] != 0 and plastic.rows[row, TARGET] >= 0
    first = plastic.rows[row, TARGET]
    while at < (active.size if gated else end - begin):
        if gated:
            at, count = choose(active, at, first, begin, end, work[PLACE])
        else:
            at, count = choose_all(at, begin, end, work[PLACE])
        gather(rows, plastic, plastic.rows[row, SOURCE], count, work)
        for term in range(rule[FIRST], rule[LAST]):
            add_term(plastic.terms[term], work, count)
        if rule[STOCHASTIC]:
            for k in range(count):
                number = first_neuron + plastic.target[work[PLACE, k]]
                fraction = drawn(plastic.keys[part], number) & ((1 << FRACTION_BITS) - 1)
                work[NEW_W, k] += fraction
                work[NEW_E, k] += fraction
        tagged |= write(rows, plastic, part, row, count, work)
    return bool(tagged != 0)


@kernel
def choose_all(at: int, begin: int, end: int, places: Array) -> tuple[int, int]:
    """List synapses begin + at … end - 1, as many as there is room for.

    Returns:
        Where to go on, and how many are listed.
    """
    count = min(end - begin - at, places.size)
    for k in range(count):
        places[k] = begin + at + k
    return at + count, count


@kernel
def choose(active: Array, at: int, first: int, begin: int, end: int, places: Array) -> tuple[int, int]:
    """As `choose_all`, those to active neurons from active[at] on; the first of the row is that to neuron `first`."""
    count = 0
    while at < active.size and count < places.size:
        place = begin + active[at] - first
        places[count] = place
        count += begin <= place < end
        at += 1
    return at, count


@kernel
def gather(rows: Rows, plastic: Plastic, source: int, count: int, work: Array) -> None:
    """What the listed synapses see, and the sums that become their weights and tags."""
    dense = rows.table[source, DENSE] >= 0
    for k in range(count):
        synapse = work[PLACE, k]
        cell, target = plastic.cell[synapse], plastic.target[synapse]
        work[W, k] = np.int64(rows.matrix[cell]) if dense else np.int64(weight_of(rows.words[cell]))
        work[E, k] = plastic.tag[synapse]
        for trace in range(TRACES):
            work[Y0 + trace, k] = plastic.seen[trace, target]
        work[NEW_W, k] = work[W, k] << FRACTION_BITS
        work[NEW_E, k] = work[E, k] << FRACTION_BITS


@kernel
def add_term(term: Array, work: Array, count: int) -> None:
    """Add a term to the weights or tags of the listed synapses."""
    scale = term[SCALE]
    for k in range(SCALAR, term.size):
        scale *= work[SCALARS, term[k]]
    sums = work[NEW_E if term[OF_TAG] else NEW_W]
    if scale == 0:
        return
    a, b, c, d = work[term[VECTOR]], work[term[VECTOR + 1]], work[term[VECTOR + 2]], work[term[VECTOR + 3]]
    vectors = term[VECTORS]
    if vectors == 0:
        for k in range(count):
            sums[k] += scale
    elif vectors == 1:
        for k in range(count):
            sums[k] += scale * a[k]
    elif vectors == 2:
        for k in range(count):
            sums[k] += scale * a[k] * b[k]
    elif vectors == 3:
        for k in range(count):
            sums[k] += scale * a[k] * b[k] * c[k]
    else:
        for k in range(count):
            sums[k] += scale * a[k] * b[k] * c[k] * d[k]


@kernel
def write(rows: Rows, plastic: Plastic, part: int, row: int, count: int, work: Array) -> bool:
    """Round and clip the sums of the listed synapses, and write them; whether any tag is other than 0."""
    source, rule, counts = plastic.rows[row, SOURCE], plastic.rules[plastic.rows[row, RULE]], plastic.counts[part]
    low, high, tag_high = rule[LOW], rule[HIGH], plastic.tag_high
    dense = rows.table[source, DENSE] >= 0
    mask = rows.words.dtype.type((1 << (8 * rows.matrix.itemsize)) - 1)
    tagged, changes, saturations, grown = np.int64(0), 0, 0, 0
    for k in range(count):
        synapse, old = work[PLACE, k], work[W, k]
        exact = work[NEW_W, k] >> FRACTION_BITS
        new = min(max(exact, low), high)
        saturations += exact != new
        if new != old:
            cell = plastic.cell[synapse]
            if dense:
                rows.matrix[cell] = new
            else:
                word = rows.words[cell]
                rows.words[cell] = (word & ~mask) | (rows.words.dtype.type(new) & mask)
            changes += 1
            grown += int(new != 0) - int(old != 0)
        if tag_high:
            exact = work[NEW_E, k] >> FRACTION_BITS
            tag = min(max(exact, -tag_high - 1), tag_high)
            saturations += exact != tag
            plastic.tag[synapse] = tag
            tagged |= tag
    rows.table[source, NONZERO] += grown
    counts[CHANGES] += changes
    counts[SATURATIONS] += saturations
    return bool(tagged != 0)
