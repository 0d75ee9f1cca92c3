"""A progress bar for runs that turn out to be long."""

import time
from types import TracebackType

from rich.console import Console
from rich.progress import Progress

AFTER = 2.0
"""Seconds that a job may take before it shows a bar."""


class LateProgress:
    """A bar that appears on a terminal once the job has taken `AFTER` seconds; a context manager.

    Args:
        what: the job does, as a word.
        total: of what `advance` counts.
        quiet: never show it; where several processes do one job, one shows it.
    """

    def __init__(self, what: str, total: int, *, quiet: bool = False) -> None:
        self._what, self._total, self._done, self._quiet = what, total, 0, quiet
        self._began = time.monotonic()
        self._bar: Progress | None = None

    def __enter__(self) -> "LateProgress":
        return self

    def advance(self, count: int) -> None:
        """Tell that `count` more of the total are done."""
        self._done += count
        if self._bar is None and time.monotonic() - self._began > AFTER:
            console = Console(stderr=True)
            self._bar = Progress(console=console, transient=True, disable=self._quiet or not console.is_terminal)
            self._bar.start()
            self._bar.add_task(self._what, total=self._total)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._done)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()
