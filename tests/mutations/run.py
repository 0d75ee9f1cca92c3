"""Breaks the chip and the link to a board, one line at a time, and demands that the checks see it.

Run `python -m tests.mutations.run` in the root of the repository; `--only NAME` tries one change. Each change is made
in a copy. The checks run on an unchanged copy first, where they must pass.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from tests.mutations.change import LOCKSTEPS, Change
from tests.mutations.changes import CHANGES
from tests.mutations.lockstep import DIFFERS

ROOT = Path(__file__).parent.parent.parent

PARTS = ("ganglion", "model", "hdl", "sim", "fpga", "web", "tests")
"""Folders that a copy has."""

NETWORKS = 200
"""Random networks, seeds from 0, after which a chip passes for right."""

TIMEOUT = 600
"""Seconds that one check may take."""


@dataclass(frozen=True)
class Verdict:
    """What one check said of one copy of the chip."""

    check: str
    failed: bool | None
    """None where it neither failed nor passed: the copy does not build, say, or the check does not end."""
    said: str


@dataclass(frozen=True)
class Trial:
    """What all checks said of one change; None is no change."""

    change: Change | None
    verdicts: tuple[Verdict, ...]

    @property
    def right(self) -> bool:
        """Whether every check failed, or, without a change, none did."""
        return all(verdict.failed == (self.change is not None) for verdict in self.verdicts)


@contextmanager
def copied(source: Path) -> Iterator[Path]:
    """A copy of the packages and tests, as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="ganglion-mutation-") as name:
        folder = Path(name)
        for part in PARTS:
            shutil.copytree(source / part, folder / part, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(source / "pyproject.toml", folder)
        # As a plain package, which is found before the editable install: that one's import hook is asked last.
        for part in set(PARTS) - {"ganglion", "tests"}:
            link = folder / "ganglion" / part
            if not link.is_symlink():
                link.symlink_to(Path("..") / part)
        yield folder


def run_check(check: str, folder: Path, networks: int) -> Verdict:
    """One check on one copy."""
    if check in LOCKSTEPS:
        command, failure = ["-m", "tests.mutations.lockstep", str(networks), check], DIFFERS
    else:
        command, failure = ["-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", check], 1
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment["PYTHONPATH"] = os.pathsep.join((str(folder), environment.get("PYTHONPATH", "")))
    try:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        return Verdict(check, None, f"did not end within {TIMEOUT} s")
    lines = done.stdout.splitlines()
    if done.returncode == 0:
        return Verdict(check, False, "passed")
    if done.returncode != failure:
        return Verdict(check, None, "\n".join([f"exit code {done.returncode}", *lines[-5:], done.stderr[-500:]]))
    if check in LOCKSTEPS:
        return Verdict(check, True, f"network {lines[0]}: {lines[1]}")
    failed = (line.partition("::")[2].partition(" - ")[0] for line in lines if line.startswith("FAILED"))
    return Verdict(check, True, next(failed, "failed before any test did"))


def try_change(source: Path, change: Change | None, checks: Sequence[str], networks: int) -> Trial:
    """All checks on a copy of `source` with one change, or none."""
    with copied(source) as folder:
        if change:
            path = folder / change.path
            path.write_text(change.apply(path.read_text()))
        return Trial(change, tuple(run_check(check, folder, networks) for check in checks))


def try_all(changes: Sequence[Change], networks: int, console: Console) -> list[Trial]:
    """The unchanged chip, then every change, as many at a time as there are processors."""
    every = sorted({check for change in changes for check in change.checks})
    jobs: list[tuple[Change | None, Sequence[str]]] = [(None, every), *((c, c.checks) for c in changes)]
    # One copy of what is there now: somebody may go on working.
    with copied(ROOT) as source, ThreadPoolExecutor(os.cpu_count()) as pool:
        trials = pool.map(lambda job: try_change(source, job[0], job[1], networks), jobs)
        return list(track(trials, f"{len(changes)} changes", len(jobs), console=console))


def table_of(trials: Sequence[Trial]) -> Table:
    """What became of each change."""
    table = Table("change", "what it breaks", "check", "what it said")
    for trial in trials:
        name, breaks = (trial.change.name, trial.change.breaks) if trial.change else ("none", "nothing")
        for verdict in trial.verdicts:
            style = None if verdict.failed == (trial.change is not None) else "bold red"
            table.add_row(name, breaks, verdict.check.removeprefix("tests/"), escape(verdict.said), style=style)
            name = breaks = ""
        table.add_section()
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description="Break the chip, one line at a time, and see it caught.")
    parser.add_argument("--only", metavar="NAME", choices=[change.name for change in CHANGES], help="try one change")
    parser.add_argument("--networks", type=int, default=NETWORKS, help="random networks per change (%(default)s)")
    arguments = parser.parse_args()
    changes = [change for change in CHANGES if arguments.only in (None, change.name)]
    trials = try_all(changes, arguments.networks, Console(stderr=True))
    console = Console()
    console.print(table_of(trials))
    seen = sum(trial.right for trial in trials if trial.change)
    console.print(f"{len(changes)} changes; every check that should see it failed for {seen} of them")
    return not all(trial.right for trial in trials)


if __name__ == "__main__":
    sys.exit(main())
