"""The main job: real handwritten digits through the chip and the golden model, in lockstep, every bit compared."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

from ganglion.model.networks import digits
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.params import PRESETS
from ganglion.sim.classifiers.choice import choose
from ganglion.sim.classifiers.recorder import CLOCK_MHZ, Hardware, Recorder, find_targets, run_in_lockstep
from ganglion.sim.digits.report import write_report
from ganglion.sim.digits.result import DigitsResult, TargetResult
from ganglion.sim.digits.table import print_table

REPORT = "digits.html"
"""Name of the report in the folder of results."""


def main_job(
    *,
    targets: Sequence[str] = ("reference", "rtl"),
    images: int | None = None,
    only: Sequence[int] | None = None,
    clock_mhz: float = CLOCK_MHZ,
    hardware: Hardware | None = None,
    states: bool = True,
    out: str | Path | None = None,
    console: Console | None = None,
    progress: Progress = SILENT,
    command: str = "ganglion run digits",
) -> DigitsResult:
    """Run held-out digits on some targets, in lockstep with the first, print what was found, and write a report.

    Args:
        targets: names from `TARGETS`, or that of the hardware; the first is right where they differ.
        images: take that many held-out images from the first on; None is all 540.
        only: take these held-out images, 0 … 539, instead.
        clock_mhz: clock at which latencies are stated.
        hardware: the target `board`, if it is among them; all targets then run the network as made for its sizes.
        states: compare all state after every step, not spikes and counters alone.
        out: folder for the report, made where it is missing; None writes none.
        console: where to print.
        progress: told of the images that were run.
        command: how the user started this, for the report.

    Raises:
        GanglionError: no such target, no such image, a clock that is not positive, a folder that cannot be made.
        MismatchError: two targets differ; tells where, and the command that shows it again.
        ToolError: the chip cannot be built; says what is missing.
    """
    console = console or Console()
    makers = find_targets(targets, clock_mhz, hardware)
    folder = _folder(out)
    network = digits.load()
    held_out = network.test_set(None)
    chosen = choose(len(held_out), images, only, option="images", what="held-out images")
    program = network.program(hardware.params if hardware else PRESETS["small"])
    with progress.task(f"preparing {' and '.join(targets)}; the first time, this builds the chip"):
        recorders = [Recorder(name, make(program), network.decode) for name, make in makers.items()]
    judge, *others = recorders
    begin = time.perf_counter()
    with progress.task(f"digits on {' and '.join(targets)}", len(chosen)) as task:
        for index in chosen:
            events = network.encode(held_out.inputs[index])
            replay = f"ganglion run digits --targets {','.join(targets)} --only {index}"
            replay += f" {hardware.option}" if hardware else ""
            if others:
                run_in_lockstep(program, events, f"digits-{index}", replay, recorders, states=states)
            else:
                judge.run_samples([events])
            task.advance()
    result = DigitsResult(
        network=network,
        program=program,
        images=held_out.take(chosen),
        targets=tuple(_result(recorder) for recorder in recorders),
        clock_mhz=clock_mhz,
        states=states,
        seconds=time.perf_counter() - begin,
        command=command,
    )
    print_table(result, console)
    if folder is not None:
        path = folder / REPORT
        write_report(result, path)
        console.print(f"report: {path}", soft_wrap=True)
    return result


def _result(recorder: Recorder) -> TargetResult:
    return TargetResult(
        name=recorder.name,
        guess=np.array(recorder.guesses),
        counters={name: np.stack([each[name] for each in recorder.counters]) for name in recorder.counters[0]},
        seconds=recorder.seconds,
    )


def _folder(out: str | Path | None) -> Path | None:
    """Made first, so that a job does not run in vain."""
    if out is None:
        return None
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GanglionError(f"the folder for results, {out}, cannot be made: {error.strerror}") from error
    return Path(out)
