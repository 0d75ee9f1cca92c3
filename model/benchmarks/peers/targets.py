"""Our own targets as peers: the emulator, the reference, and those that the caller brings."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from ganglion.model.benchmarks.peers.peer import Peer, Run
from ganglion.model.benchmarks.peers.workload import Workload
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace


def target_peer(name: str, load: Callable[[Program], Target], *, slow: bool = True) -> Peer:
    """A peer of a target, which runs sample by sample."""

    @contextmanager
    def prepare(workload: Workload) -> Iterator[Run]:
        with load(workload.program) as target:
            yield lambda: _run(target, workload, lambda events: [target.run(events[0])])

    return Peer(name=name, prepare=prepare, slow=slow)


CALLS = 20
"""Of a small network, as many calls in a row, of which the median counts: what ran between has emptied the caches."""


@contextmanager
def _emulator(workload: Workload) -> Iterator[Run]:
    emulator = Emulator(workload.program)
    batch = emulator.run_batch if len(workload.samples) > 1 else lambda events: [emulator.run(events[0])]

    def run() -> tuple[IntArray, float]:
        runs = [_run(emulator, workload, batch, len(workload.samples)) for _ in range(CALLS if workload.small else 1)]
        return runs[0][0], float(np.median([seconds for _, seconds in runs]))

    yield run


def _run(
    target: Target, workload: Workload, run: Callable[[list[Events]], list[Trace]], together: int = 1
) -> tuple[IntArray, float]:
    """Run the samples, so many at a time, each time from the workload's start."""
    spikes, seconds = np.zeros(workload.neurons, dtype=np.int64), 0.0
    for first in range(0, len(workload.samples), together):
        target.reset()
        if workload.learns:
            target.write_weights(np.arange(workload.program.synapses), workload.program.weight)
        target.write("v", np.arange(workload.neurons), workload.start)
        begin = time.perf_counter()
        traces = run(workload.samples[first : first + together])
        seconds += time.perf_counter() - begin
        for trace in traces:
            spikes += np.bincount(trace.spikes[:, 1], minlength=workload.neurons)
    return spikes, seconds


OURS = Peer(name="Ganglion, emulator", prepare=_emulator, learns=True)
"""What all others are compared with."""

REFERENCE = target_peer("Ganglion, reference", Reference)
