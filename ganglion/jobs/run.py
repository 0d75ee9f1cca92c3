"""`ganglion run`: a shipped classifier, or a network of the user's own, over samples, on targets in lockstep."""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from ganglion.fpga.host.driver import BoardDriver
from ganglion.jobs.classified import Classified, TargetResult
from ganglion.jobs.networks import find_network
from ganglion.jobs.outputs import check_folder
from ganglion.jobs.own_network import Reading
from ganglion.jobs.predicted import predict
from ganglion.jobs.samples import choose
from ganglion.jobs.sizes import Sizes
from ganglion.jobs.targets import BOARD, TARGETS, check_targets
from ganglion.jobs.workload import Workload
from ganglion.model.compiler import Image, compile_program
from ganglion.model.compiler.placing import Aim
from ganglion.model.energy import Technology
from ganglion.model.lockstep import lockstep
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.events import Events
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace
from ganglion.sim.waveform import waveform_file

AIMED = 4
"""Samples that a placement of short steps is made for."""

CLOCK_MHZ = 80.0
"""Clock at which latencies are stated, where no board and no user says another."""

DEFAULT_TARGETS = {"digits": ("reference", "rtl")}
"""What runs a network, unless the user says so, where it is not the emulator alone."""


def run(
    network: str,
    *,
    targets: Sequence[str] | None = None,
    samples: int | Path | None = None,
    labels: Path | None = None,
    step_us: int | None = None,
    only: Sequence[int] | None = None,
    show: Sequence[int] = (),
    sizes: Sizes | None = None,
    aim: Aim = "memory",
    reading: Reading | None = None,
    device: str | None = None,
    baud: int | None = None,
    states: bool = True,
    clock_mhz: float | None = None,
    floats: bool | None = None,
    energies: Path | None = None,
    out: Path | None = None,
    hashes: bool = False,
    account: bool = False,
    data: Path | None = None,
    command: str = "",
    progress: Progress = SILENT,
) -> Classified:
    """Runs samples on some targets, each in lockstep with the first, and writes a report.

    Args:
        network: the name of a shipped classifier, or a file of the user's own: NIR, an image, a program.
        targets: names from `TARGETS`; the first is right where they differ. None is the network's own choice.
        samples: of a shipped classifier, take that many test samples, from the first on, None is all; of a network of
            the user's own, the file that has them (see `read_recording`).
        labels: the file of the classes of the user's own samples, unless they are in the same file.
        step_us: microseconds of a step, where the file of samples is a recording of events (see `read_event_file`).
        only: take these samples instead.
        show: those of them that the report shows spike by spike; none is the first that was told right.
        sizes: of the chip; None is the network's own, or that of the board.
        aim: what the placement on a chip takes little of: `compile_program` gets the first samples there are.
        reading: how to read a NIR file.
        device: serial device of the board, which the target `board` needs; all targets then run the network as made for
            the board's sizes.
        baud: bits per second; None is that of all boards.
        states: compare all state after every step, not spikes and counters alone.
        clock_mhz: clock at which latencies are stated; None is the board's, or `CLOCK_MHZ`.
        floats: run the samples on the network as it was before it was rounded, too; None does so for a NIR file.
        energies: JSON file of energies per operation, in place of the built-in estimates.
        out: folder for the HTML report, made where it is missing; None writes none.
        hashes: tell the hash of each sample's run, on the first target; see `Trace.hash`.
        account: show the account of the energy on the terminal, too.
        data: folder of real data; None looks in the usual places.
        command: how the user started this, for the report.
        progress: told what is going on.

    Raises:
        GanglionError: no such network, target or sample, a clock that is not positive, or a folder that cannot be made.
        MismatchError: two targets differ; tells where, and the command that shows it again.
        ToolError: the data is not there, or the chip cannot be built; says what is missing.
        BoardError: nothing answers on the device; says what to check.
    """
    wanted, reading = sizes or Sizes(), reading or Reading()
    found = find_network(network, samples, labels, reading, data, step_us)
    names = tuple(DEFAULT_TARGETS.get(network, ("emulator",)) if targets is None else targets)
    check_targets(names, device, baud)
    if clock_mhz is not None and not clock_mhz > 0:
        raise GanglionError(f"the clock must be a positive number of MHz, not {clock_mhz}")
    technology = Technology.from_file(energies) if energies else Technology()
    if out is not None:
        check_folder(out)
    with ExitStack() as stack:
        board = None
        if BOARD in names and device is not None:
            board = stack.enter_context(closing(BoardDriver(device, baud=baud, progress=progress)))
        chip = board.params if board else None
        work = found.workload(wanted, chip, progress)
        chosen = choose(work.available, samples if isinstance(samples, int) else None, only)
        if missing := [number for number in show if number not in chosen]:
            raise GanglionError(f"sample {missing[0]} is to be shown, and is not among those that run: add it to them")
        image = None if aim == "memory" else _placed(work, aim, progress)
        network_here = image or work.program
        opened = {each: stack.enter_context(TARGETS[each].open(network_here, board, progress)) for each in names}
        runs = {each: _Run() for each in names}
        for each in names:
            if TARGETS[each].compiles:
                with progress.task(f"compiling for the {each}"):
                    _warm_up(work, work.events(chosen[0]), opened[each], states=states and len(names) > 1)
        begin = time.perf_counter()
        with progress.task(f"{work.name} on {' and '.join(names)}", total=len(chosen)) as task:
            batch = 1 if len(names) > 1 else TARGETS[names[0]].batch
            for first in range(0, len(chosen), batch):
                part = chosen[first : first + batch]
                events = [work.events(index) for index in part]
                if len(names) > 1:
                    replay = _replay(found.command, names, part[0], wanted, aim, device, baud)
                    _compare(work, events[0], opened, runs, f"{work.name}-{part[0]}", replay, states)
                else:
                    _run_alone(work, events, opened[names[0]], runs[names[0]])
                task.advance(len(part))
        seconds = time.perf_counter() - begin
        hashed: tuple[str, ...] = ()
        if hashes:
            with progress.task("hashes"):
                hashed = tuple(_hash(work, index, opened[names[0]]) for index in chosen)
    clocked = any("cycles" in run.traces[0].counters for run in runs.values())
    predicted = predict(work, chosen, image, progress) if not clocked and work.program.learning is None else None
    label = None if work.label is None else work.label[chosen]
    in_floats = None
    if work.float_guesses is not None and (floats or (floats is None and not found.shipped)):
        with progress.task(f"{work.name} in floats"):
            in_floats = work.float_guesses(chosen)
    elif floats:
        raise GanglionError(f"{network} is in integers, and what it was before it was rounded is not known: no floats")
    result = Classified(
        workload=work,
        numbers=np.array(chosen),
        label=label,
        steps=np.array([trace.steps for trace in next(iter(runs.values())).traces]),
        targets=tuple(_result(each, found) for each, found in runs.items()),
        clock_mhz=clock_mhz or (board.port.greeting.clock / 1e6 if board else CLOCK_MHZ),
        states=states,
        seconds=seconds,
        command=command,
        technology=technology,
        in_floats=in_floats,
        hashes=hashed,
        account=account,
        predicted=predicted,
        report=out / f"{work.name}.html" if out else None,
        show=tuple(show),
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
        self.guess: list[int] = []
        self.seconds = 0.0

    def add(self, work: Workload, trace: Trace) -> None:
        self.traces.append(trace)
        self.guess.append(work.readout.answer(trace))


def _placed(work: Workload, aim: Aim, progress: Progress) -> Image:
    """The network on its chip, placed for the first of all samples, whichever of them run."""
    samples = [work.events(number) for number in range(min(AIMED, work.available))]
    return compile_program(work.program, aim=aim, samples=samples, progress=progress)


def _warm_up(work: Workload, events: Events, target: Target, *, states: bool) -> None:
    """Runs a sample as all will be run, so that what is compiled for it takes none of their time."""
    if states:
        target.run(events, keep_states=True, probes=work.readout.probes)
        target.reset()
    else:
        target.run_batch([events], probes=work.readout.probes)


def _hash(work: Workload, index: int, target: Target) -> str:
    """The hash of the run of a sample, without the steps that were added to see its last spikes."""
    target.reset()
    events = work.events(index)
    return target.run(events.part(0, events.steps - work.readout.behind), keep_states=True).hash()


def _run_alone(work: Workload, samples: Sequence[Events], target: Target, run: _Run) -> None:
    begin = time.perf_counter()
    traces = target.run_batch(samples, probes=work.readout.probes)
    run.seconds += time.perf_counter() - begin
    for trace in traces:
        run.add(work, trace)


def _compare(
    work: Workload,
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
            work.program,
            events,
            targets[name],
            targets[judge],
            name=name,
            replay=replay,
            waveform=waveform_file(waveform),
            states=states,
            probes=work.readout.probes,
        )
        runs[name].add(work, agreed.got)
        runs[name].seconds += agreed.seconds[0]
        if k == 0:
            runs[judge].add(work, agreed.wanted)
            runs[judge].seconds += agreed.seconds[1]


def _replay(
    network: str, targets: Sequence[str], sample: int, sizes: Sizes, aim: Aim, device: str | None, baud: int | None
) -> str:
    """The command that runs one sample again."""
    command = f"ganglion run {network} --targets {','.join(targets)} --only {sample}"
    command += "".join(f" {word}" for word in sizes.words)
    command += f" --aim {aim}" if aim != "memory" else ""
    command += f" --device {device}" if device else ""
    return command + (f" --baud {baud}" if baud else "")


def _result(name: str, run: _Run) -> TargetResult:
    counters: dict[str, IntArray] = {
        counter: np.concatenate([trace.counters[counter] for trace in run.traces]) for counter in run.traces[0].counters
    }
    return TargetResult(name=name, guess=np.array(run.guess), counters=counters, seconds=run.seconds)
