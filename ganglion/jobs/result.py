"""What a job hands back: plain values for programs, tables and lines of text for people. Jobs print nothing."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from rich.table import Table


class Result(ABC):
    """What a job found."""

    @property
    def failure(self) -> str | None:
        """Why what was found is not good enough, such as a figure that left its baseline; None where it is."""
        return None

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Everything, as values that JSON has."""

    @abstractmethod
    def shown(self) -> Iterator[str | Table]:
        """What a terminal shows, in order; a text is one line, however long."""


def table(first: str, *others: str, title: str | None = None) -> Table:
    """An empty table: words on the left, in the column `first`, and numbers on the right."""
    made = Table(title=title)
    made.add_column(first)
    for name in others:
        made.add_column(name, justify="right")
    return made
