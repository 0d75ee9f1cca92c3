"""Runs a shipped classifier over its test set, on one target or on several in lockstep, every bit compared."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

from ganglion.model.networks.shipped import load
from ganglion.model.progress import SILENT, Progress
from ganglion.sim.classifiers.choice import choose
from ganglion.sim.classifiers.recorder import CLOCK_MHZ, Hardware, Recorder, find_targets, run_in_lockstep
from ganglion.sim.classifiers.result import ClassifierResult, TargetResult
from ganglion.sim.classifiers.table import print_table

BATCH = 200
"""Samples that the emulator runs in one call, where it is alone."""


def run_classifier(
    name: str,
    *,
    targets: Sequence[str] = ("emulator",),
    samples: int | None = None,
    only: Sequence[int] | None = None,
    clock_mhz: float = CLOCK_MHZ,
    hardware: Hardware | None = None,
    states: bool = True,
    data: str | Path | None = None,
    console: Console | None = None,
    progress: Progress = SILENT,
) -> ClassifierResult:
    """Run test samples on some targets, in lockstep with the first, and print what was found.

    Args:
        name: of a shipped classifier.
        targets: names from `TARGETS`, or that of the hardware; the first is right where they differ.
        samples: take that many test samples from the first on; None is all.
        only: take these test samples instead.
        clock_mhz: clock at which latencies are stated.
        hardware: the target `board`, if it is among them; all targets then run the network as made for its sizes.
        states: compare all state after every step, not spikes and counters alone.
        data: folder of real data; None looks in the usual places.
        console: where to print.
        progress: told of the samples that were run.

    Raises:
        GanglionError: no such classifier, target or sample, or a clock that is not positive.
        MismatchError: two targets differ; tells where, and the command that shows it again.
        ToolError: the data is not there, or the chip cannot be built; says what is missing.
    """
    console = console or Console()
    makers = find_targets(targets, clock_mhz, hardware)
    classifier = load(name)
    test = classifier.test_set(data)
    chosen = choose(len(test), samples, only, option="samples", what="test samples")
    program = classifier.program(hardware.params if hardware else None)
    with progress.task(f"preparing {' and '.join(targets)}; the first time, this builds the chip"):
        recorders = [Recorder(target, make(program), classifier.decode) for target, make in makers.items()]
    judge, *others = recorders
    steps: list[int] = []
    with progress.task(f"{name} on {' and '.join(targets)}", len(chosen)) as task:
        for begin in range(0, len(chosen), 1 if others else BATCH):
            part = chosen[begin : begin + (1 if others else BATCH)]
            events = [classifier.encode(test.inputs[index]) for index in part]
            if others:
                replay = f"ganglion run {name} --targets {','.join(targets)} --only {part[0]}"
                replay += f" {hardware.option}" if hardware else ""
                run_in_lockstep(program, events[0], f"{name}-{part[0]}", replay, recorders, states=states)
            else:
                judge.run_samples(events)
            steps += [each.steps for each in events]
            task.advance(len(part))
    result = ClassifierResult(
        classifier=classifier,
        program=program,
        label=test.label[chosen],
        steps=np.array(steps),
        available=len(test),
        targets=tuple(_result(recorder) for recorder in recorders),
        clock_mhz=clock_mhz,
        states=states,
    )
    print_table(result, console)
    return result


def _result(recorder: Recorder) -> TargetResult:
    """What was kept, summed over the steps of each sample."""
    return TargetResult(
        name=recorder.name,
        guess=np.array(recorder.guesses),
        counters={name: np.array([each[name].sum() for each in recorder.counters]) for name in recorder.counters[0]},
        seconds=recorder.seconds,
    )
