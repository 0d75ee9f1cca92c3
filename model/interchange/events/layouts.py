"""Events in HDF5, in the layouts in use.

t, x, y and p beside each other (DSEC and others), one table of them (MVSEC), times and units of every sample (the
Heidelberg digits), times and addresses (packs of N-MNIST and DVS Gesture).
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganglion.model.interchange.events.recording import NAMES
from ganglion.model.interchange.events.text import ORDERS
from ganglion.model.interchange.hdf5 import load_hdf5
from ganglion.model.spec.arrays import Array
from ganglion.model.spec.errors import FormatError

COCHLEA = (700, 1)
"""Channels of the cochlea that the Heidelberg digits were recorded with (Cramer et al. 2022)."""

TIMES, UNITS, ADDRESSES = "times", "units", "addrs"

TABLES = ("events", "data", "cd")
"""What a dataset that has all columns is called."""

BOUNDS = ("offsets", "indptr", "index_ptr", "ptr", "starts", "sample_starts", "boundaries")
"""What a dataset is called that says where samples begin that lie one behind the other; it ends with their end."""

OFFSET = "t_offset"
"""Added to all times, where there is one (DSEC)."""


@dataclass(frozen=True)
class Found:
    """A recording of a file, as its layout has it."""

    columns: dict[str, Array]
    """By name."""
    size: tuple[int, int] | None
    """What the file, or its layout, says of the sensor."""
    unit: str
    """Of times."""


@dataclass(frozen=True)
class _Place:
    """Where a recording is, or those of many samples."""

    paths: list[str]
    """Of its datasets."""
    samples: int | None = None
    """How many there are; None is a recording of its own."""
    bounds: str = ""
    """The dataset that says where the samples begin in the others; empty where each has a row of its own."""


def read_hdf5_columns(path: Path, stream: int | str | None) -> Found:
    """One recording of an HDF5 file.

    Args:
        path: the file.
        stream: which, where there are several: the group that it is in, or its number among them; the number of a
            sample; or a group and the number of a sample, as in "/test/7".

    Raises:
        FormatError: no layout that is known, or several recordings and none chosen.
    """
    listed = load_hdf5(path, "HDF5 file of events", ())
    places = _places(listed)
    if not places:
        raise FormatError(
            f"{path.name}: no layout of events that is known: no t and x beside each other, no times and units, no "
            f"table called {' or '.join(TABLES)}; it has {', '.join(list(_shapes(listed))[:8]) or 'nothing'}"
        )
    group, sample = _chosen(path.name, places, stream)
    place = places[group]
    wanted = place.paths + [name for name in _shapes(listed) if _name(name) == OFFSET or name == place.bounds]
    arrays = load_hdf5(path, "HDF5 file of events", wanted, None if place.bounds else sample)
    if place.bounds and sample is not None:
        begin, end = _bounds(path.name, place.bounds, arrays, sample, len(arrays[place.paths[0]]))
        arrays |= {name: arrays[name][begin:end] for name in place.paths}
    return _found(path.name, place.paths, arrays)


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1].lower()


def _shapes(listed: dict[str, Array]) -> dict[str, Array]:
    return {key.removesuffix("//shape"): value for key, value in listed.items() if key.endswith("//shape")}


def _places(listed: dict[str, Array]) -> dict[str, _Place]:
    """Recordings by their group, or by themselves where they are tables."""
    shapes = _shapes(listed)
    groups: dict[str, list[str]] = {}
    for path in shapes:
        groups.setdefault(path.rsplit("/", 1)[0] or "/", []).append(path)
    found = {}
    for group, paths in groups.items():
        known = {key: [p for p in paths if _name(p) in NAMES[key]] for key in "txyp"}
        addresses = [p for p in paths if _name(p) == ADDRESSES]
        bounds = next((p for p in paths if _name(p) in BOUNDS and shapes[p].size == 1), "")
        if known["t"] and (known["x"] or addresses):
            wanted = [p for here in known.values() for p in here] if known["x"] else [*known["t"][:1], *addresses]
            ragged = f"{known['t'][0]}//ragged" in listed
            rows, starts = shapes[known["t"][0]], shapes.get(bounds, np.ones(1))
            samples = int(rows[0]) if ragged else int(starts[0]) - 1 if bounds else None
            found[group] = _Place(wanted, samples, bounds if not ragged else "")
        else:
            found |= {path: _Place([path]) for path in paths if _is_table(path, shapes[path])}
    return {name: found[name] for name in sorted(found, key=_natural)}


def _natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts "2" before "10"."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _is_table(path: str, shape: Array) -> bool:
    return _name(path) in TABLES and (shape.size == 1 or (shape.size == 2 and int(shape[1]) == 4))


def _chosen(name: str, places: dict[str, _Place], stream: int | str | None) -> tuple[str, int | None]:
    """The group that was chosen, and the sample in it."""
    groups = list(places)
    if isinstance(stream, str):
        sought, _, last = stream.strip("/").rpartition("/") if stream.rpartition("/")[2].isdigit() else ("", "", "")
        for group, place in places.items():
            if group.strip("/") == stream.strip("/") and place.samples is None:
                return group, None
            if last and group.strip("/") == sought and place.samples is not None:
                return group, _sample(name, place.samples, int(last))
    elif len(groups) == 1 and (samples := places[groups[0]].samples) is not None:
        return groups[0], _sample(name, samples, stream)
    elif len(groups) == 1 and stream in (None, 0):
        return groups[0], None
    elif isinstance(stream, int) and 0 <= stream < len(groups) and places[groups[stream]].samples is None:
        return groups[stream], None
    few = [f"{group}/0" if places[group].samples is not None else group for group in groups[:4]]
    shown = ", ".join(few) + (", …" if len(groups) > 4 else "")
    why = "choose one" if stream is None else f"{stream!r} is none of them"
    raise FormatError(f"{name}: there are {len(groups)} recordings, {shown}: {why}, as in stream={few[0]!r}")


def _sample(name: str, count: int, sample: int | None) -> int:
    if sample is None and count > 1:
        raise FormatError(f"{name}: there are {count} samples: choose one, as in stream=0")
    if not 0 <= (sample or 0) < count:
        raise FormatError(f"{name}: there is no sample {sample or 0}; there are {count}, from 0 on")
    return sample or 0


def _bounds(name: str, path: str, arrays: dict[str, Array], sample: int, events: int) -> tuple[int, int]:
    """Where a sample begins and ends."""
    starts = arrays[path]
    if starts.dtype.kind not in "iu" or starts[0] != 0 or starts[-1] != events or (starts[1:] < starts[:-1]).any():
        raise FormatError(f"{name}: {path} must rise from 0 to {events}, the number of events")
    return int(starts[sample]), int(starts[sample + 1])


def _found(name: str, paths: list[str], arrays: dict[str, Array]) -> Found:
    offset = sum(int(array) for path, array in arrays.items() if path.endswith(f"/{OFFSET}") and not array.ndim)
    size = _size(arrays)
    if len(paths) == 1:
        table = arrays[paths[0]]
        if table.dtype.names:
            return Found({column: table[column] for column in table.dtype.names}, size, "us")
        columns = _table(name, table)
    else:
        columns = {}
        for path in paths:
            columns[path.rsplit("/", 1)[-1]] = arrays[path] if path in arrays else arrays[f"{path}//values"]
        lower = {column.lower(): column for column in columns}
        if set(lower) == {TIMES, UNITS}:
            times = columns[lower[TIMES]]
            columns["p"], size = np.ones(times.shape, dtype=np.int64), size or COCHLEA
        if ADDRESSES in lower:
            columns |= _addresses(name, columns.pop(lower[ADDRESSES]))
    times = next(values for column, values in columns.items() if column.lower() in NAMES["t"])
    if times.dtype.kind == "f" and (times != np.rint(times)).any():
        return Found(columns, size, "s")
    key = next(column for column in columns if column.lower() in NAMES["t"])
    return Found({**columns, key: times.astype(np.int64) + offset if offset else times}, size, "us")


def _table(name: str, table: Array) -> dict[str, Array]:
    """Columns of a table without names; the order is the one that its values allow."""
    for order in ORDERS:
        columns = dict(zip(order, table.T, strict=True))
        pixels = all((columns[key] >= 0).all() and (columns[key] == np.rint(columns[key])).all() for key in "xy")
        if pixels and np.isin(columns["p"], (-1, 0, 1)).all() and (np.diff(columns["t"]) >= 0).all():
            return columns
    raise FormatError(f"{name}: a table of events must be of {' or '.join(ORDERS)}, in the order of time")


def _addresses(name: str, addresses: Array) -> dict[str, Array]:
    """x, y and p of a pack; or p, x and y."""
    if addresses.ndim != 2 or addresses.shape[1] != 3:
        raise FormatError(f"{name}: {ADDRESSES} must be x, y and p of each event, not of shape {addresses.shape}")
    for order in ("xyp", "pxy"):
        columns = dict(zip(order, addresses.T, strict=True))
        if np.isin(columns["p"], (-1, 0, 1)).all():
            return columns
    raise FormatError(f"{name}: {ADDRESSES} must be x, y and p of each event; no outer column is of 0 and 1 alone")


def _size(arrays: dict[str, Array]) -> tuple[int, int] | None:
    """From attributes of the file, or of a group in it."""
    told = {key.rsplit("@", 1)[1].lower(): value for key, value in arrays.items() if "@" in key}
    if "geometry" in told and (match := re.fullmatch(r"(\d+)x(\d+)", str(told["geometry"]))):
        return int(match[1]), int(match[2])
    sides = [told.get(key, np.zeros(0)) for key in ("width", "height")]
    if all(side.size == 1 and side.dtype.kind in "iu" for side in sides):
        return int(sides[0].item()), int(sides[1].item())
    return None
