"""Tables of things by name, which say what there is where a name is not known."""

import difflib
from collections.abc import Iterable
from typing import TypeVar

from ganglion.model.spec.errors import GanglionError, described

T = TypeVar("T")


class Named(dict[str, T]):
    """A dict whose square brackets refuse an unknown name with the names that there are. `get` and `in` are a dict's.

    Args:
        what: what a name names, for the message: preset.
        error: what is raised.
        things: by name.
    """

    def __init__(self, what: str, error: type[GanglionError], things: dict[str, T]) -> None:
        super().__init__(things)
        self._what, self._error = what, error

    def __missing__(self, name: object) -> T:
        raise self._error(unknown(self._what, name, self))


def unknown(what: str, name: object, known: Iterable[str]) -> str:
    """The message for a name that is not known: says which there are, and the nearest of them."""
    names = list(known)
    called = f"'{name}'{nearest(name, names)}" if isinstance(name, str) else described(name)
    return f"there is no {what} {called}; there are {', '.join(names)}"


def nearest(name: str, known: Iterable[str]) -> str:
    """A question after the nearest of the names that there are, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
