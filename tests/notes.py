"""A listener to progress, for tests."""

from contextlib import AbstractContextManager

from ganglion.model.progress import SILENT, Task


class Notes:
    """Keeps what it is told to note."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def task(self, what: str, total: int | None = None) -> AbstractContextManager[Task]:
        return SILENT.task(what, total)

    def note(self, line: str) -> None:
        self.lines.append(line)
