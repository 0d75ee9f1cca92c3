"""Many runs of one network at once."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ganglion.model.emulator.inputs import groups
from ganglion.model.emulator.kernels.arrays import Loaded, Log, State
from ganglion.model.emulator.kernels.events import most_at_once, survey
from ganglion.model.emulator.kernels.run import run_samples
from ganglion.model.emulator.load import scratch_of
from ganglion.model.emulator.network import StoredNetwork
from ganglion.model.emulator.recording import probed_of, seen_by, spike_table
from ganglion.model.progress import Task
from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.trace import COUNTED, Trace

EVENTS = 1 << 17
"""Of the samples that go to the kernels at once: a megabyte, which stays in the cache."""


class OftenError(Exception):
    """An axon fires more often in a step than there is room for."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


def run_batch(
    network: StoredNetwork,
    loaded: Loaded,
    most: int,
    samples: Sequence[Events],
    probes: Mapping[str, IntArray],
    threads: int,
    task: Task,
) -> list[Trace]:
    """The trace of each sample, run from the state of what is loaded, which is left alone.

    Each thread takes a share of the samples, and has one state in which it runs them one after another, so that state
    stays in the nearest cache. `task` is told of each sample that is done.

    Raises:
        EventError: as `check_events`.
        OftenError: an axon fires more than `most` times in a step.
    """
    for events in samples:
        events.check_order()
    bounds = np.linspace(0, len(samples), threads + 1).astype(int)
    shares = [samples[begin:end] for begin, end in pairwise(bounds) if end > begin]
    ring = loaded.state.accumulators
    initial = loaded.state._replace(accumulators=ring.sum(axis=0, dtype=ring.dtype, keepdims=True))
    room = _Room(network, loaded, initial, most, probes, task)
    if len(shares) <= 1:
        return [trace for share in shares for trace in room.run(share)]
    with ThreadPoolExecutor(len(shares)) as pool:
        return [trace for traces in pool.map(room.run, shares) for trace in traces]


@dataclass(frozen=True)
class _Room:
    """What all threads share."""

    network: StoredNetwork
    loaded: Loaded
    initial: State
    most: int
    probes: Mapping[str, IntArray]
    task: Task

    def run(self, samples: Sequence[Events]) -> list[Trace]:
        """The samples one after another, in as many calls as it takes."""
        state = State(*(array.copy() for array in self.initial))
        mine = self.loaded._replace(state=state, scratch=scratch_of(self.network, 1))
        spikes = np.empty(max(self.network.count, 1 << 16), dtype=np.int32)
        probed = probed_of(self.probes)
        counts: list[Array] = []
        values: list[Array] = []
        fired: list[Array] = []
        for events, here in groups(samples, EVENTS):
            self._check(events, here)
            steps = np.array([sample.steps for sample in here], dtype=np.int64)
            first, done = 0, 0
            while done < steps.size:
                left = int(steps[done:].sum())
                log = Log(
                    spikes=spikes,
                    counts=np.zeros((left, 3), dtype=np.int64),
                    probed=probed,
                    values=np.empty((left, probed.shape[1]), dtype=np.int64),
                )
                starts = events.start[first:]
                more, written = run_samples(mine, self.initial, events.axon, starts, steps[done:], log)
                ran = int(steps[done : done + more].sum())
                counts.append(log.counts[:ran])
                values.append(log.values[:ran])
                fired.append(spikes[:written].copy())
                first, done = first + ran + more, done + more
                if done < steps.size:
                    spikes = np.empty(2 * spikes.size, dtype=np.int32)
            self.task.advance(len(here))
        numbers = np.array([events.steps for events in samples])
        first_step, neurons = int(self.initial.clock[0]), self.network.count
        recorded, counted = seen_by(self.probes, np.concatenate(values)), np.concatenate(counts).T.copy()
        return _traces(first_step, neurons, numbers, counted, np.concatenate(fired), recorded)

    def _check(self, events: Events, samples: Sequence[Events]) -> None:
        """As `check_events`, of samples that are in the cache, joined and each by itself."""
        inputs = self.network.neurons.inputs
        wrong, once = survey(events.axon, events.start, inputs)
        if wrong:
            for sample in samples:
                sample.check(inputs)
        if not once and (most := most_at_once(events.axon, events.start, inputs)) > self.most:
            raise OftenError(most)


def _traces(
    first: int, neurons: int, steps: IntArray, counts: IntArray, fired: Array, probes: Mapping[str, IntArray]
) -> list[Trace]:
    """Cut what several runs recorded, one after another, into a trace each."""
    ends = np.append(0, np.cumsum(steps))
    numbers = first + np.arange(ends[-1]) - np.repeat(ends[:-1], steps)
    table = spike_table(numbers, counts[0], fired)
    rows = np.append(0, np.cumsum(counts[0]))[ends]
    counters = list(zip(COUNTED, counts, strict=True))
    return [
        Trace(
            ran_on="emulator",
            first=first,
            neurons=neurons,
            spikes=table[row:next_row],
            counters={name: counted[begin:end] for name, counted in counters},
            probes={field: values[begin:end] for field, values in probes.items()} if probes else {},
        )
        for (row, next_row), (begin, end) in zip(pairwise(rows.tolist()), pairwise(ends.tolist()), strict=True)
    ]
