"""What became of the mutants of a part of Ganglion: the score, its history, and the public list of survivors."""

import csv
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path

from rich.table import Table

from ganglion.model.spec.files import written_path

HISTORY = Path(__file__).with_name("history.csv")
"""A line for each part of each commit that was measured."""

SURVIVORS = Path(__file__).with_name("survivors.csv")
"""Of each part, those of the last time that it was measured."""


@dataclass(frozen=True)
class Survivor:
    """A mutant that no check has seen, and that is not proved to do the same."""

    part: str
    module: str
    change: str
    why: str
    """What is known of it."""


@dataclass(frozen=True)
class Measured:
    """A line of the history."""

    date: str
    commit: str
    part: str
    mutants: int
    seen: int
    equivalent: int
    """Proved to do the same, for any number of cycles; until 2026-11-27, for 12 cycles."""

    @property
    def survivors(self) -> int:
        """Neither seen nor proved."""
        return self.mutants - self.seen - self.equivalent

    @property
    def score(self) -> float:
        """Of the mutants that are not equivalent, how many were seen."""
        return self.seen / (self.mutants - self.equivalent)


@dataclass(frozen=True)
class Outcome:
    """Of the mutants of a part."""

    part: str
    mutants: int
    seen: int
    equivalent: int
    survivors: tuple[Survivor, ...]

    @property
    def measured(self) -> Measured:
        """As a line of the history, of this commit and day."""
        command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
        commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        return Measured(date.today().isoformat(), commit, self.part, self.mutants, self.seen, self.equivalent)

    def record(self) -> None:
        """Adds a line to the history, and replaces the survivors of this part."""
        names = [field.name for field in fields(Measured)]
        _write(HISTORY, names, [asdict(line) for line in (*history(), self.measured)])
        others = [survivor for survivor in survivors() if survivor.part != self.part]
        _write(SURVIVORS, [field.name for field in fields(Survivor)], [asdict(s) for s in (*others, *self.survivors)])


def history() -> list[Measured]:
    """What was measured, the oldest first."""
    numbers = ("mutants", "seen", "equivalent")
    return [Measured(**{k: int(v) if k in numbers else v for k, v in row.items()}) for row in _read(HISTORY)]  # type: ignore[arg-type]


def survivors() -> list[Survivor]:
    """The public list."""
    return [Survivor(**row) for row in _read(SURVIVORS)]


def table_of(lines: Iterable[Measured]) -> Table:
    """The history, for a terminal."""
    table = Table("date", "commit", "part", "mutants", "seen", "equivalent", "survivors", "score")
    for m in lines:
        numbers = (m.mutants, m.seen, m.equivalent, m.survivors)
        table.add_row(m.date, m.commit, m.part, *(f"{number:,}" for number in numbers), f"{m.score:.1%}")
    return table


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, names: list[str], rows: Iterable[Mapping[str, object]]) -> None:
    with written_path(path) as part, part.open("w", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
