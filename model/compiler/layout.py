"""What the stages of the compiler hand on: where neurons sit, rows of synapses, axons, fan-out tables, memories."""

from dataclasses import dataclass, field

import numpy as np

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.packet_arrays import Chunks


@dataclass(frozen=True, eq=False)
class Places:
    """Where each of a list of things sits: both int64 of shape (things,)."""

    core: IntArray
    """Core, from 0."""
    row: IntArray
    """Row of that core's memory."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Synapses:
    """The synapses that arrive in one core, as the core sees them; int64 of shape (synapses,) each."""

    source: IntArray
    """Source: inputs first, then neurons. Ascending."""
    group: IntArray
    """Row of the target neuron // lanes."""
    lane: IntArray
    """Row of the target neuron % lanes."""
    delay: IntArray
    """Steps."""
    kind: IntArray
    """Row of `kinds`."""
    kinds: IntArray = field(default_factory=lambda: np.zeros((1, 3), dtype=np.int64))
    """What the synapses of a row share besides their source, shape (kinds, 3): rule, receptor, copy. The first is of
    those that have nothing of it."""

    @property
    def count(self) -> int:
        """Number of synapses."""
        return self.source.size


@dataclass(frozen=True, eq=False, kw_only=True)
class Rows:
    """Rows of the axon table, those of one source next to each other, sources ascending.

    The first eight arrays are int64 of shape (rows,), the last three of shape (synapses,).
    """

    source: IntArray
    """Source whose events walk the row."""
    kind: IntArray
    """Row of the `kinds` of the synapses; 0 where the row is empty."""
    dense: IntArray
    """1: dense; 0: sparse."""
    group: IntArray
    """First target group of a dense row, 0 for sparse ones."""
    delay: IntArray
    """Delay of a dense row, 0 for sparse ones."""
    length: IntArray
    """Strides of a dense row, words of a sparse one."""
    words: IntArray
    """Words of synapse memory."""
    first: IntArray
    """First word: rows lie in memory one behind the other."""
    of: IntArray
    """Row of each synapse."""
    word: IntArray
    """Word of each synapse, from the start of the memory."""
    beat: IntArray
    """Which weight of its lane in the word each synapse is; 0 in sparse rows."""

    @property
    def count(self) -> int:
        """Number of rows."""
        return self.source.size

    @property
    def total_words(self) -> int:
        """Words of synapse memory of all rows."""
        return int(self.words.sum())


@dataclass(frozen=True, eq=False, kw_only=True)
class Destinations:
    """Where the events of each of a list of senders go, one packet each; int64 all."""

    start: IntArray
    """Shape (senders + 1,): sender k has destinations start[k] … start[k+1]-1."""
    route: IntArray
    """Shape (destinations,): child masks of all levels, lowest level first."""
    axon: IntArray
    """Shape (destinations,): the axon, in every core of the route."""

    def part(self, first: int, last: int) -> "Destinations":
        """Those of the senders from `first` to before `last`."""
        low, high = int(self.start[first]), int(self.start[last])
        return Destinations(
            start=self.start[first : last + 1] - low, route=self.route[low:high], axon=self.axon[low:high]
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class FanoutTable:
    """Entries of the fan-out table of one core: int64 of shape (entries,) each."""

    row: IntArray
    scope: IntArray
    route: IntArray
    axon: IntArray
    next: IntArray


@dataclass(frozen=True, eq=False)
class Content:
    """What a memory must hold, from row `first` on."""

    first: int
    chunks: Chunks
    """Shape (rows, chunks of a row), least significant chunk first."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SynapsePlaces:
    """Where the weight of each synapse sits, in the program's order: int64 of shape (synapses,) each."""

    core: IntArray
    row: IntArray
    """Row of SYNAPSES: word * lanes + lane."""
    bit: IntArray
    """Least significant bit of the weight in that row; a weight never crosses a chunk."""
    axon: IntArray
    """Row of the core's AXONS that walks over the word."""
