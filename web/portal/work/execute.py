"""What is done in a process of its own: files of users are read, and networks are run."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.image import Image
from ganglion.model.progress import Progress, Task
from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace
from ganglion.web.portal.events_file import read_events
from ganglion.web.portal.job import JobRequest
from ganglion.web.portal.network import JobNetwork, read_network
from ganglion.web.portal.work.tasks import AnyTask, Check

PARTS = {"reference": 20, "emulator": 20, "rtl": 20, "board": 1}
"""Pieces that a run is done in, after each of which its user hears how far it is. A board counts cycles otherwise where
its host pauses, so that it runs in one, and its driver tells how far it is."""

EVENTS = "ganglion.jobs.recording"

CHIP = "ganglion.web.portal.work.chip"

OF_TARGET = {"emulator": (CHIP, "ganglion.model.emulator.emulator"), "rtl": (CHIP,), "board": (CHIP,)}
"""What takes long to load of what a target needs."""

OF_NETWORK = {".nir": ("ganglion.jobs.own_network",), ".json": ("ganglion.model.interchange.cri.program",)}
"""What takes long to load of what reads a network, by the end of its file's name."""

Say = Callable[[dict[str, Any]], None]
"""Tells the process that started this one."""


def modules(task: AnyTask) -> tuple[str, ...]:
    """What a task needs that takes long to load: loaded once for many, and no part of the memory that one may take."""
    reads = (EVENTS, *OF_NETWORK.get(task.network.suffix, ()))
    if isinstance(task, Check):
        return reads
    drawn = ("ganglion.web.portal.work.report",) if task.request.record.report else ()
    return (*reads, *OF_TARGET.get(task.request.target, ()), *drawn)


def perform(task: AnyTask, say: Say) -> dict[str, Any]:
    """Does it.

    Returns:
        Of a check, what the files hold; of a run, its figures.

    Raises:
        GanglionError: files that are not what they should be, or do not fit each other or the target; says why.
    """
    read = read_network(task.network, task.request.nir)
    events = read_events(task.events, read, task.request.steps)
    if isinstance(task, Check):
        return {**read.about, "steps": events.steps, "events": int(events.axon.size)}
    began = time.perf_counter()
    program, trace = run_job(task.request, read, events, task.device, Told(say))
    seconds = time.perf_counter() - began
    trace.save(task.out / "trace.npz")
    if task.request.record.report:
        from ganglion.web.portal.work.report import write_report  # loads Matplotlib

        with Told(say).task("drawing"):
            write_report(task.request, program, events, trace, seconds, task.out)
    totals = {name: trace.total(name) for name in trace.counters}
    return {**totals, "steps": trace.steps, "seconds": round(seconds, 3)}


def run_job(
    request: JobRequest, network: JobNetwork, events: Events, device: str | None, progress: Progress
) -> tuple[Program, Trace]:
    """Runs a network on the target that a job asks for.

    Returns:
        What was run, and its trace.
    """
    with ExitStack() as stack:
        if request.target == "reference":
            runnable = network.runnable(progress)
            target: Target = Reference(runnable.program if isinstance(runnable, Image) else runnable)
        else:
            from ganglion.web.portal.work.chip import opened  # loads the emulator, or the chip and its simulation

            runnable, target = stack.enter_context(opened(request.target, network, device, progress))
        program = runnable.program if isinstance(runnable, Image) else runnable
        with progress.task(f"running on the {request.target}", total=events.steps) as task:
            return program, run_in_parts(request, target, events, task)


def run_in_parts(request: JobRequest, target: Target, events: Events, task: Task) -> Trace:
    """A run, piece by piece: the trace is that of the whole."""
    probes: dict[str, npt.ArrayLike] = {str(name): of for name, of in request.record.probes.items()}
    traces = []
    size = -(-events.steps // PARTS[request.target])
    for first in range(0, events.steps, size):
        last = min(first + size, events.steps)
        begin, end = events.start[[first, last]].tolist()
        part = Events(events.axon[begin:end], events.start[first : last + 1] - begin)
        traces.append(target.run(part, keep_states=request.record.states, probes=probes))
        task.advance(last - first)
    return Trace(
        ran_on=traces[0].ran_on,
        first=traces[0].first,
        neurons=traces[0].neurons,
        spikes=np.concatenate([trace.spikes for trace in traces]),
        counters={name: np.concatenate([trace.counters[name] for trace in traces]) for name in traces[0].counters},
        states=[state for trace in traces for state in trace.states],
        probes={name: np.concatenate([trace.probes[name] for trace in traces]) for name in traces[0].probes},
    )


class Told:
    """A listener to progress, that passes it on as messages."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def task(self, what: str, total: int | None = None) -> "_ToldTask":
        """See `ganglion.model.progress.Progress.task`."""
        return _ToldTask(self._say, what, total or 0)

    def note(self, line: str) -> None:
        """See `ganglion.model.progress.Progress.note`: a line of the job's log."""
        self._say({"note": line})


class _ToldTask:
    def __init__(self, say: Say, what: str, total: int) -> None:
        self._say, self._what, self._total, self._done = say, what, total, 0

    def __enter__(self) -> "_ToldTask":
        self._say({"note": self._what})
        self._tell()
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def advance(self, count: int = 1) -> None:
        self._done += count
        self._tell()

    def describe(self, what: str) -> None:
        self._what = what
        self._tell()

    def _tell(self) -> None:
        self._say({"progress": {"what": self._what[:200], "done": self._done, "total": self._total}})
