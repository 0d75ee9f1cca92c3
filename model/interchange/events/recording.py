"""A recording of an event camera: where and when pixels became brighter or darker."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.errors import FormatError

NAMES = {
    "t": ("t", "ts", "timestamp"),
    "x": ("x",),
    "y": ("y",),
    "p": ("p", "on", "pol", "polarity"),
}
"""What the fields of structured arrays and of files are called."""


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

    @property
    def events(self) -> int:
        """Number of events."""
        return self.t.size

    @property
    def duration(self) -> int:
        """Microseconds from the first event to the last."""
        return int(self.t[-1] - self.t[0]) if self.t.size else 0

    def __repr__(self) -> str:
        return f"<Recording {self.events} events in {self.duration} us, {self.size[0]} x {self.size[1]} pixels>"


def from_arrays(
    t: npt.ArrayLike,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    p: npt.ArrayLike,
    size: tuple[int, int] | None = None,
    name: str = "events",
) -> Recording:
    """A checked recording.

    Args:
        t: time in microseconds, shape (events,), ascending; two events may have one time.
        x: column, shape (events,).
        y: row, shape (events,).
        p: polarity, shape (events,): 0 and 1, -1 and 1, or booleans.
        size: columns and rows of the sensor; None takes the largest x and y that occur.
        name: what errors call the events: a file's name.

    Raises:
        FormatError: arrays of different shapes, or that are no whole numbers; times out of order; a pixel outside the
            sensor; a polarity that is none. Names the first event at fault.
    """
    columns = {key: _whole(name, key, values) for key, values in (("t", t), ("x", x), ("y", y), ("p", p))}
    shapes = {key: values.shape for key, values in columns.items()}
    if len(set(shapes.values())) != 1 or columns["t"].ndim != 1:
        raise FormatError(f"{name}: t, x, y and p must have one shape (events,), not {shapes}")
    back = np.flatnonzero(np.diff(columns["t"]) < 0)
    if back.size:
        event = int(back[0]) + 1
        before, now = columns["t"][event - 1 : event + 1]
        raise FormatError(
            f"{name}: event {event} is out of order: its time {now} us is before {before} us, that of event {event - 1}"
        )
    if size is None:
        size = (int(columns["x"].max(initial=-1)) + 1, int(columns["y"].max(initial=-1)) + 1)
    for key, count in zip("xy", size, strict=True):
        outside = np.flatnonzero((columns[key] < 0) | (columns[key] >= count))
        if outside.size:
            event = int(outside[0])
            raise FormatError(
                f"{name}: event {event} has {key} = {columns[key][event]}; the sensor has {size[0]} x {size[1]} pixels"
            )
    odd = np.flatnonzero(~np.isin(columns["p"], (-1, 0, 1)))
    if odd.size:
        raise FormatError(f"{name}: event {odd[0]} has polarity {columns['p'][odd[0]]}; it must be 0 or 1, or -1 or 1")
    return Recording(columns["t"], columns["x"], columns["y"], (columns["p"] > 0).astype(np.int64), size)


def from_array(array: Array, size: tuple[int, int] | None = None, name: str = "events") -> Recording:
    """A checked recording from one array: structured, with fields as in NAMES, or shape (events, 4) of t, x, y, p.

    Raises:
        FormatError: as `from_arrays`, or an array of another form.
    """
    array = np.asarray(array)
    if array.dtype.names is not None:
        t, x, y, p = (array[found] for found in find_names(array.dtype.names, name))
        return from_arrays(t, x, y, p, size, name)
    if array.ndim != 2 or array.shape[1] != 4:
        raise FormatError(
            f"{name}: an array of events is structured, or has shape (events, 4) of t, x, y, p; not {array.shape}"
        )
    t, x, y, p = array.T
    return from_arrays(t, x, y, p, size, name)


def find_names(present: Any, name: str) -> list[str]:
    """What t, x, y and p are called among these names.

    Raises:
        FormatError: one of them is not there; says which names it can have.
    """
    found = []
    for key, names in NAMES.items():
        here = [n for n in names if n in present]
        if not here:
            raise FormatError(
                f"{name}: there is no {key} (it may be called {', '.join(names)}), but {', '.join(present)}"
            )
        found.append(here[0])
    return found


def _whole(name: str, key: str, values: npt.ArrayLike) -> IntArray:
    array = np.asarray(values)
    if array.dtype.kind == "f" and np.array_equal(array, np.trunc(array)):
        array = array.astype(np.int64)
    if array.size and array.dtype.kind not in "iub":
        event = int(np.argmax(array.ravel() != np.trunc(array.ravel()))) if array.dtype.kind == "f" else 0
        raise FormatError(
            f"{name}: {key} must be whole numbers, not {array.dtype}: event {event} has {array.ravel()[event]!s}"
        )
    return array.astype(np.int64)
