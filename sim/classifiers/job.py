"""Runs a shipped classifier over its test set, on one target or on several in lockstep, every bit compared."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ganglion.model.networks.shipped import load
from ganglion.model.spec.events import Events
from ganglion.sim.classifiers.choice import choose
from ganglion.sim.classifiers.recorder import CLOCK_MHZ, TARGETS, Recorder, check_targets
from ganglion.sim.classifiers.result import ClassifierResult, TargetResult
from ganglion.sim.classifiers.table import print_table
from ganglion.sim.lockstep import lockstep
from ganglion.sim.rtl import Rtl
from ganglion.sim.waveform import waveforms

BATCH = 200
"""Samples that the emulator runs in one call, where it is alone."""


def run_classifier(
    name: str,
    *,
    targets: Sequence[str] = ("emulator",),
    samples: int | None = None,
    only: Sequence[int] | None = None,
    clock_mhz: float = CLOCK_MHZ,
    data: str | Path | None = None,
    console: Console | None = None,
) -> ClassifierResult:
    """Run test samples on some targets, in lockstep with the first, and print what was found.

    Args:
        name: of a shipped classifier.
        targets: names from `TARGETS`; the first is right where they differ.
        samples: take that many test samples from the first on; None is all.
        only: take these test samples instead.
        clock_mhz: clock at which latencies are stated.
        data: folder of real data; None looks in the usual places.
        console: where to print.

    Raises:
        GanglionError: no such classifier, target or sample, or a clock that is not positive.
        MismatchError: two targets differ; tells where, and the command that shows it again.
        ToolError: the data is not there, or the chip cannot be built; says what is missing.
    """
    console = console or Console()
    check_targets(targets, clock_mhz)
    classifier = load(name)
    test = classifier.test_set(data)
    chosen = choose(len(test), samples, only, option="samples", what="test samples")
    program = classifier.program()
    with console.status(f"preparing {' and '.join(targets)}; the first time, this builds the chip"):
        recorders = [Recorder(target, TARGETS[target](program), classifier.decode) for target in targets]
    judge, *others = recorders
    steps: list[int] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        bar = progress.add_task(f"{name} on {' and '.join(targets)}", total=len(chosen))
        for begin in range(0, len(chosen), 1 if others else BATCH):
            part = chosen[begin : begin + (1 if others else BATCH)]
            events = [classifier.encode(test.inputs[index]) for index in part]
            if others:
                _compare(name, part[0], events[0], judge, others)
            else:
                judge.run_samples(events)
            steps += [each.steps for each in events]
            progress.advance(bar, len(part))
    result = ClassifierResult(
        classifier=classifier,
        program=program,
        label=test.label[chosen],
        steps=np.array(steps),
        available=len(test),
        targets=tuple(_result(recorder) for recorder in recorders),
        clock_mhz=clock_mhz,
    )
    print_table(result, console)
    return result


def _compare(name: str, index: int, events: Events, judge: Recorder, others: Sequence[Recorder]) -> None:
    """One sample on all targets, in lockstep with the judge."""
    names = ",".join(recorder.name for recorder in (judge, *others))
    replay = f"ganglion run {name} --targets {names} --only {index}"
    for other in others:
        rtl = other.target if isinstance(other.target, Rtl) else None
        waveform = waveforms(rtl, judge, f"{name}-{index}") if rtl else None
        lockstep(judge.program, events, other, judge, name=other.name, replay=replay, waveform=waveform)
    for recorder in (judge, *others):
        recorder.keep()


def _result(recorder: Recorder) -> TargetResult:
    """What was kept, summed over the steps of each sample."""
    return TargetResult(
        name=recorder.name,
        guess=np.array(recorder.guesses),
        counters={name: np.array([each[name].sum() for each in recorder.counters]) for name in recorder.counters[0]},
        seconds=recorder.seconds,
    )
