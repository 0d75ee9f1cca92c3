"""Progress on a terminal: a bar for each task that takes longer than two seconds, gone when the task is done."""

import time
from threading import Event, Lock, Thread
from types import TracebackType

from rich import progress as bars
from rich.console import Console

from ganglion.model.progress import SILENT, Progress, Task

__all__ = ["SILENT", "Progress", "Task", "TerminalProgress"]

AFTER = 2.0
"""Seconds that a task may take before anything is shown."""


class TerminalProgress:
    """Shows progress on standard error; where that is no terminal, a task that takes long is one line of text.

    Args:
        console: where to show it instead.
        after: seconds that a task may take before anything is shown.
    """

    def __init__(self, console: Console | None = None, *, after: float = AFTER) -> None:
        self._console, self._after = console or Console(stderr=True), after
        # What is printed to standard output stays there, since it may be a file.
        self._bars = bars.Progress(
            bars.TextColumn("{task.description}", markup=False),
            bars.BarColumn(),
            bars.TaskProgressColumn(),
            bars.TimeElapsedColumn(),
            bars.TimeRemainingColumn(),
            console=self._console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._open: list[_Task] = []
        self._lock = Lock()

    def task(self, what: str, total: int | None = None) -> "_Task":
        """See `ganglion.model.progress.Progress.task`."""
        return _Task(self, what, total)

    def note(self, line: str) -> None:
        """See `ganglion.model.progress.Progress.note`: a line above the bars."""
        self._console.print(line, soft_wrap=True, markup=False, highlight=False)

    def _begin(self, task: "_Task") -> None:
        with self._lock:
            self._open.append(task)
            if len(self._open) == 1:
                self._ended = Event()
                Thread(target=self._watch, args=(self._ended,), daemon=True).start()

    def _end(self, task: "_Task") -> None:
        with self._lock:
            self._open.remove(task)
            if not self._open:
                self._ended.set()
            if task.bar is not None:
                self._bars.remove_task(task.bar)
                if not self._bars.task_ids:
                    self._bars.stop()

    def _watch(self, ended: Event) -> None:
        """Shows tasks as they come of age, until the last of them has ended."""
        while not ended.wait(max(self._after / 10, 0.01)):
            with self._lock:
                now = time.monotonic()
                for task in self._open:
                    if not task.told and now - task.began > self._after:
                        self._show(task)

    def _show(self, task: "_Task") -> None:
        task.told = True
        if not self._console.is_interactive:
            self.note(f"{task.what} …")
            return
        task.bar = self._bars.add_task(task.what, total=task.total, completed=task.done)
        next(shown for shown in self._bars.tasks if shown.id == task.bar).start_time = task.began
        self._bars.start()


class _Task:
    """A task of a `TerminalProgress`: a count until it is old enough for a bar."""

    def __init__(self, of: TerminalProgress, what: str, total: int | None) -> None:
        self.what, self.total, self.done = what, total, 0
        self.began, self.told = time.monotonic(), False
        self.bar: bars.TaskID | None = None
        self._of = of

    def advance(self, count: int = 1) -> None:
        self.done += count
        self._update()

    def describe(self, what: str) -> None:
        self.what = what
        self._update()

    def _update(self) -> None:
        if self.bar is not None:
            self._of._bars.update(self.bar, description=self.what, completed=self.done)

    def __enter__(self) -> "_Task":
        self._of._begin(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._of._end(self)
        if kind is KeyboardInterrupt:
            done = f", {self.done:,} of {self.total:,} done" if self.total else ""
            self._of.note(f"stopped: {self.what}{done}")
