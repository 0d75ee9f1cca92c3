"""The sweep: behind the last delivery of an epoch, every synapse that has a rule is visited once.

Synapses of one source are gathered, a chunk at a time, and each term of their rule is added to all of them. The order
of visits does not matter, since nothing that a synapse sees of others changes in a sweep. What a visit does is in
`ganglion.model.spec.plasticity`.

A synapse to which every term adds 0 stays as it is: its weight and tag are within their ranges, and the rounding adds
less than 1. So in pair STDP, say, of a source that has not fired only synapses to neurons that have are looked at; few
in each row, these are gathered by their targets.
"""

import numpy as np

from ganglion.model.emulator.kernels.arrays import NONZERO, ZERO, Number, Rows
from ganglion.model.emulator.kernels.compile import kernel
from ganglion.model.emulator.kernels.noise import drawn, step_keys
from ganglion.model.emulator.kernels.plastic import (
    BEGIN,
    BY_SOURCE,
    BY_TARGET,
    CHANGES,
    CHUNK,
    COPY,
    END,
    EVERY,
    FIRED,
    FIRST,
    HIGH,
    LAST,
    LEARNED,
    LOW,
    MODULATOR,
    MOST_VECTORS,
    NEW_E,
    NEW_W,
    OF_TAG,
    PLACE,
    QUIET,
    REACH,
    ROW,
    RULE,
    SATURATIONS,
    SCALAR,
    SCALARS,
    SCALE,
    SCALES,
    SEES,
    SOURCE,
    STOCHASTIC,
    TAGGED,
    TARGET,
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
SOURCE_TRACES, TARGET_TRACES = 3, 4
"""x0 to x2, and y0 to y3."""


@kernel
def sweep(rows: Rows, plastic: Plastic, part: int, first_neuron: int) -> None:
    """Visit the synapses of one thread's share of the rows; what is counted goes to `plastic.counts`.

    Args:
        first_neuron: number in the network of neuron 0 here.
    """
    counts, values = plastic.counts[part], plastic.work[part, SCALARS]
    counts[:] = 0
    now = plastic.clock[LEARNED]
    values[ONE] = 1
    for k in range(plastic.clock.size - MODULATOR):
        values[R0 + k] = plastic.clock[MODULATOR + k]
    wait = 0
    for row in range(plastic.parts[part], plastic.parts[part + 1]):
        source, number = plastic.rows[row, SOURCE], plastic.rows[row, RULE]
        rule = plastic.rules[number]
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
        terms = plastic.terms[rule[FIRST] : rule[LAST]]
        reach = scale_terms(terms, BY_SOURCE, plastic.work[part]) if visited else 0
        plastic.waits[row] = 0
        if reach == FIRED and not rule[STOCHASTIC]:
            plastic.waits[row] = number + 1
            for k in range(SOURCE_TRACES):
                plastic.row_x[k, row] = values[X0 + k]
            wait |= 1 << min(number, 62)
        elif reach:
            visit(rows, plastic, part, row, reach, first_neuron)
    for number in range(plastic.rules.shape[0]):
        if wait >> min(number, 62) & 1:
            for k in range(plastic.listed[FIRED - 1]):
                visit_target(rows, plastic, part, number, plastic.reached[FIRED - 1, k])


@kernel
def scale_terms(terms: Array, at: int, work: Array) -> int:
    """Multiply terms by what is the same for all synapses of a visit; which targets they reach then, 0 is none.

    Args:
        at: BY_SOURCE or BY_TARGET.
    """
    reach = 0
    for term in range(terms.shape[0]):
        scale = terms[term, SCALE]
        for k in range(at + SCALAR, at + SCALAR + MOST_VECTORS):
            scale *= work[SCALARS, terms[term, k]]
        work[SCALES, term] = scale
        if scale != 0:
            reach = max(reach, terms[term, REACH])
    return reach


@kernel
def visit(rows: Rows, plastic: Plastic, part: int, row: int, reach: int, first_neuron: int) -> None:
    """Visit the synapses of a row whose terms reach so far."""
    source, rule, work = plastic.rows[row, SOURCE], plastic.rules[plastic.rows[row, RULE]], plastic.work[part]
    begin, end, first = plastic.rows[row, BEGIN], plastic.rows[row, END], plastic.rows[row, TARGET]
    terms = plastic.terms[rule[FIRST] : rule[LAST]]
    by_list = reach < EVERY and first >= 0
    listed = plastic.reached[min(reach, EVERY - 1) - 1]
    last = plastic.listed[min(reach, EVERY - 1) - 1] if by_list else end - begin
    keyed = False
    plastic.tagged[row] &= reach < EVERY
    at: Number = np.int64(0)
    while at < last:
        if by_list:
            at, count = choose(listed[:last], at, first, begin, end, work[PLACE])
        else:
            at, count = choose_near(plastic.near, reach, plastic.target, at, begin, end, work[PLACE])
        if count == 0:
            continue
        gather(rows, plastic.cell, plastic.tag, rule[TAGGED], count, work)
        for trace in range(TARGET_TRACES):
            if rule[SEES] >> trace & 1:
                for k in range(count):
                    work[Y0 + trace, k] = plastic.seen[trace, plastic.target[work[PLACE, k]]]
        add_terms(terms, BY_SOURCE, work, count)
        if rule[STOCHASTIC]:
            if not keyed:
                seed = plastic.drawn ^ (plastic.rows[row, COPY] << NUMBER_BITS) ^ source
                step_keys(seed, plastic.clock[LEARNED] // plastic.epoch - 1, plastic.keys[part])
                keyed = True
            for k in range(count):
                number = first_neuron + plastic.target[work[PLACE, k]]
                fraction = drawn(plastic.keys[part], number) & ((1 << FRACTION_BITS) - 1)
                work[NEW_W, k] += fraction
                work[NEW_E, k] += fraction
        work[ROW, :count] = row
        write_weights(rows, plastic.cell, plastic.rows, rule, count, work, plastic.counts[part])
        if rule[TAGGED] and plastic.tag_high:
            write_tags(plastic.tag, plastic.tagged, plastic.tag_high, count, work, plastic.counts[part])


@kernel
def visit_target(rows: Rows, plastic: Plastic, part: int, number: int, neuron: int) -> None:
    """Visit the synapses to a neuron in rows of this rule that wait: far fewer than those of the rows."""
    rule, work = plastic.rules[number], plastic.work[part]
    terms = plastic.terms[rule[FIRST] : rule[LAST]]
    for trace in range(TARGET_TRACES):
        work[SCALARS, Y0 + trace] = plastic.seen[trace, neuron]
    scale_terms(terms, BY_TARGET, work)
    low, high = plastic.parts[part], plastic.parts[part + 1]
    at, last = plastic.into_start[neuron], plastic.into_start[neuron + 1]
    while at < last:
        stop, count = min(last, at + CHUNK), ZERO
        for k in range(at, stop):
            row = np.int64(plastic.into[k, 1])
            work[PLACE, count], work[ROW, count] = plastic.into[k, 0], row
            if low <= row < high:
                count += plastic.waits[row] == number + 1
        at = stop
        gather(rows, plastic.cell, plastic.tag, rule[TAGGED], count, work)
        for trace in range(SOURCE_TRACES):
            for k in range(count):
                work[X0 + trace, k] = plastic.row_x[trace, work[ROW, k]]
        add_terms(terms, BY_TARGET, work, count)
        write_weights(rows, plastic.cell, plastic.rows, rule, count, work, plastic.counts[part])
        if rule[TAGGED] and plastic.tag_high:
            write_tags(plastic.tag, plastic.tagged, plastic.tag_high, count, work, plastic.counts[part])


@kernel
def choose_near(
    near: Array, reach: int, target: Array, at: int, begin: int, end: int, places: Array
) -> tuple[int, int]:
    """List synapses begin + at … end - 1 whose targets are within reach, as many as there is room for.

    Returns:
        Where to go on, and how many are listed.
    """
    stop, count = min(end, begin + at + places.size), 0
    for synapse in range(begin + at, stop):
        places[count] = synapse
        count += near[target[synapse]] <= reach
    return stop - begin, count


@kernel
def choose(reached: Array, at: int, first: int, begin: int, end: int, places: Array) -> tuple[int, int]:
    """As `choose_near`, those to neurons from reached[at] on; the first of the row is that to neuron `first`."""
    stop, count = min(reached.size, at + places.size), 0
    for k in range(at, stop):
        place = begin + reached[k] - first
        places[count] = place
        count += begin <= place < end
    return stop, count


@kernel
def gather(rows: Rows, cells: Array, tags: Array, tagged: int, count: int, work: Array) -> None:
    """Weights and tags of the listed synapses, and the sums that become their new ones."""
    for k in range(count):
        cell = cells[work[PLACE, k]]
        work[W, k] = np.int64(rows.matrix[cell]) if cell >= 0 else np.int64(weight_of(rows.words[~cell]))
        work[NEW_W, k] = work[W, k] << FRACTION_BITS
    if tagged:
        for k in range(count):
            work[E, k] = tags[work[PLACE, k]]
            work[NEW_E, k] = work[E, k] << FRACTION_BITS


@kernel
def add_terms(terms: Array, at: int, work: Array, count: int) -> None:
    """Add terms, whose scales are known, to the weights or tags of the listed synapses.

    Args:
        at: BY_SOURCE or BY_TARGET.
    """
    for number in range(terms.shape[0]):
        scale, factors = work[SCALES, number], terms[number, at : at + SCALAR]
        if scale != 0:
            sums = work[NEW_E if terms[number, OF_TAG] else NEW_W]
            a, b, c, d = work[factors[1]], work[factors[2]], work[factors[3]], work[factors[4]]
            vectors = factors[0]
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
def write_weights(
    rows: Rows, cells: Array, swept: Array, rule: Array, count: int, work: Array, counts: Array
) -> None:
    """Round and clip the sums of the listed synapses, and write the weights that have changed.

    Args:
        cells, swept: `Plastic.cell` and `Plastic.rows`.
    """
    low, high = rule[LOW], rule[HIGH]
    mask = rows.words.dtype.type((1 << (8 * rows.matrix.itemsize)) - 1)
    for k in range(count):
        old, exact = work[W, k], work[NEW_W, k] >> FRACTION_BITS
        new = min(max(exact, low), high)
        counts[SATURATIONS] += exact != new
        if new != old:
            cell = cells[work[PLACE, k]]
            if cell >= 0:
                rows.matrix[cell] = new
            else:
                word = rows.words[~cell]
                rows.words[~cell] = (word & ~mask) | (rows.words.dtype.type(new) & mask)
            counts[CHANGES] += 1
            if new == 0 or old == 0:
                rows.table[swept[work[ROW, k], SOURCE], NONZERO] += int(new != 0) - int(old != 0)


@kernel
def write_tags(tags: Array, tagged: Array, high: int, count: int, work: Array, counts: Array) -> None:
    """The same of the tags; which rows have some other than 0."""
    for k in range(count):
        exact = work[NEW_E, k] >> FRACTION_BITS
        tag = min(max(exact, -high - 1), high)
        counts[SATURATIONS] += exact != tag
        tags[work[PLACE, k]] = tag
        tagged[work[ROW, k]] |= tag != 0
