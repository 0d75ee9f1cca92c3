"""Many runs of one network at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from ganglion.model.emulator.inputs import join
from ganglion.model.emulator.kernels.arrays import Log, Neurons, Rows, State
from ganglion.model.emulator.kernels.run import run_samples
from ganglion.model.emulator.load import scratch_of
from ganglion.model.emulator.network import PackedNetwork
from ganglion.model.emulator.recording import COUNTED, spike_table
from ganglion.model.spec.events import Events
from ganglion.model.spec.trace import Trace


def run_batch(
    network: PackedNetwork, neurons: Neurons, initial: State, guard_bits: int, samples: Sequence[Events], threads: int
) -> list[Trace]:
    """The trace of each sample, run from `initial`; events are checked already.

    Each thread takes a share of the samples, and has one state in which it runs them one after another, so that state
    stays in the nearest cache.
    """
    bounds = np.linspace(0, len(samples), threads + 1).astype(int)
    shares = [samples[begin:end] for begin, end in pairwise(bounds) if end > begin]
    room = _Room(network, neurons, initial, guard_bits)
    if len(shares) <= 1:
        return [trace for share in shares for trace in room.run(share)]
    with ThreadPoolExecutor(len(shares)) as pool:
        return [trace for traces in pool.map(room.run, shares) for trace in traces]


class _Room:
    """What all threads share."""

    def __init__(self, network: PackedNetwork, neurons: Neurons, initial: State, guard_bits: int) -> None:
        self._network, self._neurons, self._initial, self._guard_bits = network, neurons, initial, guard_bits
        self._rows: Rows = network.rows

    def run(self, samples: Sequence[Events]) -> list[Trace]:
        """The samples one after another, in as many calls as it takes."""
        state = State(*(array.copy() for array in self._initial))
        scratch = scratch_of(self._network, state.accumulators.shape[0])
        capacity = max(self._network.count, 1 << 16)
        traces: list[Trace] = []
        while len(traces) < len(samples):
            rest = samples[len(traces) :]
            events, steps = join(rest)
            log = Log(
                spikes=np.empty(capacity, dtype=np.int32),
                counts=np.zeros((3, int(steps.sum())), dtype=np.int64),
                probed=np.zeros((2, 0), dtype=np.int64),
                values=np.zeros((0, 0), dtype=np.int64),
            )
            done, written = run_samples(
                self._neurons,
                self._rows,
                self._initial,
                state,
                scratch,
                events.axon,
                events.start,
                steps,
                log,
                self._network.pitch,
                self._guard_bits,
            )
            traces += _traces(int(self._initial.clock[0]), log, steps[:done].tolist(), written)
            capacity = 2 * capacity if done < len(rest) else capacity
        return traces


def _traces(first: int, log: Log, steps: list[int], written: int) -> list[Trace]:
    """Cut the log of several runs into a trace each."""
    traces = []
    table = spike_table(0, log.counts[0, : sum(steps)], log.spikes[:written])
    column = row = 0
    for count in steps:
        counts = log.counts[:, column : column + count]
        spikes = table[row : row + int(counts[0].sum())]
        spikes[:, 0] += first - column
        traces.append(
            Trace(target="emulator", first=first, spikes=spikes, counters=dict(zip(COUNTED, counts, strict=True)))
        )
        column, row = column + count, row + len(spikes)
    return traces
