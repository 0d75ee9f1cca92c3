"""A recording of an event camera, or of a cochlea: where and when pixels became brighter or darker."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.errors import EventError, FormatError
from ganglion.model.spec.explained import explained

NAMES = {
    "t": ("t", "ts", "timestamp", "timestamps", "time", "times"),
    "x": ("x", "xs", "unit", "units", "addr", "address", "channel"),
    "y": ("y", "ys"),
    "p": ("p", "ps", "pol", "pols", "polarity", "polarities", "on"),
}
"""What the fields of structured arrays and of files are called, in small letters or in capitals."""

UNITS = {"s": 1_000_000, "ms": 1000, "us": 1, "ns": -1000}
"""Units of time: microseconds of one, or, negative, how many are a microsecond."""

LATEST = 1 << 62
"""Microseconds that no event can have."""

MOST_PIXELS = 1 << 28
"""Of a sensor."""

Unordered = Literal["refuse", "sort", "drop"]
"""What is done with events whose time is before that of one ahead of them."""

DONE = {"sort": "sorted", "drop": "dropped"}


@explained(EventError)
@dataclass(frozen=True, eq=False)
class Recording:
    """Events in the order of their time. Made by `from_arrays` and the readers, which check."""

    t: IntArray
    """Time in microseconds, ascending, shape (events,)."""
    x: IntArray
    """Column, shape (events,)."""
    y: IntArray
    """Row, shape (events,)."""
    p: IntArray
    """Polarity, 1 brighter and 0 darker, shape (events,)."""
    size: tuple[int, int]
    """Columns and rows of the sensor."""
    unordered: int = 0
    """Events whose time was before that of one ahead of them, and which were sorted or dropped."""
    notes: tuple[str, ...] = ()
    """What was guessed, or done to events, in words."""

    @property
    def events(self) -> int:
        """Number of events."""
        return self.t.size

    @property
    def duration(self) -> int:
        """Microseconds from the first event to the last."""
        return int(self.t[-1] - self.t[0]) if self.t.size else 0

    def noted(self, *notes: str) -> "Recording":
        """The same with further notes."""
        return replace(self, notes=(*self.notes, *notes))

    def __repr__(self) -> str:
        said = "".join(f"; {note}" for note in self.notes)
        return f"<Recording {self.events} events in {self.duration} us, {self.size[0]} x {self.size[1]} pixels{said}>"


@explained(EventError)
def from_arrays(
    t: npt.ArrayLike,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    p: npt.ArrayLike,
    size: Sequence[int] | None = None,
    name: str = "events",
    *,
    unordered: Unordered = "refuse",
    unit: str = "us",
) -> Recording:
    """A checked recording.

    Args:
        t: time, shape (events,), ascending; two events may have one time.
        x: column, shape (events,).
        y: row, shape (events,).
        p: polarity, shape (events,): 0 and 1, -1 and 1, or booleans.
        size: columns and rows of the sensor; what follows them, as the polarities of other libraries' sizes, is not
            looked at. None takes the largest x and y that occur, says so in the notes, and warns.
        name: what errors call the events: a file's name.
        unordered: "refuse" events whose time is before that of one ahead of them, "sort" all by time, or "drop" those;
            how many they were is in the notes.
        unit: of time: "us", "ms", "s" or "ns". Fractions of a microsecond are rounded.

    Raises:
        FormatError: arrays of different shapes, or that are no whole numbers; times out of order; a pixel outside the
            sensor; a polarity that is none. Names the first event at fault.
    """
    times = _times(name, t, unit)
    columns = {"t": times, **{key: _whole(name, key, values) for key, values in (("x", x), ("y", y), ("p", p))}}
    shapes = {key: values.shape for key, values in columns.items()}
    if len(set(shapes.values())) != 1 or times.ndim != 1:
        raise FormatError(f"{name}: t, x, y and p must have one shape (events,), not {shapes}")
    columns, late, notes = _in_order(name, columns, unordered)
    if size is None:
        found = (int(columns["x"].max(initial=-1)) + 1, int(columns["y"].max(initial=-1)) + 1)
        notes.append(f"the sensor's size is that of the largest x and y, {found[0]} x {found[1]}: give size=")
        warnings.warn(f"{name}: {notes[-1]}", stacklevel=3)
    else:
        found = sensor_size(size, name)
    if found[0] * found[1] > MOST_PIXELS:
        raise FormatError(f"{name}: a sensor of {found[0]} x {found[1]} pixels is more than {MOST_PIXELS} pixels")
    for key, count in zip("xy", found, strict=True):
        outside = np.flatnonzero((columns[key] < 0) | (columns[key] >= count))
        if outside.size:
            event = int(outside[0])
            raise FormatError(
                f"{name}: event {event} has {key} = {columns[key][event]}; "
                f"the sensor has {found[0]} x {found[1]} pixels"
            )
    odd = np.flatnonzero(~np.isin(columns["p"], (-1, 0, 1)))
    if odd.size:
        raise FormatError(f"{name}: event {odd[0]} has polarity {columns['p'][odd[0]]}; it must be 0 or 1, or -1 or 1")
    polarity = (columns["p"] > 0).astype(np.int64)
    return Recording(columns["t"], columns["x"], columns["y"], polarity, found, late, tuple(notes))


@explained(EventError)
def from_array(
    array: Array,
    size: Sequence[int] | None = None,
    name: str = "events",
    *,
    unordered: Unordered = "refuse",
    unit: str = "us",
) -> Recording:
    """A checked recording from one array: structured, with fields as in NAMES, or shape (events, 4) of t, x, y, p.

    A structured array without y is of one row.

    Raises:
        FormatError: as `from_arrays`, or an array of another form.
    """
    array = np.asarray(array)
    if array.dtype.names is not None:
        return from_columns(array.dtype.names, array.__getitem__, size, name, unordered=unordered, unit=unit)
    if array.ndim != 2 or array.shape[1] != 4:
        raise FormatError(
            f"{name}: an array of events is structured, or has shape (events, 4) of t, x, y, p; not {array.shape}"
        )
    t, x, y, p = array.T
    return from_arrays(t, x, y, p, size, name, unordered=unordered, unit=unit)


def from_columns(
    present: Sequence[str],
    column: Callable[[str], Any],
    size: Sequence[int] | None,
    name: str,
    *,
    unordered: Unordered,
    unit: str,
) -> Recording:
    """A checked recording from columns that have names.

    Args:
        present: the names that there are.
        column: the values of one of them.
        size, name, unordered, unit: as `from_arrays`.
    """
    found = find_names(present, name)
    t, x, p = (np.asarray(column(found[key])) for key in "txp")
    if "y" in found:
        return from_arrays(t, x, np.asarray(column(found["y"])), p, size, name, unordered=unordered, unit=unit)
    one_row = None if size is None else (*size, 1)[:2] if len(size) < 2 else size
    made = from_arrays(t, x, np.zeros(x.shape, dtype=np.int64), p, one_row, name, unordered=unordered, unit=unit)
    return made.noted("there is no y: all events are in row 0")


def find_names(present: Sequence[str], name: str) -> dict[str, str]:
    """What t, x, y and p are called among these names; y may be missing, where nothing else can be meant by it.

    Raises:
        FormatError: one of them is not there, or twice; says which names it can have.
    """
    found: dict[str, str] = {}
    for key, names in NAMES.items():
        here = [n for n in present if n.lower() in names]
        others = [n for n in present if not any(n.lower() in names for names in NAMES.values())]
        if len(here) > 1:
            raise FormatError(f"{name}: {' and '.join(here)} can both be {key}; leave one of them out")
        if not here and (key != "y" or others):
            raise FormatError(
                f"{name}: there is no {key} (it may be called {', '.join(names)}), but {', '.join(present)}"
            )
        if here:
            found[key] = here[0]
    return found


def sensor_size(size: Sequence[int] | Array, name: str) -> tuple[int, int]:
    """Columns and rows, from a size that may have more.

    Raises:
        FormatError: it is no size.
    """
    array = np.asarray(size)
    if array.ndim != 1 or array.size not in (2, 3) or array.dtype.kind not in "iu" or (array < 0).any():
        raise FormatError(f"{name}: size must be two whole numbers, columns and rows, not {array.tolist()}")
    return int(array[0]), int(array[1])


def _in_order(
    name: str, columns: dict[str, IntArray], unordered: Unordered
) -> tuple[dict[str, IntArray], int, list[str]]:
    """The columns in the order of time, how many events were not, and a note of it."""
    if unordered not in ("refuse", *DONE):
        raise FormatError(f"unordered must be 'refuse', 'sort' or 'drop', not {unordered!r}")
    t = columns["t"]
    late = t < np.maximum.accumulate(t)
    count = int(late.sum())
    if not count:
        return columns, 0, []
    if unordered == "refuse":
        event = int(np.argmax(late))
        before, now = t[event - 1 : event + 1]
        raise FormatError(
            f"{name}: event {event} is out of order: its time {now} us is before {before} us, that of event "
            f"{event - 1} ({count} such events; unordered='sort' sorts by time, 'drop' leaves them out)"
        )
    order = np.argsort(t, kind="stable") if unordered == "sort" else np.flatnonzero(~late)
    return {key: values[order] for key, values in columns.items()}, count, [f"{count} out of order, {DONE[unordered]}"]


def _times(name: str, values: npt.ArrayLike, unit: str) -> IntArray:
    """Times in whole microseconds."""
    if unit not in UNITS:
        raise FormatError(f"unit must be {', '.join(map(repr, UNITS))}, not {unit!r}")
    array, factor = np.asarray(values), UNITS[unit]
    if array.dtype.kind == "f":
        exact = array if unit == "us" else np.rint(array * np.float64(factor if factor > 0 else 1 / -factor))
        times = _whole(name, "t", exact)
    elif factor < 0:
        times = _whole(name, "t", array) // -factor
    else:
        most = LATEST // factor + 1
        times = np.clip(_whole(name, "t", array), -most, most) * factor
    wrong = np.flatnonzero((times >= LATEST) | (times < -LATEST))
    if wrong.size:
        raise FormatError(f"{name}: event {wrong[0]} has the time {times.ravel()[wrong[0]]} us, which no recording has")
    return times


def _whole(name: str, key: str, values: npt.ArrayLike) -> IntArray:
    array = np.asarray(values)
    if array.dtype.kind == "f" and np.array_equal(array, np.trunc(array)) and not np.isinf(array).any():
        array = np.where(np.abs(array) < LATEST, array, LATEST).astype(np.int64)
    if array.size and array.dtype.kind not in "iub":
        event = int(np.argmax(array.ravel() != np.trunc(array.ravel()))) if array.dtype.kind == "f" else 0
        how = "; times in seconds need unit='s'" if key == "t" and array.dtype.kind == "f" else ""
        raise FormatError(
            f"{name}: {key} must be whole numbers, not {array.dtype}: event {event} has {array.ravel()[event]!s}{how}"
        )
    if array.dtype == np.uint64:
        array = np.minimum(array, np.uint64(LATEST))
    return array.astype(np.int64)
