"""What learns of a network that the emulator runs: from its program to the arrays of the kernels, and its state."""

from collections.abc import Mapping, Sequence

import numpy as np

from ganglion.model.emulator.kernels.arrays import DENSE
from ganglion.model.emulator.kernels.plastic import (
    ACTIVE,
    BEGIN,
    CHUNK,
    END,
    EVERY,
    FIRED,
    LEARNED,
    MODULATOR,
    MOST_VECTORS,
    POST_COLUMNS,
    SATURATIONS,
    SOURCE,
    VISITS,
    WORK_ROWS,
    Plastic,
)
from ganglion.model.emulator.network import StoredNetwork
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.errors import CapacityError
from ganglion.model.spec.learning import LearningRule, Term
from ganglion.model.spec.learning_memories import BOUNDS, FRACTION_BITS, Factor, Feed
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.noise_constants import KEYED_ROUNDS
from ganglion.model.spec.params import Params
from ganglion.model.spec.state import MODULATORS
from ganglion.model.spec.synaptic_traces import PostTrace, PreTrace

OF_TARGETS = {Factor.Y0, Factor.Y1, Factor.Y2, Factor.Y3}

OF_SOURCES = {Factor.X0, Factor.X1, Factor.X2}

OF_SYNAPSES = {Factor.W, Factor.E}

NUMBERS = MODULATOR + MODULATORS + 1
"""Numbers of a snapshot of what learns."""

ROUNDING = 1 << 31
"""Bit of the seed that tells rounding from noise."""


