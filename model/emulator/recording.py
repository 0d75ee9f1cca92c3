"""What a run leaves: from the kernels' log to a `Trace`."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from ganglion.model.emulator.kernels.arrays import FIELDS, Log
from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.state import State
from ganglion.model.spec.trace import COUNTED, Trace


class Recorder:
    """Collects a run, however many calls of the kernels it takes."""

    def __init__(
        self,
        steps: int,
        neurons: int,
        probes: Mapping[str, IntArray],
        *,
        capacity: int = 0,
        counted: Sequence[str] = COUNTED,
    ) -> None:
        self._neurons, self._probes, self._counted = neurons, probes, counted
        probed = probed_of(probes)
        self.log = Log(
            spikes=np.empty(max(neurons, capacity, 1 << 16), dtype=np.int32),
            counts=np.zeros((steps, len(counted)), dtype=np.int64),
            probed=probed,
            values=np.empty((steps, probed.shape[1]), dtype=np.int64),
        )
        self.states: list[State] = []
        self._pieces: list[Array] = []

    def keep(self, written: int) -> None:
        """Keep the spikes that a call of the kernels wrote."""
        self._pieces.append(self.log.spikes[:written].copy())

    def trace(self, first: int) -> Trace:
        """The whole run, whose first step was number `first`."""
        counts = self.log.counts.T.copy()
        fired = self._pieces[0] if len(self._pieces) == 1 else np.concatenate([self.log.spikes[:0], *self._pieces])
        return Trace(
            ran_on="emulator",
            first=first,
            neurons=self._neurons,
            spikes=spike_table(first + np.arange(counts.shape[1]), counts[0], fired),
            counters=dict(zip(self._counted, counts, strict=True)),
            states=self.states,
            probes=seen_by(self._probes, self.log.values),
        )


def probed_of(probes: Mapping[str, IntArray]) -> IntArray:
    """Number of the state field, and neuron, of each value that probes record; shape (2, values)."""
    probed = np.zeros((2, sum(wanted.size for wanted in probes.values())), dtype=np.int64)
    if probes:
        codes = [np.full(wanted.size, FIELDS.index(name)) for name, wanted in probes.items()]
        np.concatenate(codes, out=probed[0])
        np.concatenate(list(probes.values()), out=probed[1])
    return probed


def seen_by(probes: Mapping[str, IntArray], values: IntArray) -> dict[str, IntArray]:
    """What each probe saw, of values of shape (steps, values)."""
    ends = np.cumsum([0, *(wanted.size for wanted in probes.values())]).tolist()
    return {name: values[:, begin:end] for name, (begin, end) in zip(probes, pairwise(ends), strict=True)}


def spike_table(numbers: IntArray, per_step: IntArray, neurons: Array) -> IntArray:
    """Step and neuron of each spike, (spikes, 2).

    Args:
        numbers: of the steps, shape (steps,).
        per_step: spikes of each step, shape (steps,).
        neurons: those that fired, step after step.
    """
    table = np.empty((neurons.size, 2), dtype=np.int64)
    table[:, 0] = np.repeat(numbers, per_step)
    table[:, 1] = neurons
    return table
