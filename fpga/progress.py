"""What Yosys and nextpnr are doing, from the logs that they write while they run."""

import re
from collections.abc import Callable
from pathlib import Path

from ganglion.model.progress import Task

PHASES: tuple[tuple[str, str], ...] = (
    (r"^[\d.]+ Executing (\w+)", "{0}"),
    (r"^Info: (?:Packing|Promoting) (\w+)", "packing: {0}"),
    (r"at initial placer iter (\d+)", "placing: first guess {0}"),
    (r"at iteration #(\d+), type \w+: .*legal = (\d+)", "placing: iteration {0}, {1} of wire"),
    (r"at iteration #(\d+): .*wirelen = (\d+)", "refining the placement: iteration {0}, {1} of wire"),
    (r"iter=(\d+) wires=\d+ overused=(\d+)", "routing: iteration {0}, {1} wires used twice"),
    (r"^Info: +\d+ \| +\d+ +\d+ \| +\d+ +\d+ \| +(\d+)\|", "routing: {0} connections left"),
)
"""Lines of the logs, and what to tell of them."""

TAIL = 4096
"""Bytes at the end of a log in which the last such line is looked for."""


def phase(text: str) -> str | None:
    """What the last telling line of a log says; None if there is none."""
    for line in reversed(text.splitlines()):
        for pattern, words in PHASES:
            if found := re.search(pattern, line):
                return words.format(*found.groups())
    return None


def watcher(log: Path, task: Task, what: str) -> Callable[[], None]:
    """What keeps a task described by what a log says.

    Args:
        log: file that is being written; it need not be there yet.
        task: is described.
        what: how the description begins.
    """

    def look() -> None:
        if log.exists():
            with log.open("rb") as file:
                file.seek(max(0, file.seek(0, 2) - TAIL))
                told = phase(file.read().decode(errors="replace"))
            if told:
                task.describe(f"{what}; {told}")

    return look
