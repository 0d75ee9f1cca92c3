"""`ganglion learn`: a task that a chip learns by itself, on any target that learns."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from rich.table import Table

from ganglion.fpga.host.driver import BoardDriver
from ganglion.jobs.outputs import check_folder
from ganglion.jobs.result import Result
from ganglion.jobs.targets import BOARD, TARGETS, check_targets
from ganglion.model.learning_energy import LearningEnergy
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.tasks.task import Learned, Open

SEEDS = 1 << 32
"""Seeds are below this."""


class Learn(Protocol):
    """Does a task for so many iterations, images or passes."""

    def __call__(
        self, open_target: Open, *, seed: int, length: int, data: Path | None, progress: Progress
    ) -> Learned: ...


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task that a user can ask for."""

    what: str
    """In a few words."""
    unit: str
    """What its length counts."""
    length: int
    """Usual length, for which its wanted score is."""
    longest: int | None = None
    """Greatest length; None is any."""
    learn: Learn


@dataclass(frozen=True, kw_only=True)
class LearnedResult(Result):
    """What came of a task."""

    task: str
    target: str
    seed: int
    length: int
    seconds: float
    command: str
    found: Learned
    report: Path | None

    @property
    def usual(self) -> bool:
        """Whether the task had its usual length, or more."""
        return self.length >= TASKS[self.task].length

    @property
    def energy(self) -> LearningEnergy:
        """What learning cost, beside the bounds."""
        return LearningEnergy.of_totals(self.found.counters, self.found.program)

    def to_dict(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "target": self.target,
            "seed": self.seed,
            TASKS[self.task].unit: self.length,
            "measure": self.found.measure,
            "score": self.found.score,
            "wanted": self.found.wanted,
            "seconds": self.seconds,
            "facts": dict(self.found.facts),
            "curves": [
                {"x": each.x.tolist(), "x_name": each.x_name, "y": each.y.tolist(), "y_name": each.y_name}
                for each in self.found.curves
            ],
            "counters": dict(self.found.counters),
            "energy": asdict(self.energy),
        }

    def shown(self) -> Iterator[str | Table]:
        task = TASKS[self.task]
        against = f", {self.found.wanted:.3f} wanted" if self.usual else ""
        yield f"{self.task}: {task.what}, seed {self.seed}, on the {self.target}, {self.seconds:.1f} s"
        yield f"{self.found.measure}: {self.found.score:.3f} after {self.length:,} {task.unit}{against}"
        for name, value in self.found.facts.items():
            yield f"{name}: {value}"
        yield from self.energy.lines()
        if self.report:
            yield f"wrote {self.report}"


def learn(
    name: str,
    *,
    target: str = "emulator",
    seed: int = 0,
    length: int | None = None,
    device: str | None = None,
    out: Path | None = None,
    data: Path | None = None,
    command: str = "",
    progress: Progress = SILENT,
) -> LearnedResult:
    """Does a task, and writes a report.

    Args:
        name: of a task.
        target: what learns: a name from `ganglion.jobs.targets.TARGETS`.
        seed: of everything that is random.
        length: iterations, images or passes; None is as long as the task's wanted score asks.
        device: serial device of the board, which the target `board` needs.
        out: folder for the HTML report, made where it is missing; None writes none.
        data: folder of real data; None looks in the usual places.
        command: how the user started this, for the report.
        progress: told what is going on.

    Raises:
        GanglionError: there is no such task or target, it cannot learn, a seed or length cannot be, or the folder
            cannot be made.
        ToolError: the data is not there, or the chip cannot be built; says what is missing.
    """
    if name not in TASKS:
        raise GanglionError(f"there is no task '{name}'; there are {', '.join(TASKS)}")
    task = TASKS[name]
    check_targets((target,), device)
    if not 0 <= seed < SEEDS:
        raise GanglionError(f"the seed must be 0 … {SEEDS - 1:,}, not {seed:,}")
    wanted = task.length if length is None else length
    if wanted < 1 or (task.longest is not None and wanted > task.longest):
        most = "" if task.longest is None else f" and at most {task.longest:,}"
        raise GanglionError(f"{task.unit} must be at least 1{most}, not {wanted:,}")
    if out is not None:
        check_folder(out)
    with ExitStack() as stack:
        board = None
        if target == BOARD and device is not None:
            board = stack.enter_context(closing(BoardDriver(device, progress=progress)))

        def open_target(program: Program) -> Target:
            return TARGETS[target].open(program, board, progress)

        begin = time.perf_counter()
        found = task.learn(open_target, seed=seed, length=wanted, data=data, progress=progress)
    result = LearnedResult(
        task=name,
        target=target,
        seed=seed,
        length=wanted,
        seconds=time.perf_counter() - begin,
        command=command,
        found=found,
        report=out / f"learn-{name}.html" if out else None,
    )
    if result.report:
        from ganglion.jobs.report.learned import write_report  # loads Matplotlib

        with progress.task("writing the report"):
            write_report(result, result.report)
    return result


