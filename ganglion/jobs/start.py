"""How long it takes until Ganglion is there: the time and the modules of what programs import first."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich.table import Table

from ganglion.jobs.result import Result, table
from ganglion.model.progress import SILENT, Progress

REPEATS = 5

HELP = """
import contextlib, io, ganglion.cli
with contextlib.redirect_stdout(io.StringIO()):
    ganglion.cli.app(["--help"], standalone_mode=False)
"""

STARTS = {
    "import ganglion": "import ganglion",
    "Program, Reference": "from ganglion import Program, Reference",
    "Emulator": "from ganglion import Emulator",
    "Rtl": "from ganglion import Rtl",
    "ganglion --help": HELP,
}
"""What is timed, and the code that does it."""

GOALS = {"import ganglion": 0.1, "ganglion --help": 0.5}
"""Seconds."""

TIMED = """
import sys, time
before, began = len(sys.modules), time.perf_counter()
{code}
print(time.perf_counter() - began, len(sys.modules) - before)
"""


@dataclass(frozen=True, kw_only=True)
class Start:
    """One of them."""

    what: str
    seconds: float
    """Median, by the clock on the wall, without the interpreter's own start."""
    modules: int
    """That were not loaded before."""


@dataclass(frozen=True, kw_only=True)
class StartBench(Result):
    """How long starts take."""

    starts: tuple[Start, ...]
    repeats: int
    """New interpreters that each was timed in."""

    def to_dict(self) -> dict[str, Any]:
        return {"starts": [asdict(start) for start in self.starts]}

    def shown(self) -> Iterator[str | Table]:
        rows = table("", "seconds", "modules", "goal", title=f"imports, median of {self.repeats} new interpreter(s)")
        for start in self.starts:
            goal = GOALS.get(start.what)
            rows.add_row(start.what, f"{start.seconds:.3f}", str(start.modules), f"< {goal}" if goal else "")
        yield rows


def bench_start(progress: Progress = SILENT, *, repeats: int = REPEATS) -> StartBench:
    """Times each start in so many interpreters of its own."""
    with progress.task("imports", total=len(STARTS)) as task:
        starts = []
        for what, code in STARTS.items():
            seconds, modules = zip(*(_start(code) for _ in range(repeats)), strict=True)
            starts.append(Start(what=what, seconds=median(seconds), modules=modules[0]))
            task.advance()
    return StartBench(starts=tuple(starts), repeats=repeats)


def _start(code: str) -> tuple[float, int]:
    """Seconds and modules of one start."""
    command = [sys.executable, "-c", TIMED.format(code=code)]
    seconds, modules = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), int(modules)
