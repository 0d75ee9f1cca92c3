"""Values that users type, as text: one parser for options, sizes and conventions, so that each means the same."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.named import nearest

BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
"""Words for true and false, in small letters."""

DIGITS = 12
"""Of a number in a list."""

LONGEST = 1_000_000
"""Numbers in a range."""

MOST = 1 << 63
"""Whole numbers are less: what fits 64 bits."""


def boolean(what: str, text: str) -> bool:
    """True or false.

    Args:
        what: the option, for the message.
        text: as it was typed; capitals and blanks around it do not matter.

    Raises:
        GanglionError: it is neither.
    """
    value = BOOLEANS.get(text.strip().lower())
    if value is None:
        raise GanglionError(f"{what} takes true or false, not {text!r}")
    return value


def whole(what: str, text: str, low: int = 0, high: int | None = None) -> int:
    """A whole number of a range, in decimal, or as 0x… or 0b….

    Raises:
        GanglionError: it is none, or out of range.
    """
    wanted = f"a whole number {bounds(low, high)}"
    try:
        value = int(text.strip(), 0)
    except ValueError:
        raise GanglionError(f"{what} takes {wanted}, not {text!r}") from None
    if value < low or value > (MOST - 1 if high is None else high):
        raise GanglionError(f"{what} takes {wanted}, not {text.strip()}")
    return value


def number(what: str, text: str, low: float, high: float = math.inf, *, open_below: bool = False) -> float:
    """A finite number of a range.

    Args:
        what: the option, and its unit: "--clock, in MHz,".
        text: as it was typed.
        low: the least value.
        high: the greatest.
        open_below: the least value itself is not allowed.

    Raises:
        GanglionError: it is none, or out of range.
    """
    least = f"greater than {low:g}" if open_below else f"from {low:g}"
    wanted = f"a number {least}" + (f" to {high:g}" if math.isfinite(high) else "")
    try:
        value = float(text)
    except ValueError:
        raise GanglionError(f"{what} takes {wanted}, not {text!r}") from None
    if not math.isfinite(value) or value < low or value > high or (open_below and value == low):
        raise GanglionError(f"{what} takes {wanted}, not {text.strip()}")
    return value


def whole_numbers(what: str, text: str) -> list[int]:
    """Whole numbers from 0, comma-separated; 3-17 is all from 3 to 17.

    Raises:
        GanglionError: something else, none, or one twice.
    """
    found = dict[int, None]()
    for part in text.split(","):
        words = part.strip().split("-")
        if len(words) > 2 or not all(word.isascii() and word.isdigit() and len(word) <= DIGITS for word in words):
            raise GanglionError(
                f"{what} takes whole numbers from 0, comma-separated, or ranges such as 0-49, not {text!r}"
            )
        first, last = int(words[0]), int(words[-1])
        if last < first or last - first > LONGEST:
            raise GanglionError(f"{what}: the range {part.strip()} must rise, by {LONGEST:,} at most")
        if twice := found.keys() & range(first, last + 1):
            raise GanglionError(f"{what}: {min(twice)} is there twice, in {text!r}")
        found |= dict.fromkeys(range(first, last + 1))
    return list(found)


def count_or_file(what: str, text: str) -> int | Path:
    """A whole number from 1, or a file of arrays or of events, by its ending.

    Raises:
        GanglionError: neither.
    """
    from ganglion.model.interchange.events.files import SUFFIXES  # NumPy, which a number needs not wait for

    if text.lower().endswith(SUFFIXES):
        return Path(text)
    try:
        return whole(what, text, 1)
    except GanglionError:
        files = ".npz, .npy, or one of events"
        raise GanglionError(f"{what} takes a whole number from 1, or a file ({files}), not {text!r}") from None


def names(what: str, text: str, known: Sequence[str]) -> list[str]:
    """Names out of those that there are, comma-separated.

    Raises:
        GanglionError: one that there is not, one twice, or none.
    """
    given = [name.strip() for name in text.split(",")]
    for name in given:
        if name not in known:
            raise GanglionError(f"{what} takes one or more of {', '.join(known)}, comma-separated, not {text!r}")
        if given.count(name) > 1:
            raise GanglionError(f"{what}: {name} is there twice, in {text!r}")
    return given


def assignment(what: str, text: str, options: Iterable[str]) -> tuple[str, str]:
    """Name and value of NAME=VALUE; the value may be empty.

    Raises:
        GanglionError: no such form, or no such name; tells the nearest one.
    """
    name, sign, value = (part.strip() for part in text.partition("="))
    options = list(options)
    if not sign:
        raise GanglionError(f"{what} takes NAME=VALUE, not {text!r}")
    if name not in options:
        known = ", ".join(options)
        raise GanglionError(f"{what} {text}: there is no '{name}'{nearest(name, options)}; there are {known}")
    return name, value


def bounds(low: float, high: float | None) -> str:
    """A range in words."""
    return f"from {low}" + ("" if high is None else f" to {high}")
