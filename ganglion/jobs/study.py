"""`ganglion train`, of a study: what is trained through a chip in several ways, from several seeds, and compared."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from ganglion.fpga.host.driver import BoardDriver
from ganglion.jobs.outputs import check_file, check_folder
from ganglion.jobs.result import Result, table
from ganglion.jobs.targets import BOARD, TARGETS, check_targets
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import BoardError, ChipError, GanglionError
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.training import tasks
from ganglion.model.training.state import TrainingState
from ganglion.model.training.study import Claim, Line, Outcome, Session, Study, Trial, lines

SEEDS = 1 << 32
"""Seeds are below this."""


@dataclass(frozen=True, kw_only=True)
class Studied(Result):
    """What came of a study."""

    name: str
    study: Study
    target: str
    seeds: tuple[int, ...]
    epochs: int
    seconds: float
    command: str
    trials: tuple[tuple[Trial, Outcome], ...]
    report: Path | None

    @property
    def lines(self) -> dict[str, dict[str, Line]]:
        """Medians over the seeds, and their spread."""
        return lines(self.trials)

    @property
    def claims(self) -> list[Claim]:
        """What the study has to show; it is held to it at its usual length alone."""
        return list(self.study.claims(self.lines)) if self.epochs >= self.study.epochs else []

    def to_dict(self) -> dict[str, Any]:
        return {
            "study": self.name,
            "target": self.target,
            "seeds": list(self.seeds),
            "epochs": self.epochs,
            "seconds": self.seconds,
            "measure": self.study.measure,
            "lines": {
                panel: {
                    arm: {name: list(getattr(line, name)) for name in ("x", "low", "median", "high")}
                    for arm, line in arms.items()
                }
                for panel, arms in self.lines.items()
            },
            "trials": [{"trial": trial.name, **outcome.to_dict()} for trial, outcome in self.trials],
            "claims": [
                {"what": each.what, "got": each.got, "wanted": each.wanted, "holds": each.holds} for each in self.claims
            ],
        }

    def shown(self) -> Iterator[str | Table]:
        first, last = self.seeds[0], self.seeds[-1]
        whole = len(self.seeds) == last - first + 1
        seeds = f"seeds {first} to {last}" if whole else f"seeds {', '.join(map(str, self.seeds))}"
        how = f"{self.epochs} epochs, on the {self.target}, {self.seconds:.0f} s"
        yield f"{self.name}: {self.study.what}, {seeds}, {how}"
        yield f"{self.study.measure}: median, least and greatest over the seeds"
        for panel, arms in self.lines.items():
            points = sorted({x for line in arms.values() for x in line.x})
            made = table(self.study.panels[panel], *arms)
            for x in points:
                made.add_row(f"{x:g}", *(_cell(line, x) for line in arms.values()))
            yield made
        yield from (f"{name}: {value}" for name, value in self.figures.items())
        for claim in self.claims:
            yield f"{claim.what}: {claim.got:.3f}, {claim.wanted:.3f} wanted{'' if claim.holds else ': MISSED'}"
        if self.report:
            yield f"wrote {self.report}"

    @property
    def figures(self) -> dict[str, str]:
        """What else was measured, of the first seed, by arm and name."""
        return {
            f"{trial.arm}, {name}": f"{value:,.4g}"
            for trial, outcome in self.trials
            if trial.seed == self.seeds[0]
            for name, value in outcome.figures.items()
        }


def study(
    name: str,
    *,
    target: str = "emulator",
    seed: int = 0,
    seeds: int = 1,
    epochs: int | None = None,
    panel: str | None = None,
    device: str | None = None,
    out: Path | None = None,
    weights: Path | None = None,
    resume: Path | None = None,
    data: Path | None = None,
    shipped: bool = False,
    command: str = "",
    progress: Progress = SILENT,
) -> Studied:
    """Trains in all ways of a study, and compares them.

    Args:
        name: of a study.
        target: what is trained: a name from `ganglion.jobs.targets.TARGETS`.
        seed: the first one.
        seeds: how many, one behind the other.
        epochs: how long each trial is; None is as long as the study's claims are for.
        panel: the one figure whose trials are done; None is all.
        device: serial device of the board, which the target `board` needs.
        out: folder for the HTML report, made where it is missing; None writes none.
        weights: file for the network that the study trains best, of the first seed, as a program; None writes none.
        resume: file that keeps how far the training is, after every epoch; where it exists, the training goes on.
        data: folder of real data; None looks in the usual places.
        shipped: train nothing, and tell the result that ships; of the other options, `out` alone matters.
        command: how the user started this, for the report.
        progress: told what is going on.

    Raises:
        GanglionError: there is no such study, panel or target, a seed or length cannot be, a file cannot be written, or
            `resume` keeps another training.
        NetworkError: the training diverged.
        ChipError, BoardError: the target went away; what was trained up to the last epoch is kept.
        ToolError: PyTorch or data is not there, or the chip cannot be built; says what is missing.
    """
    found = tasks.load(name)
    if out is not None:
        check_folder(out)
    report = out / f"train-{name}.html" if out else None
    if shipped:
        return _reported(_shipped(name, found, report, command), progress)
    check_targets((target,), device)
    length = found.epochs if epochs is None else epochs
    if length < 1:
        raise GanglionError(f"epochs must be at least 1, not {length}")
    if seeds < 1 or not 0 <= seed <= SEEDS - seeds:
        raise GanglionError(f"seeds must be 0 … {SEEDS - 1:,}, and at least one, not {seeds} from {seed:,}")
    if panel is not None and panel not in found.panels:
        raise GanglionError(f"{name} has no figure '{panel}'; it has {', '.join(found.panels)}")
    for file in (weights, resume):
        check_file(file)
    every = tuple(range(seed, seed + seeds))
    plan = {"study": name, "target": target, "epochs": length}
    state = TrainingState.open(resume, plan)
    wanted = [trial for each in every for trial in found.trials(each) if panel in (None, trial.panel)]
    begin = time.perf_counter()
    with ExitStack() as stack:
        board = None
        if target == BOARD and device is not None:
            board = stack.enter_context(closing(BoardDriver(device, progress=progress)))

        def open_target(program: Program) -> Target:
            return TARGETS[target].open(program, board, SILENT)

        def keep(program: Program) -> None:
            if weights is not None:
                program.save(weights)

        session = Session(
            open_target=open_target, epochs=length, state=state, data=data, keep=keep, progress=progress
        )
        _train(found, wanted, session, every[0])
    made = Studied(
        name=name,
        study=found,
        target=target,
        seeds=every,
        epochs=length,
        seconds=time.perf_counter() - begin,
        command=command,
        trials=tuple((trial, Outcome.from_dict(state.done[trial.name])) for trial in wanted),
        report=report,
    )
    return _reported(made, progress)


def _shipped(name: str, found: Study, report: Path | None, command: str) -> Studied:
    """The result that ships."""
    kept = tasks.shipped(name)
    every = tuple(int(seed) for seed in kept["seeds"])
    known = {trial.name: trial for seed in every for trial in found.trials(seed)}
    return Studied(
        name=name,
        study=found,
        target=kept["target"],
        seeds=every,
        epochs=kept["epochs"],
        seconds=kept["seconds"],
        command=command,
        trials=tuple((known[each["trial"]], Outcome.from_dict(each)) for each in kept["trials"]),
        report=report,
    )


def _reported(result: Studied, progress: Progress) -> Studied:
    """The result, with its page where one is wanted."""
    if result.report:
        from ganglion.jobs.report.studied import write_report  # loads Matplotlib

        with progress.task("writing the report"):
            write_report(result, result.report)
    return result


def _train(found: Study, wanted: list[Trial], session: Session, first: int) -> None:
    """Do the trials that are not done."""
    state = session.state
    with session.progress.task(f"training, {len(wanted)} times", len(wanted)) as task:
        for trial in wanted:
            if trial.name not in state.done:
                state.begin(trial.name)
                try:
                    outcome = found.run(trial, session)
                except (ChipError, BoardError) as error:
                    raise type(error)(f"{error}; {_where(state)}") from error
                state.finish(outcome.to_dict())
                scores = ", ".join(f"{score:.3f}" for score in outcome.scores)
                session.progress.note(f"{trial.name}: {scores}")
            task.advance()


def _where(state: TrainingState) -> str:
    """What is kept of a training that cannot go on, and how it can."""
    reached = f"'{state.trial}' had {state.epoch} whole epochs"
    if state.path is None:
        return f"{reached}, and nothing is kept: train with --resume FILE"
    return f"{reached}, which {state.path} keeps: give the same command again, with the board back, to go on"


def _cell(line: Line, x: float) -> str:
    if x not in line.x:
        return ""
    place = line.x.index(x)
    spread = f" ({line.low[place]:.3f} … {line.high[place]:.3f})" if line.seeds > 1 else ""
    return f"{line.median[place]:.3f}{spread}"
