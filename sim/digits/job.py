"""The main job: real handwritten digits through the chip and the golden model, in lockstep, every bit compared."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ganglion.model.networks import digits
from ganglion.model.networks.digits import DigitsNetwork
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.events import Events
from ganglion.model.spec.memories import Counter
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import IntArray, Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace
from ganglion.sim.digits.report import write_report
from ganglion.sim.digits.result import DigitsResult, TargetResult
from ganglion.sim.digits.table import print_table
from ganglion.sim.lockstep import lockstep
from ganglion.sim.rtl import COUNTERS, Rtl
from ganglion.sim.waveform import waveforms

CLOCK_MHZ = 80.0
"""Clock at which latencies are stated, unless another is asked for."""

REPORT = "digits.html"
"""Name of the report in the folder of results."""


def _emulator(program: Program) -> Target:
    """Imported when it is asked for: its kernels take seconds to load."""
    from ganglion.model.emulator.emulator import Emulator

    return Emulator(program)


def _rtl(program: Program) -> Target:
    return Rtl(program, counters=(*COUNTERS, Counter.EVENTS, Counter.WORDS))


TARGETS: dict[str, Callable[[Program], Target]] = {"reference": Reference, "rtl": _rtl, "emulator": _emulator}
"""What can run the digits."""


class Recorder:
    """A target that passes everything on to another, and notes what came of each image."""

    def __init__(self, name: str, target: Target, network: DigitsNetwork) -> None:
        self.name = name
        self.program = target.program
        self.reset, self.state, self.weights = target.reset, target.state, target.weights
        self.write, self.write_weight = target.write, target.write_weight
        self.target = target
        self._network = network
        self._last: tuple[Trace, float]
        self._guesses: list[int] = []
        self._counters: list[dict[str, IntArray]] = []
        self._seconds = 0.0

    def run(self, events: Events, *, keep_states: bool = False) -> Trace:
        begin = time.perf_counter()
        trace = self.target.run(events, keep_states=keep_states)
        self._last = trace, time.perf_counter() - begin
        return trace

    def keep(self) -> None:
        """The last run was of one image, and is to be counted."""
        trace, seconds = self._last
        self._guesses.append(self._network.decode(trace))
        self._counters.append(trace.counters)
        self._seconds += seconds

    def result(self) -> TargetResult:
        """What was kept."""
        return TargetResult(
            name=self.name,
            guess=np.array(self._guesses),
            counters={name: np.stack([c[name] for c in self._counters]) for name in self._counters[0]},
            seconds=self._seconds,
        )


def main_job(
    *,
    targets: Sequence[str] = ("reference", "rtl"),
    images: int | None = None,
    only: Sequence[int] | None = None,
    clock_mhz: float = CLOCK_MHZ,
    out: str | Path | None = None,
    console: Console | None = None,
    command: str = "ganglion run digits",
) -> DigitsResult:
    """Run held-out digits on some targets, in lockstep with the first, print what was found, and write a report.

    Args:
        targets: names from `TARGETS`; the first is right where they differ.
        images: take that many held-out images from the first on; None is all 540.
        only: take these held-out images, 0 … 539, instead.
        clock_mhz: clock at which latencies are stated.
        out: folder for the report, made where it is missing; None writes none.
        console: where to print.
        command: how the user started this, for the report.

    Raises:
        GanglionError: no such target, no such image, a clock that is not positive, a folder that cannot be made.
        MismatchError: two targets differ; tells where, and the command that shows it again.
        ToolError: the chip cannot be built; says what is missing.
    """
    console = console or Console()
    _check(targets, clock_mhz)
    folder = _folder(out)
    network = digits.load()
    held_out = network.heldout()
    chosen = _choose(len(held_out), images, only)
    program = network.program(PRESETS["small"])
    with console.status(f"preparing {' and '.join(targets)}; the first time, this builds the chip"):
        recorders = [Recorder(name, TARGETS[name](program), network) for name in targets]
    judge, *others = recorders
    begin = time.perf_counter()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        for index in progress.track(chosen, description=f"digits on {' and '.join(targets)}"):
            events = network.encode(held_out.pixels[index])
            replay = f"ganglion run digits --targets {','.join(targets)} --only {index}"
            for other in others:
                rtl = other.target if isinstance(other.target, Rtl) else None
                waveform = waveforms(rtl, judge, f"digits-{index}") if rtl else None
                lockstep(program, events, other, judge, name=other.name, replay=replay, waveform=waveform)
            if not others:
                judge.reset()
                judge.run(events)
            for recorder in recorders:
                recorder.keep()
    result = DigitsResult(
        network=network,
        program=program,
        images=held_out.take(chosen),
        targets=tuple(recorder.result() for recorder in recorders),
        clock_mhz=clock_mhz,
        seconds=time.perf_counter() - begin,
        command=command,
    )
    print_table(result, console)
    if folder is not None:
        path = folder / REPORT
        write_report(result, path)
        console.print(f"report: {path}", soft_wrap=True)
    return result


def _check(targets: Sequence[str], clock_mhz: float) -> None:
    unknown = [name for name in targets if name not in TARGETS]
    if unknown or not targets or len(set(targets)) < len(targets):
        raise GanglionError(
            f"targets must be one or more of {', '.join(TARGETS)}, each once, not {', '.join(targets)!r}"
        )
    if not clock_mhz > 0:
        raise GanglionError(f"the clock must be a positive number of MHz, not {clock_mhz}")


def _choose(available: int, images: int | None, only: Sequence[int] | None) -> list[int]:
    """Which held-out images to run."""
    if only is not None:
        wrong = [index for index in only if not 0 <= index < available]
        if wrong or not only:
            raise GanglionError(f"held-out images are 0 to {available - 1}, not {wrong[0] if wrong else 'none'}")
        return list(only)
    count = available if images is None else images
    if not 1 <= count <= available:
        raise GanglionError(f"images must be 1 to {available}, the held-out ones there are, not {count}")
    return list(range(count))


def _folder(out: str | Path | None) -> Path | None:
    """Made first, so that a job does not run in vain."""
    if out is None:
        return None
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GanglionError(f"the folder for results, {out}, cannot be made: {error.strerror}") from error
    return Path(out)
