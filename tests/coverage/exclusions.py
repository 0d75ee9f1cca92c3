"""What no run reaches, and why: `exclusions.toml`, read and held against the points."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

FILE = Path(__file__).with_name("exclusions.toml")


@dataclass(frozen=True)
class Exclusion:
    """Points that a run need not reach.

    Args:
        reason: why it cannot, in words.
        points: a regular expression for the whole of `Point.name`.
        chips: patterns of the chips' names, as of a shell; all by default.
    """

    reason: str
    points: str
    chips: tuple[str, ...] = ("*",)

    def __post_init__(self) -> None:
        if len(self.reason.split()) < 3:
            raise ValueError(f"{self.points}: an exclusion needs a reason; {self.reason!r} is none")

    def matches(self, chip: str, name: str) -> bool:
        """Whether it is about this point of this chip."""
        return any(fnmatchcase(chip, each) for each in self.chips) and bool(re.fullmatch(self.points, name))


def read_exclusions(file: Path = FILE) -> list[Exclusion]:
    """All of them, in the order in which they are tried."""
    found = tomllib.loads(file.read_text())["exclude"]
    return [Exclusion(**{**each, "chips": tuple(each.get("chips", ("*",)))}) for each in found]


def check_needed(exclusions: Iterable[Exclusion], used: Iterable[Exclusion]) -> None:
    """Whether each exclusion is about points that nothing reached.

    Raises:
        ValueError: one is about none; it is to be removed.
    """
    needed = set(used)
    for exclusion in exclusions:
        if exclusion not in needed:
            raise ValueError(
                f"exclusions.toml: no point that was missed is {exclusion.points!r} of {', '.join(exclusion.chips)} "
                f"({exclusion.reason}): remove it, or mend its pattern"
            )