class Plasticity:
    """The arrays of what learns, and what is asked of them between two steps.

    Args:
        network: with its program, or a share of it.
        type_of: of each neuron, int64 (neurons,); seen when it changes.

    Raises:
        CapacityError: sums of a rule that 64 bits may not hold.
    """

    def __init__(self, network: StoredNetwork, type_of: Array) -> None:
        program = network.neurons
        assert program.learning is not None, "a network without learning has nothing that learns"
        self.learning, self.params, self._network = program.learning, program.params, network
        for rule in self.learning.rules:
            _check_sums(rule, self.params)
        cell, numbers = network.cells_of(network.ruled), network.held[network.ruled]
        dense = network.rows.table[:, DENSE] >= 0
        source, rules_of, copy = program.pre[numbers], program.rule[numbers], program.copy[numbers]
        order = np.lexsort((cell, copy, rules_of, source))
        self._swept = network.ruled[order]
        """Number here of each synapse in the order of the sweep."""
        target = program.post_neuron[numbers[order]] - network.first
        rows = _rows(source[order], rules_of[order] - 1, copy[order], target)
        into, row_of = np.argsort(target, kind="stable"), np.repeat(np.arange(len(rows)), rows[:, END] - rows[:, BEGIN])
        rules, terms = _rules(self.learning.rules, self.params)
        sources, ages = program.inputs + program.neurons, max(2, self.params.trace_ages)
        self.arrays = Plastic(
            epoch=self.learning.epoch,
            ages=ages,
            most=(1 << self.params.trace_bits) - 1,
            tag_high=(1 << self.params.tag_bits >> 1) - 1 if self.params.tag_bits else 0,
            receptor=network.receptor,
            drawn=program.seed ^ ROUNDING,
            kernels=np.array([k.table(ages) for k in self.learning.kernels] or [(0,) * ages], dtype=np.int64),
            pre=np.array([_spikes(trace) for trace in [*self.learning.pre, None, None][:2]], dtype=np.int64),
            post=_post(program.types),
            type=type_of,
            rules=rules,
            terms=terms,
            rows=rows,
            parts=_parts(rows, 1),
            cell=np.where(dense[source], cell, ~cell)[order],
            target=target,
            into=np.column_stack((into, row_of[into])).astype(np.int32),
            into_start=np.append(0, np.cumsum(np.bincount(target, minlength=network.count))),
            waits=np.zeros(len(rows), dtype=np.int64),
            row_x=np.zeros((3, len(rows)), dtype=np.int64),
            clock=np.zeros(MODULATOR + MODULATORS, dtype=np.int64),
            traced=np.isin(np.arange(sources), program.pre[program.ruled]).astype(np.uint8),
            x0=np.zeros(sources, dtype=np.int64),
            x=np.zeros((2, sources), dtype=np.int64),
            x_time=np.zeros(sources, dtype=np.int64),
            y0=np.zeros(network.count, dtype=np.int64),
            y=np.zeros((3, network.count), dtype=np.int64),
            y_time=np.zeros(network.count, dtype=np.int64),
            tag=np.zeros(order.size, dtype=np.int64),
            tagged=np.zeros(len(rows), dtype=np.uint8),
            seen=np.zeros((4, network.count), dtype=np.int64),
            slots=max(len(each.traces) for each in program.types),
            reached=np.zeros((2, network.count + 1), dtype=np.int64),
            listed=np.zeros(2, dtype=np.int64),
            near=np.zeros(network.count, dtype=np.uint8),
            work=np.zeros((1, WORK_ROWS, CHUNK), dtype=np.int64),
            keys=np.zeros((1, len(KEYED_ROUNDS)), dtype=np.int64),
            counts=np.zeros((1, 8), dtype=np.int64),
        )

    def shared(self, shares: int) -> Plastic:
        """The same arrays, with sweeps in so many shares of the rows, which threads may visit at the same time."""
        on = self.arrays
        work, keys, counts = (
            np.zeros((shares, *array.shape[1:]), dtype=np.int64) for array in (on.work, on.keys, on.counts)
        )
        return on._replace(parts=_parts(on.rows, shares), work=work, keys=keys, counts=counts)

    @property
    def learned(self) -> int:
        """Steps learned."""
        return int(self.arrays.clock[LEARNED])

    @property
    def left_of_epoch(self) -> int:
        """Steps until the end of the epoch."""
        return self.arrays.epoch - self.learned % self.arrays.epoch

    @property
    def counts(self) -> list[int]:
        """Visits, changes and saturations since the last reset."""
        counts: list[int] = self.arrays.clock[VISITS : SATURATIONS + 1].tolist()
        return counts

    def reset(self) -> None:
        """All of it is zero, but for the weights, which stay."""
        on = self.arrays
        for array in (on.clock, on.x0, on.x, on.x_time, on.y0, on.y, on.y_time, on.tag, on.tagged):
            array[:] = 0

    @property
    def modulators(self) -> tuple[int, ...]:
        """r0 to r3."""
        return tuple(self.arrays.clock[MODULATOR:].tolist())

    def numbers(self, learns: bool) -> IntArray:
        """The clock with the totals and modulators, and whether the network learns, shape (NUMBERS,): for snapshots."""
        return np.append(self.arrays.clock, int(learns))

    def set_numbers(self, numbers: IntArray) -> bool:
        """The inverse of `numbers`; whether the network learns."""
        self.arrays.clock[:] = numbers[:-1]
        return bool(numbers[-1])

    def modulate(self, modulators: Sequence[int]) -> None:
        """Set all modulators."""
        self.arrays.clock[MODULATOR:] = modulators

    def tags(self) -> IntArray:
        """The tag of each synapse here, 0 where it has no rule."""
        tags = np.zeros(self._network.synapses, dtype=np.int64)
        tags[self._swept] = self.arrays.tag
        return tags

    def write_tags(self, tags: IntArray) -> None:
        """Set the tag of each synapse here."""
        self.arrays.tag[:] = tags[self._swept]
        self.arrays.tagged[:] = 1

    def state(self, ring: IntArray) -> dict[str, IntArray]:
        """All fields of `LEARNING_STATE`.

        Args:
            ring: of the accumulators of receptor 1, (D, neurons).
        """
        on, ruled = self.arrays, self._network.ruled
        fields = {"x0": on.x0.copy(), "y0": on.y0.copy(), "receptor": ring}
        fields |= {f"x{slot}": on.x[slot - 1].copy() for slot in (1, 2)}
        fields |= {f"y{slot}": on.y[slot - 1].copy() for slot in (1, 2, 3)}
        for name, time, there in (
            ("xg", on.x_time, on.traced * (self.params.pre_traces > 0)),
            ("yg", on.y_time, self.params.has_ages),
        ):
            fields[name] = np.minimum(self.learned - time, on.ages - 1) * there
        fields |= {"e": self.tags()[ruled], "w": self._network.weights_of(ruled)}
        return {name: np.asarray(values, dtype=np.int64) for name, values in fields.items()}

    def load_state(self, arrays: Mapping[str, IntArray], learned: int) -> None:
        """Go on from a state; `receptor` is left to the caller, as it is part of the ring of accumulators."""
        on, ruled = self.arrays, self._network.ruled
        on.clock[LEARNED] = learned
        on.x_time[:], on.y_time[:] = learned - arrays["xg"], learned - arrays["yg"]
        on.x0[:], on.y0[:] = arrays["x0"] * on.traced, arrays["y0"]
        on.x[:] = [arrays["x1"] * on.traced, arrays["x2"] * on.traced]
        on.y[:] = [arrays["y1"], arrays["y2"], arrays["y3"]]
        tags = np.zeros(self._network.synapses, dtype=np.int64)
        tags[ruled] = arrays["e"]
        self.write_tags(tags)
        self._network.write_weights(ruled, arrays["w"])


