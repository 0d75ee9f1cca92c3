"""What a run leaves behind: the state at a moment, and the trace of a whole run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import IntArray

STATE_FIELDS = ("v", "u", "a", "refractory", "accumulators")
"""Everything a network remembers from one step to the next, besides the step's number."""


@dataclass(frozen=True, eq=False, kw_only=True)
class State:
    """All state of a network at the end of a step, in the network's own neuron order.

    Options that a chip lacks are zeros, so that states of any two targets compare.
    """

    v: IntArray
    """Membranes, shape (neurons,)."""
    u: IntArray
    """Synaptic currents, shape (neurons,)."""
    a: IntArray
    """Adaptive parts of the thresholds, shape (neurons,)."""
    refractory: IntArray
    """Steps of refractory period left, shape (neurons,)."""
    accumulators: IntArray
    """Sums not yet read, modulo 2^(W + guard bits), shape (D, neurons)."""

    @classmethod
    def zeros(cls, neurons: int, delay_slots: int) -> "State":
        """The state of a network that has just been loaded."""
        fields = {name: np.zeros(neurons, dtype=np.int64) for name in STATE_FIELDS[:-1]}
        return cls(**fields, accumulators=np.zeros((delay_slots, neurons), dtype=np.int64))

    def copy(self) -> "State":
        """A copy that later steps do not touch."""
        return State(**{name: getattr(self, name).copy() for name in STATE_FIELDS})


@dataclass(frozen=True, eq=False, kw_only=True)
class Trace:
    """What one run of a target produced."""

    ran_on: str
    """Name of the target that ran it: reference, emulator, rtl, board."""
    first: int
    """Number of the first step."""
    spikes: IntArray
    """Shape (spikes, 2): step and neuron, ascending."""
    counters: dict[str, IntArray]
    """Per step, shape (steps,): `synops`, `spikes`, `overflows` of every target, and what else a target counts."""
    states: list[State] = field(default_factory=list)
    """The state at the end of each step, where the run was asked to keep it."""
    probes: dict[str, IntArray] = field(default_factory=dict)
    """State fields of the neurons that the run was asked to record, shape (steps, neurons) each."""

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.counters["synops"])

    def spikes_per_step(self) -> Iterator[IntArray]:
        """The neurons that fired, step by step."""
        bounds = np.searchsorted(self.spikes[:, 0], np.arange(self.first, self.first + self.steps + 1))
        for begin, stop in pairwise(bounds):
            yield self.spikes[begin:stop, 1]

    def counts(self, neurons: npt.ArrayLike) -> IntArray:
        """How often each of `neurons` fired, shape (len(neurons),)."""
        wanted = np.asarray(neurons)
        size = int(max(wanted.max(initial=-1), self.spikes[:, 1].max(initial=-1))) + 1
        counts: IntArray = np.bincount(self.spikes[:, 1], minlength=size)[wanted]
        return counts

    def total(self, counter: str) -> int:
        """Sum of a counter over the run."""
        return int(self.counters[counter].sum())
