"""Our own targets as peers: the emulator, the reference, and those that the caller brings."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from ganglion.model.benchmarks.peers.peer import Peer, Run
from ganglion.model.benchmarks.peers.workload import Job
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
    def prepare(job: Job) -> Iterator[Run]:
        with load(job.program) as target:
            yield lambda: _run(target, job, lambda events: [target.run(events[0])])

    return Peer(name=name, prepare=prepare, slow=slow)


@contextmanager
def _emulator(job: Job) -> Iterator[Run]:
    emulator = Emulator(job.program)
    batch = emulator.run_batch if len(job.samples) > 1 else lambda events: [emulator.run(events[0])]
    yield lambda: _run(emulator, job, batch, together=len(job.samples))


def _run(
    target: Target, job: Job, run: Callable[[list[Events]], list[Trace]], together: int = 1
) -> tuple[IntArray, float]:
    """Run the samples, so many at a time, each time from the job's start."""
    spikes, seconds = np.zeros(job.neurons, dtype=np.int64), 0.0
    for first in range(0, len(job.samples), together):
        target.reset()
        target.write("v", np.arange(job.neurons), job.start)
        begin = time.perf_counter()
        traces = run(job.samples[first : first + together])
        seconds += time.perf_counter() - begin
        for trace in traces:
            spikes += np.bincount(trace.spikes[:, 1], minlength=job.neurons)
    return spikes, seconds


OURS = Peer(name="Ganglion, emulator", prepare=_emulator)
"""What all others are compared with."""

REFERENCE = target_peer("Ganglion, reference", Reference)