def _rows(source: IntArray, rule: IntArray, copy: IntArray, target: IntArray) -> Array:
    """Rows of synapses that are sorted by the first three."""
    table = np.stack([source, rule, copy], axis=1)
    same = (table[1:] == table[:-1]).all(axis=1)
    begin = np.flatnonzero(np.append(True, ~same))[: source.size]
    end = np.append(begin[1:], source.size)[: begin.size]
    jumps = np.append(0, np.cumsum(same & (target[1:] != target[:-1] + 1)))
    consecutive = jumps[end - 1] == jumps[begin]
    return np.column_stack([table[begin], begin, end, np.where(consecutive, target[begin], -1)]).astype(np.int64)


def _parts(rows: Array, shares: int) -> Array:
    """Where each share of the rows begins, and the last ends: shares of as many sources."""
    first = np.flatnonzero(np.append(True, rows[1:, SOURCE] != rows[:-1, SOURCE]))[: len(rows)]
    share = np.linspace(0, first.size, shares + 1).astype(np.int64)
    return np.append(first, len(rows))[share]


def _spikes(trace: PreTrace | PostTrace | None) -> list[int]:
    """The constants that a trace of spikes has."""
    if trace is None:
        return [int(Feed.NONE), 0, 0, 0]
    return [int(Feed.SPIKES), trace.kernel, trace.jump, int(trace.mode == "set")]


def _post(types: Sequence[NeuronType]) -> Array:
    table = np.zeros((len(types), 3, POST_COLUMNS), dtype=np.int64)
    for number, each in enumerate(types):
        for slot, trace in enumerate(each.traces):
            spare = (BOUNDS - len(trace.bounds)) if trace.is_table else 0
            bounds = [*trace.bounds, *[np.iinfo(np.int64).max] * spare] or [0] * BOUNDS
            values = [*trace.values, *[0] * spare] or [0] * (BOUNDS + 1)
            feed = int(Feed[trace.feed.upper()])
            table[number, slot] = [feed, *_spikes(trace)[1:], *trace.decay, *bounds, *values]
    return table


def _rules(rules: Sequence[LearningRule], params: Params) -> tuple[Array, Array]:
    """Tables of the rules, and of the terms of all of them."""
    table: list[list[int]] = []
    terms: list[list[int]] = []
    for rule in rules:
        sees = sum(1 << (y - Factor.Y0) for y in OF_TARGETS & {y for term in rule.terms for y in _factors(term)})
        flags = (rule.is_stochastic, rule.is_quiet, rule.is_tagged, sees)
        first = len(terms)
        terms += [_term(term) for term in rule.terms]
        table.append([*rule.clip(params), *map(int, flags), first, len(terms)])
    return np.array(table, dtype=np.int64).reshape(len(rules), -1), np.array(terms, dtype=np.int64)


def _factors(term: Term) -> list[Factor]:
    """The factors of a term; its dependency is one."""
    names = [*term.factors, *([] if term.dependency == "always" else [term.dependency])]
    return [Factor[name.upper()] for name in names]


def _term(term: Term) -> list[int]:
    factors = _factors(term)
    scale = term.scale << (FRACTION_BITS + term.exponent)
    seen = OF_TARGETS & set(factors)
    reach = FIRED if Factor.Y0 in seen else ACTIVE if seen else EVERY
    row = [int(term.destination == "tag"), scale, reach]
    for differ in (OF_TARGETS | OF_SYNAPSES, OF_SOURCES | OF_SYNAPSES):
        vectors = [int(factor) for factor in factors if factor in differ]
        scalars = [int(factor) for factor in factors if factor not in differ]
        spare = [[int(Factor.ONE)] * (MOST_VECTORS - len(some)) for some in (vectors, scalars)]
        row += [len(vectors), *vectors, *spare[0], *scalars, *spare[1]]
    return row


def _check_sums(rule: LearningRule, params: Params) -> None:
    """Whether 64 bits hold every sum of a rule."""
    most = dict.fromkeys(Factor, 1 << params.trace_bits)
    most |= {Factor.X0: 1, Factor.Y0: 1, Factor.W: 1 << params.weight_bits >> 1, Factor.E: 1 << params.tag_bits >> 1}
    most |= {factor: 1 << params.modulator_bits >> 1 for factor in Factor if factor >= Factor.R0}
    total = (max(most[Factor.W], most[Factor.E]) + 1) << FRACTION_BITS
    for term in rule.terms:
        product = abs(term.scale) << (FRACTION_BITS + term.exponent)
        for factor in _factors(term):
            product *= most[factor]
        total += product
    if total > signed_range(64)[1]:
        raise CapacityError(
            f"rule '{rule.name}': its sums may take {total.bit_length() + 1} bits, and the emulator has 64; on this "
            f"chip ({params.name}), give its terms smaller scales or exponents, or fewer factors"
        )
