"""Progress of long work: library code tells it to whoever listens, and by default nobody does.

A function that may take seconds has an argument `progress: Progress = SILENT` and opens a task on it:

    with progress.task("placing", total=cores) as task:
        for core in cores:
            ...
            task.advance()

What listens decides what to show, and when: the command line shows bars (`ganglion.progress`), tests listen to nothing.
A task ends with its block, by an exception or Ctrl-C too.
"""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol


class Task(Protocol):
    """One piece of work, told of by who does it."""

    def advance(self, count: int = 1) -> None:
        """`count` more of the total are done."""

    def describe(self, what: str) -> None:
        """What is going on from here on, as a few words."""


class Progress(Protocol):
    """A listener to progress. Tasks may be opened inside tasks."""

    def task(self, what: str, total: int | None = None) -> AbstractContextManager[Task]:
        """A task, open until its block ends.

        Args:
            what: is going on, as a few words.
            total: of what `advance` counts; None where nobody knows.
        """

    def note(self, line: str) -> None:
        """Something on the way that is worth keeping, such as the accuracy after an epoch of training."""


class _Silent:
    """A listener that is not there; its own only task."""

    def task(self, what: str, total: int | None = None) -> "_Silent":
        return self

    def note(self, line: str) -> None:
        pass

    def advance(self, count: int = 1) -> None:
        pass

    def describe(self, what: str) -> None:
        pass

    def __enter__(self) -> "_Silent":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass


SILENT: Progress = _Silent()
"""Nobody listens."""
