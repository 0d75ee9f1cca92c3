"""What is done in a process of its own: files of users are read, and networks are run."""

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, Field

from ganglion.fpga.host.board import Board
from ganglion.fpga.host.driver import BoardDriver
from ganglion.jobs.targets import ACCOUNTED, TARGETS
from ganglion.model.compiler.image import Image
from ganglion.model.compiler.placing import for_chip
from ganglion.model.progress import Progress, Task
from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from ganglion.web.portal.events_file import read_events
from ganglion.web.portal.job import JobRequest
from ganglion.web.portal.network import JobNetwork, read_network

PARTS = 20
"""Pieces that a run is done in, after each of which its user hears how far it is."""

IMPORTED = {
    "reference": (),
    "emulator": ("ganglion.model.emulator.emulator",),
    "rtl": (),
    "board": (),
}
"""What takes long to load of what a target needs, loaded once for many jobs."""

Say = Callable[[dict[str, Any]], None]
"""Tells the process that started this one."""


class Check(BaseModel):
    """Read what was uploaded, and say what it is."""

    task: Literal["check"] = "check"
    request: JobRequest
    network: Path
    events: Path

    def perform(self, say: Say) -> dict[str, Any]:
        """What the files hold.

        Raises:
            GanglionError: they are not what they should be, or do not fit each other.
        """
        network, events = _inputs(self.request, self.network, self.events)
        return {**network.about, "steps": events.steps, "events": int(events.axon.size)}


class Run(BaseModel):
    """Run a job, and write what comes of it."""

    task: Literal["run"] = "run"
    request: JobRequest
    network: Path
    events: Path
    out: Path
    """Folder for the results, which is there."""
    device: str | None = None
    """Of the board."""

    def perform(self, say: Say) -> dict[str, Any]:
        """Figures of the run.

        Raises:
            GanglionError: the network cannot run there; says why.
        """
        network, events = _inputs(self.request, self.network, self.events)
        began = time.perf_counter()
        program, trace = run_job(self.request, network, events, self.device, Told(say))
        seconds = time.perf_counter() - began
        trace.save(self.out / "trace.npz")
        from ganglion.web.portal.work.report import write_report  # loads Matplotlib

        with Told(say).task("drawing"):
            write_report(self.request, program, events, trace, seconds, self.out)
        totals = {name: trace.total(name) for name in trace.counters}
        return {**totals, "steps": trace.steps, "seconds": round(seconds, 3)}


AnyTask = Annotated[Check | Run, Field(discriminator="task")]


def run_job(
    request: JobRequest, network: JobNetwork, events: Events, device: str | None, progress: Progress
) -> tuple[Program, Trace]:
    """Runs a network on the target that a job asks for.

    Returns:
        What was run, and its trace.
    """
    with ExitStack() as stack:
        driver = None
        if request.target == "board" and device is not None:
            driver = stack.enter_context(closing(BoardDriver(device, progress=progress)))
        runnable = network.runnable(progress, driver.params if driver else None)
        with progress.task(f"loading it into the {request.target}"):
            target = stack.enter_context(_open(request.target, runnable, driver, progress))
        program = runnable.program if isinstance(runnable, Image) else runnable
        with progress.task(f"running on the {request.target}", total=events.steps) as task:
            return program, run_in_parts(request, target, events, task)


def _open(name: str, network: Program | Image, driver: BoardDriver | None, progress: Progress) -> Target:
    """A target; an image sits on a chip as it says, and anything else runs the program of it."""
    if name == "rtl" and isinstance(network, Image):
        return Rtl(network, NativeDriver(network.params, progress=progress), counters=ACCOUNTED)
    if driver is not None and isinstance(network, Image):
        return Board(network, driver)
    program = network.program if isinstance(network, Image) else network
    return TARGETS[name].open(for_chip(program, driver.params) if driver else program, driver, progress)


def run_in_parts(request: JobRequest, target: Target, events: Events, task: Task) -> Trace:
    """A run, piece by piece: the trace is that of the whole."""
    probes: dict[str, npt.ArrayLike] = {str(name): of for name, of in request.record.probes.items()}
    traces = []
    size = -(-events.steps // PARTS)
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


def _inputs(request: JobRequest, network: Path, events: Path) -> tuple[JobNetwork, Events]:
    read = read_network(network, request.nir)
    return read, read_events(events, read, request.steps)


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
