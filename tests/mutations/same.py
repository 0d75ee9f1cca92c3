"""Mutants of Python of which it is known why nothing can tell them apart: a public list, with a reason for each."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.mutations.syntax import descriptions, functions_of

SAME = Path(__file__).with_name("same.toml")


@dataclass(frozen=True)
class Same:
    """Changes of one function that do the same for one reason."""

    part: str
    function: str
    """Module and qualified name."""
    changes: tuple[str, ...]
    """As `ganglion.tests.mutations.syntax.Change.what`."""
    reason: str


def known_same(part: str | None = None) -> list[Same]:
    """The list, or a part's."""
    listed = tomllib.loads(SAME.read_text())["same"]
    found = [Same(each["part"], each["function"], tuple(each["changes"]), each["reason"]) for each in listed]
    return [each for each in found if part in (None, each.part)]


def stale(part: str, paths: Iterable[Path]) -> list[str]:
    """What the list has of changes that are none of these sources, or has twice."""
    listed = [(each.function, what) for each in known_same(part) for what in each.changes]
    named = {function for function, _ in listed}
    there = {
        (f"{path.stem}.{name}", what)
        for path in paths
        for name, function in functions_of(path).items()
        if f"{path.stem}.{name}" in named
        for what in descriptions(function)
    }
    return [f"{name}: {what}" for name, what in listed if (name, what) not in there or listed.count((name, what)) > 1]
