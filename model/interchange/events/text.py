"""Events in text: a line for each, of t, x, y and p in the order that a header names, or in one of those in use."""

import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ganglion.model.spec.arrays import Array
from ganglion.model.spec.errors import FormatError

ORDERS = ("txyp", "xypt", "xytp")
"""Orders of columns without names: of Mueggler et al. 2017 and most others, of Metavision, and of MVSEC."""

EXACT = 1 << 53
"""A whole number up to which no text loses a digit."""


def read_text_table(path: Path, columns: str | None) -> tuple[dict[str, Array], tuple[int, int] | None, str]:
    """The columns of a text of events, by name; what it says of the sensor's size; and the unit of its times.

    Times with a fraction are in seconds, and whole ones in microseconds.

    Args:
        path: the file.
        columns: the order of columns that have no names, as in "txyp"; None finds the one that the values allow.

    Raises:
        FormatError: no table of numbers, names that are not known, or an order that cannot be told.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path.name}: no text: {error}") from None
    lines = text.splitlines()
    about = [line for line in lines if line.lstrip()[:1] in ("#", "%")]
    lines = [line for line in lines if line.strip() and line.lstrip()[:1] not in ("#", "%")]
    told = re.search(r"geometry[ :=]+(\d+)[x,](\d+)", "\n".join(about).lower())
    size = (int(told[1]), int(told[2])) if told else None
    if not lines:
        raise FormatError(f"{path.name}: there is no event in it")
    mark = next((mark for mark in ",;\t" if mark in lines[0]), None)
    first = _split(lines[0], mark)
    names = None
    if any(re.search(r"[A-Za-z_]", re.sub(r"\d[eE]|nan|inf|true|false", "", word.lower())) for word in first):
        names, lines = first, lines[1:]
    elif len(first) == 2 and all(word.isdigit() for word in first) and len(lines) > 1:
        size, lines = (int(first[0]), int(first[1])), lines[1:]
        mark = next((mark for mark in ",;\t" if mark in lines[0]), None)
    table = _table(path.name, lines, mark)
    if names is None:
        order = columns or _order(path.name, table)
        names = list(order)
    if len(names) != table.shape[1]:
        raise FormatError(f"{path.name}: there are {table.shape[1]} columns, {len(names)} names: {', '.join(names)}")
    found = {name: table[:, k] for k, name in enumerate(names)}
    if len(found) != len(names):
        raise FormatError(f"{path.name}: two columns have one name: {', '.join(names)}")
    return found, size, "s" if _has_fractions(found) else "us"


def _split(line: str, mark: str | None) -> list[str]:
    return [word.strip().strip("'\"") for word in line.split(mark)]


def _table(name: str, lines: Sequence[str], mark: str | None) -> Array:
    text = "\n".join(lines)
    if re.search(r"[eE]", text):
        text = re.sub("true", "1", re.sub("false", "0", text, flags=re.IGNORECASE), flags=re.IGNORECASE)
    if not text:
        return np.zeros((0, 4))
    try:
        table = np.loadtxt(io.StringIO(text), delimiter=mark, ndmin=2, comments=None)
    except ValueError as error:
        raise FormatError(f"{name}: no table of numbers: {error}") from None
    wrong = np.argwhere(~(np.abs(table) < EXACT))
    if wrong.size:
        raise FormatError(f"{name}: event {wrong[0][0]} has {table[tuple(wrong[0])]}, which is no time and no pixel")
    return table


def _order(name: str, table: Array) -> str:
    """The one order of columns that all values allow."""
    if table.shape[1] != 4:
        raise FormatError(
            f"{name}: there are {table.shape[1]} columns and no names: put a line with them first, or give columns=, "
            "as in columns='txyp'"
        )
    if not len(table):
        return ORDERS[0]
    fits = [order for order in ORDERS if _fits(dict(zip(order, table.T, strict=True)))]
    late = [order for order in ORDERS if _fits(dict(zip(order, table.T, strict=True)), ordered=False)]
    if len(fits) == 1 or (not fits and len(late) == 1):
        return (fits or late)[0]
    raise FormatError(
        f"{name}: its columns have no names, and can be in the order {' or '.join(fits or late or ORDERS)}: say which, "
        "as in columns='txyp'"
    )


def _fits(columns: dict[str, Array], ordered: bool = True) -> bool:
    """Whether columns can be what these names say."""
    pixels = all((columns[key] >= 0).all() and (columns[key] == np.rint(columns[key])).all() for key in "xy")
    polarities = bool(np.isin(columns["p"], (-1, 0, 1)).all())
    rising = not ordered or bool((np.diff(columns["t"]) >= 0).all())
    return pixels and polarities and rising


def _has_fractions(columns: dict[str, Array]) -> bool:
    times = next((values for name, values in columns.items() if name.lower().startswith("t")), np.zeros(0))
    return bool((times != np.rint(times)).any())
