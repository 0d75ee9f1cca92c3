"""Where synapses come from: a program's arrays, or a rule that makes them up row by row."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ganglion.model.emulator.kernels.random import draw, mix
from ganglion.model.emulator.kernels.store import find_dense
from ganglion.model.emulator.network import ends_of
from ganglion.model.spec.arrays import BoolArray, IntArray, read_only
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.program import Program


class Connectivity(Protocol):
    """All synapses of a network, by source. The same row must come out whenever it is asked for."""

    @property
    def length(self) -> IntArray:
        """Synapses of each source, shape (sources,)."""
        ...

    @property
    def dense(self) -> BoolArray:
        """Rows that name consecutive targets in order, with one delay, shape (sources,); False is always right."""
        ...

    @property
    def delays(self) -> tuple[int, int]:
        """Least and greatest delay."""
        ...

    def rows(self, begin: int, end: int) -> tuple[IntArray, IntArray, IntArray]:
        """Targets, weights and delays of the synapses of sources begin … end - 1, one row after another."""
        ...


class ProgramRows:
    """The synapses that a program spells out, or those that end in `count` neurons from number `first` on."""

    def __init__(self, program: Program, first: int, count: int) -> None:
        columns = program.weight, program.delay, program.indptr, ends_of(program, first=first, count=count)
        if count < program.neurons:
            here = (program.post_neuron >= first) & (program.post_neuron < first + count)
            before = np.append(0, np.cumsum(here))
            weight, delay, indptr, ends = columns
            columns = weight[here], delay[here], before[indptr], ends[here]
        self._weight, self._delay, self._indptr, self._ends = map(read_only, columns)
        self.length = np.diff(self._indptr)
        self.dense = np.zeros(self.length.size, dtype=bool)
        find_dense(self._indptr, self._ends, self._delay, self.dense)
        self.delays = (int(program.delay.min()), int(program.delay.max())) if program.synapses else (1, 1)

    def rows(self, begin: int, end: int) -> tuple[IntArray, IntArray, IntArray]:
        where = slice(self._indptr[begin], self._indptr[end])
        return self._ends[where], self._weight[where], self._delay[where]


@explained(ProgramError)
@dataclass(frozen=True, kw_only=True)
class FixedFanOut:
    """Every source has `fan_out` synapses, with targets, weights and delays uniform in their ranges, ends included."""

    sources: int
    neurons: int
    fan_out: int
    weights: tuple[int, int] = (-128, 127)
    delays: tuple[int, int] = (1, 1)
    seed: int = 0

    @property
    def length(self) -> IntArray:
        return np.full(self.sources, self.fan_out, dtype=np.int64)

    @property
    def dense(self) -> BoolArray:
        return np.zeros(self.sources, dtype=bool)

    def rows(self, begin: int, end: int) -> tuple[IntArray, IntArray, IntArray]:
        first, count = begin * self.fan_out, (end - begin) * self.fan_out
        ranges = ((0, self.neurons - 1), self.weights, self.delays)
        target, weight, delay = (np.empty(count, dtype=np.int64) for _ in ranges)
        for column, (out, (low, high)) in enumerate(zip((target, weight, delay), ranges, strict=True)):
            draw(mix(3 * self.seed + column + 1) >> 1, first, low, high, out)
        return target, weight, delay


class Restricted:
    """The synapses of another connectivity that end in neurons low … high - 1, which are numbered from 0."""

    def __init__(self, whole: Connectivity, low: int, high: int, chunk: int) -> None:
        self._whole, self._low, self._high = whole, low, high
        self.dense, self.delays = whole.dense, whole.delays
        self.length = np.zeros(whole.length.size, dtype=np.int64)
        for begin, end in chunks(whole.length, chunk):
            kept = self._kept(whole.rows(begin, end)[0])
            row = np.repeat(np.arange(end - begin), whole.length[begin:end])
            self.length[begin:end] = np.bincount(row[kept], minlength=end - begin)

    def _kept(self, target: IntArray) -> BoolArray:
        return np.asarray((target >= self._low) & (target < self._high))

    def rows(self, begin: int, end: int) -> tuple[IntArray, IntArray, IntArray]:
        target, weight, delay = self._whole.rows(begin, end)
        kept = self._kept(target)
        return target[kept] - self._low, weight[kept], delay[kept]


def chunks(length: IntArray, most: int) -> Any:
    """Ranges (begin, end) of rows that cover all, of at most `most` synapses each, but at least one row."""
    total = np.concatenate(([0], np.cumsum(length)))
    begin = 0
    while begin < length.size:
        end = max(begin + 1, int(np.searchsorted(total, total[begin] + most, side="right")) - 1)
        yield begin, end
        begin = end