def _pong(open_target: Open, *, seed: int, length: int, data: Path | None, progress: Progress) -> Learned:
    from ganglion.model.tasks import pong

    return pong.learn(open_target, seed=seed, iterations=length, progress=progress)


def _digits(
    open_target: Open, *, seed: int, length: int, data: Path | None, progress: Progress, side: int, neurons: int
) -> Learned:
    from ganglion.model.tasks import digits

    return digits.learn(
        open_target, seed=seed, images=length, side=side, neurons=neurons, data=data, progress=progress
    )


def _unsupervised(open_target: Open, *, seed: int, length: int, data: Path | None, progress: Progress) -> Learned:
    from ganglion.model.tasks import clusters

    return clusters.learn(open_target, seed=seed, images=length, data=data, progress=progress)


def _keyword(open_target: Open, *, seed: int, length: int, data: Path | None, progress: Progress) -> Learned:
    from ganglion.model.tasks import keyword

    return keyword.learn(open_target, seed=seed, passes=length, data=data, progress=progress)


def _iris(open_target: Open, *, seed: int, length: int, data: Path | None, progress: Progress) -> Learned:
    from ganglion.model.tasks import iris

    return iris.learn(open_target, seed=seed, passes=length, progress=progress)


def _memory(open_target: Open, *, seed: int, length: int, data: Path | None, progress: Progress) -> Learned:
    from ganglion.model.tasks import memory

    return memory.learn(open_target, seed=seed, patterns=length, progress=progress)


def _labelled(what: str, side: int, neurons: int) -> Task:
    learn_: Callable[..., Learned] = partial(_digits, side=side, neurons=neurons)
    return Task(what=what, unit="images", length=60_000, longest=60_000, learn=learn_)


TASKS: dict[str, Task] = {
    "pong": Task(what="a game, by reward-modulated STDP", unit="iterations", length=6000, learn=_pong),
    "digits": _labelled("handwritten digits, from labels, 10 neurons, 16 x 16", 16, 10),
    "digits-28": _labelled("handwritten digits, from labels, 10 neurons, 28 x 28", 28, 10),
    "digits-core": _labelled("handwritten digits, from labels, 250 neurons, 16 x 16", 16, 250),
    "digits-unsupervised": Task(
        what="handwritten digits, without labels, 100 neurons, 16 x 16",
        unit="images",
        length=60_000,
        longest=60_000,
        learn=_unsupervised,
    ),
    "keyword": Task(
        what="spoken digits, five of them from a few examples", unit="passes", length=100, learn=_keyword
    ),
    "iris": Task(what="flowers, with a quarter of the synapses, rewired", unit="passes", length=30, learn=_iris),
    "memory": Task(what="an associative memory that forgets", unit="patterns", length=100, learn=_memory),
}
