"""`ganglion run`: a shipped classifier over its test set, on one target or on several in lockstep."""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from ganglion.fpga.host.driver import BoardDriver
from ganglion.jobs.classified import Classified, TargetResult
from ganglion.jobs.outputs import check_folder
from ganglion.jobs.samples import choose
from ganglion.jobs.targets import BOARD, TARGETS, check_targets
from ganglion.model.energy import Technology
from ganglion.model.lockstep import lockstep
from ganglion.model.networks import shipped
from ganglion.model.networks.classifier import Classifier
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace
from ganglion.sim.waveform import waveform_file

CLOCK_MHZ = 80.0
"""Clock at which latencies are stated, where no board and no user says another."""

DEFAULT_TARGETS = {"digits": ("reference", "rtl")}
"""What runs a network, unless the user says so, where it is not the emulator alone."""


def run(
    name: str,
    *,
    targets: Sequence[str] | None = None,
    samples: int | None = None,
    only: Sequence[int] | None = None,
    device: str | None = None,
    baud: int | None = None,
    states: bool = True,
    clock_mhz: float | None = None,
    floats: bool = False,
    energies: Path | None = None,
    out: Path | None = None,
    account: bool = False,
    data: Path | None = None,
    command: str = "",
    progress: Progress = SILENT,
) -> Classified:
    """Runs test samples on some targets, each in lockstep with the first, and writes a report.

    Args:
        name: of a shipped classifier.
        targets: names from `TARGETS`; the first is right where they differ. None is the network's own choice.
        samples: take that many test samples, from the first on; None is all.
        only: take these test samples instead.
        device: serial device of the board, which the target `board` needs; all targets then run the network as made for
            the board's sizes.
        baud: bits per second; None is that of all boards.
        states: compare all state after every step, not spikes and counters alone.
        clock_mhz: clock at which latencies are stated; None is the board's, or `CLOCK_MHZ`.
        floats: run the samples on the network as it was before it was rounded, too.
        energies: JSON file of energies per operation, in place of the built-in estimates.
        out: folder for the HTML report, made where it is missing; None writes none.
        account: show the account of the energy on the terminal, too.
        data: folder of real data; None looks in the usual places.
        command: how the user started this, for the report.
        progress: told what is going on.

    Raises:
        GanglionError: no such classifier, target or sample, a clock that is not positive, or a folder that cannot be
            made.
        MismatchError: two targets differ; tells where, and the command that shows it again.
        ToolError: the data is not there, or the chip cannot be built; says what is missing.
        BoardError: nothing answers on the device; says what to check.
    """
    classifier = shipped.load(name)
    names = tuple(DEFAULT_TARGETS.get(name, ("emulator",)) if targets is None else targets)
    check_targets(names, device)
    if clock_mhz is not None and not clock_mhz > 0:
        raise GanglionError(f"the clock must be a positive number of MHz, not {clock_mhz}")
    technology = Technology.from_file(energies) if energies else Technology()
    if out is not None:
        check_folder(out)
    test = classifier.test_set(data)
    chosen = choose(len(test), samples, only)
    with ExitStack() as stack:
        board = None
        if BOARD in names and device is not None:
            board = stack.enter_context(closing(BoardDriver(device, baud=baud, progress=progress)))
        program = classifier.program(board.params if board else None)
        opened = {each: stack.enter_context(TARGETS[each].open(program, board, progress)) for each in names}
        runs = {each: _Run() for each in names}
        begin = time.perf_counter()
        with progress.task(f"{name} on {' and '.join(names)}", total=len(chosen)) as task:
            batch = 1 if len(names) > 1 else TARGETS[names[0]].batch
            for first in range(0, len(chosen), batch):
                part = chosen[first : first + batch]
                events = [classifier.encode(test.inputs[index]) for index in part]
                if len(names) > 1:
                    replay = _replay(name, names, part[0], device, baud)
                    _compare(program, events[0], opened, runs, f"{name}-{part[0]}", replay, states)
                else:
                    _run_alone(events, opened[names[0]], runs[names[0]])
                task.advance(len(part))
        seconds = time.perf_counter() - begin
    steps = np.array([trace.steps for trace in next(iter(runs.values())).traces])
    in_floats = None
    if floats:
        with progress.task(f"{name} in floats"):
            guess = classifier.float_guesses([test.inputs[index] for index in chosen])
        in_floats = int((guess == test.label[chosen]).sum())
    result = Classified(
        classifier=classifier,
        program=program,
        numbers=np.array(chosen),
        inputs=[test.inputs[index] for index in chosen],
        label=test.label[chosen],
        steps=steps,
        available=len(test),
        targets=tuple(_result(each, found, classifier) for each, found in runs.items()),
        clock_mhz=clock_mhz or (board.port.greeting.clock / 1e6 if board else CLOCK_MHZ),
        states=states,
        seconds=seconds,
        command=command,
        technology=technology,
        in_floats=in_floats,
        account=account,
        report=out / f"{name}.html" if out else None,
    )
    if result.report:
        from ganglion.jobs.report.page import write_report  # loads Matplotlib

        with progress.task("writing the report"):
            write_report(result, result.report)
    return result


class _Run:
    """What came of the samples on one target."""

    def __init__(self) -> None:
        self.traces: list[Trace] = []
        self.seconds = 0.0


def _run_alone(samples: Sequence[Events], target: Target, run: _Run) -> None:
    begin = time.perf_counter()
    run.traces += target.run_batch(samples)
    run.seconds += time.perf_counter() - begin


def _compare(
    program: Program,
    events: Events,
    targets: Mapping[str, Target],
    runs: Mapping[str, _Run],
    waveform: str,
    replay: str,
    states: bool,
) -> None:
    """One sample on all targets, each in lockstep with the first."""
    judge, *others = targets
    for k, name in enumerate(others):
        agreed = lockstep(
            program,
            events,
            targets[name],
            targets[judge],
            name=name,
            replay=replay,
            waveform=waveform_file(waveform),
            states=states,
        )
        runs[name].traces.append(agreed.got)
        runs[name].seconds += agreed.seconds[0]
        if k == 0:
            runs[judge].traces.append(agreed.wanted)
            runs[judge].seconds += agreed.seconds[1]


def _replay(name: str, targets: Sequence[str], sample: int, device: str | None, baud: int | None) -> str:
    """The command that runs one sample again."""
    command = f"ganglion run {name} --targets {','.join(targets)} --only {sample}"
    command += f" --device {device}" if device else ""
    return command + (f" --baud {baud}" if baud else "")


def _result(name: str, run: _Run, classifier: Classifier) -> TargetResult:
    counters: dict[str, IntArray] = {
        counter: np.concatenate([trace.counters[counter] for trace in run.traces]) for counter in run.traces[0].counters
    }
    guess = np.array([classifier.decode(trace) for trace in run.traces])
    return TargetResult(name=name, guess=guess, counters=counters, seconds=run.seconds)
