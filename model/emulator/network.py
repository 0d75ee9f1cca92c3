"""A network as the emulator holds it: its neurons, and its synapses in stored rows."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ganglion.model.emulator.kernels.arrays import DENSE, LENGTH, LINE, NONZERO, START, Rows
from ganglion.model.emulator.kernels.store import sum_weights
from ganglion.model.emulator.kernels.words import WEIGHT_BITS
from ganglion.model.emulator.memory import refuse_too_large
from ganglion.model.spec.arrays import Array, BoolArray, IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.limits import Limits
from ganglion.model.spec.params import RECEPTOR
from ganglion.model.spec.program import Program
from ganglion.model.spec.ruled import clip_ranges

ALL = slice(None)


@explained(ProgramError)
@dataclass(eq=False, kw_only=True)
class StoredNetwork:
    """What `store` made. An `Emulator` runs it in place: weights it is told to write are written here."""

    neurons: Program
    """The network without synapses, or with them where `spelled_out`."""
    spelled_out: bool
    """Whether `neurons` has the synapses too, and numbers them. Otherwise a row's are numbered as stored here."""
    rows: Rows
    pitch: int
    """Neurons rounded up to a power of two."""
    bound: int
    """No sum of a slot is larger than this, where no axon fires more than once in a step."""
    first: int
    """Number in the network of the first neuron held here."""
    count: int
    """Neurons held here: all of them, but for a share of a network divided over processes."""
    written: bool = False
    """Whether a weight was written since the network was stored or opened."""
    known_fingerprint: str = ""
    """What `fingerprint` returns, once it is known."""

    @property
    def synapses(self) -> int:
        """Synapses held here."""
        return self.rows.words.size + self.rows.matrix.size

    @property
    def receptor(self) -> int:
        """Where in a slot of the ring the accumulators of receptor 1 begin; 0: the network has none."""
        return receptor_of(self.neurons, self.count)

    @cached_property
    def held(self) -> IntArray:
        """Number in the program of each synapse held here, of a network that was stored from one."""
        program = self.neurons
        if self.spelled_out:
            return np.arange(program.synapses)
        here = np.flatnonzero((program.post_neuron >= self.first) & (program.post_neuron < self.first + self.count))
        ends = ends_of(program, here, self.first, self.count)
        return here[np.lexsort((ends, program.delay[here], program.pre[here]))]

    @cached_property
    def ruled(self) -> IntArray:
        """Synapses held here that have rules, by their numbers here, ascending."""
        return np.flatnonzero(self.neurons.rule[self.held])

    @property
    def limits(self) -> Limits:
        """What may be asked of the part that is held here."""
        held = None if self.neurons.learning is None else self.held
        return Limits.of(self.neurons, self.count, self.synapses, held)

    @property
    def nbytes(self) -> int:
        """Bytes of the stored synapses."""
        return sum(array.nbytes for array in self.rows if isinstance(array, np.ndarray))

    @property
    def row(self) -> IntArray:
        """Synapses of source k are row[k] … row[k+1]-1, shape (sources + 1,)."""
        return np.concatenate(([0], np.cumsum(self.rows.table[:, LENGTH])))

    def synapses_of(self, source: int) -> tuple[IntArray, IntArray, IntArray]:
        """Target, weight and delay of each synapse of one source, as stored."""
        start, length, dense = self.rows.table[source, :3].tolist()
        if dense >= 0:
            weight, index = self.rows.matrix[start : start + length], dense + np.arange(length)
        else:
            words = self.rows.words[start : start + length]
            bits = WEIGHT_BITS[words.dtype]
            weight = words.astype(self.rows.matrix.dtype)
            index = (words >> bits).astype(np.int64)
        delay = index // self.pitch + self.rows.least_delay
        return index % self.pitch, weight.astype(np.int64), delay

    def weights_of(self, synapses: IntArray) -> IntArray:
        """The weights of some synapses, which must exist, int64 (synapses,)."""
        dense, at, _ = self._cells(*self._positions(synapses))
        weights = np.empty(synapses.size, dtype=np.int64)
        weights[dense] = self.rows.matrix[at[dense]]
        weights[~dense] = self.rows.words[at[~dense]].astype(self.rows.matrix.dtype)
        return weights

    def cells_of(self, synapses: IntArray) -> IntArray:
        """Where the weights of some synapses are, in `matrix` or in `words`."""
        return self._cells(*self._positions(synapses))[1]

    def write_weights(self, synapses: IntArray, values: IntArray) -> None:
        """Set weights of synapses, which must exist, to values, which must be in range."""
        # Of a synapse that is there twice, the last value counts.
        synapses, last = np.unique(synapses[::-1], return_index=True)
        values, old = values[::-1][last], self.weights_of(synapses)
        self.fingerprint()
        self.written = True
        source, place = self._positions(synapses)
        dense, at, target = self._cells(source, place)
        # Sums made with the old weights may still be waiting, so both count until `tighten_bound`. What a rule allows
        # its synapses counts always.
        free = np.abs(values)
        if self.neurons.learning is not None:
            free *= self.neurons.rule[self.held[synapses]] == 0
        self.bound += int(np.bincount(target, free).max(initial=0))
        self.rows.matrix[at[dense]] = values[dense]
        words, cells = self.rows.words, at[~dense]
        mask = words.dtype.type((1 << WEIGHT_BITS[words.dtype]) - 1)
        words[cells] = (words[cells] & ~mask) | (values[~dense].astype(words.dtype) & mask)
        np.add.at(self.rows.table[:, NONZERO], source, (values != 0).astype(np.int64) - (old != 0))

    def _positions(self, synapses: IntArray) -> tuple[IntArray, IntArray]:
        """The source of each synapse, and its place in the source's stored row."""
        row = self.neurons.indptr if self.spelled_out else self.row
        source: IntArray = np.searchsorted(row, synapses, side="right") - 1
        place = synapses - row[source]
        if not self.spelled_out or not synapses.size:
            return source, place
        # A stored row is in the order of its keys: rank those of every row that is asked for.
        asked, of = np.unique(source, return_inverse=True)
        length = row[asked + 1] - row[asked]
        begin = np.cumsum(length) - length
        everything = np.arange(length.sum()) + np.repeat(row[asked] - begin, length)
        keys = self.neurons.delay[everything] * self.pitch + ends_of(self.neurons, everything)
        rank = np.empty_like(keys)
        rank[np.lexsort((keys, np.repeat(asked, length)))] = np.arange(keys.size) - np.repeat(begin, length)
        return source, rank[begin[of] + place]

    def _cells(self, source: IntArray, place: IntArray) -> tuple[BoolArray, IntArray, IntArray]:
        """Of each synapse: whether its row is dense, where its weight is in `matrix` or else `words`, and where in a
        slot it adds."""
        first, at = self.rows.table[source, DENSE], self.rows.table[source, START] + place
        dense, index, words = first >= 0, first + place, self.rows.words
        index[~dense] = words[at[~dense]] >> words.dtype.type(WEIGHT_BITS[words.dtype])
        return dense, at, index % self.pitch

    def tighten_bound(self) -> None:
        """Compute the bound anew. Only where no accumulator holds a sum made with weights that are gone."""
        sums = np.zeros((2, self.receptor + self.count), dtype=np.int64)
        sum_weights(self.rows.table, self.rows.words, self.rows.matrix, self.pitch, sums)
        if self.neurons.learning is not None:
            self._sum_limits(sums)
        self.bound = int(np.abs(sums).max(initial=0))

    def _sum_limits(self, sums: IntArray) -> None:
        """Of synapses that have a rule, the sums are of the weights that they may come to have."""
        program = self.neurons
        assert program.learning is not None
        numbers = self.held[self.ruled]
        weight, ends = self.weights_of(self.ruled), ends_of(program, numbers, self.first, self.count)
        low, high = clip_ranges(program.learning, program.params, program.rule[numbers])
        np.add.at(sums[0], ends, np.maximum(high, 0) - np.maximum(weight, 0))
        np.add.at(sums[1], ends, np.minimum(low, 0) - np.minimum(weight, 0))

    def stored_weights(self) -> tuple[Array, Array]:
        """The weights of sparse and of dense rows, in the order they are stored."""
        return self.rows.words.astype(self.rows.matrix.dtype), self.rows.matrix

    def set_stored_weights(self, sparse: Array, dense: Array) -> None:
        """The inverse of `stored_weights`."""
        self.fingerprint()
        self.written = True
        words = self.rows.words
        mask = words.dtype.type((1 << WEIGHT_BITS[words.dtype]) - 1)
        words[:] = (words & ~mask) | (sparse.astype(words.dtype) & mask)
        self.rows.matrix[:] = dense
        sources = range(self.rows.table.shape[0])
        self.rows.table[:, NONZERO] = [np.count_nonzero(self.synapses_of(source)[1]) for source in sources]
        self.tighten_bound()

    def fingerprint(self) -> str:
        """A digest of the network as it was stored: another network, or another share of it, has another one."""
        if not self.known_fingerprint:
            n = self.neurons
            digest = hashlib.blake2b(digest_size=16)
            digest.update(repr((n.params.to_dict(), n.types, n.inputs, n.seed, self.first, self.count)).encode())
            arrays = [n.threshold, n.bias, n.type, *self.rows]
            if n.learning is not None:
                digest.update(repr(n.learning).encode())
                arrays += [n.rule, n.receptor]
            for array in arrays:
                if isinstance(array, np.ndarray):
                    digest.update(np.ascontiguousarray(array).data)
            self.known_fingerprint = digest.hexdigest()
        return self.known_fingerprint

    def weights(self) -> IntArray:
        """The weights now, by number of synapse, int64 (synapses,)."""
        sources = range(self.rows.table.shape[0])
        refuse_too_large("the list of all weights", 8 * self.synapses)
        weights = np.concatenate([np.zeros(0, np.int64), *(self.synapses_of(source)[1] for source in sources)])
        if self.spelled_out:
            program = self.neurons
            stored = np.empty_like(weights)
            stored[np.lexsort((ends_of(program), program.delay, program.pre))] = weights
            weights = stored
        return weights

    def program(self) -> Program:
        """The network with every synapse spelt out, for other targets.

        Raises:
            CapacityError: it does not fit into memory.
        """
        if self.spelled_out:
            return self.neurons
        refuse_too_large("a program", 100 * self.synapses)
        rows = [self.synapses_of(source) for source in range(self.rows.table.shape[0])]
        target, weight, delay = (np.concatenate(column) for column in zip(*rows, strict=True))
        return self.neurons.replace(
            pre=np.repeat(np.arange(len(rows)), self.rows.table[:, LENGTH]),
            post=self.neurons.inputs + target,
            weight=weight,
            delay=delay,
        )


def receptor_of(program: Program, count: int) -> int:
    """Where in a slot of the ring the accumulators of receptor 1 begin, behind those of so many neurons; 0: none."""
    return pitch_of(count) if program.learning is not None and program.params.feeds & RECEPTOR else 0


def ends_of(
    program: Program, synapses: IntArray | slice = ALL, first: int = 0, count: int | None = None
) -> IntArray:
    """Where in a slot of the ring each of some synapses adds: receptor 1 is behind all neurons held here.

    Args:
        program: it.
        synapses: which.
        first: number of the first neuron held here.
        count: neurons held here; None is all.
    """
    receptor = receptor_of(program, program.neurons if count is None else count)
    ends: IntArray = program.post_neuron[synapses]
    ends = ends - first if first else ends
    return ends + receptor * program.receptor[synapses] if receptor else ends


def pitch_of(count: int) -> int:
    """Distance between two slots of the ring for so many neurons: a power of two."""
    return 1 << max(LINE - 1, count - 1).bit_length()
