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


def read_hdf5_columns(path: Path, stream: int | str | None) -> Found:
    """One recording of an HDF5 file.

    Args:
        path: the file.
        stream: which, where there are several: the group that it is in, its number among them, or that of the sample.

    Raises:
        FormatError: no layout that is known, or several recordings and none chosen.
    """
    shapes = load_hdf5(path, "HDF5 file of events", ())
    shapes = {key.removesuffix("//shape"): value for key, value in shapes.items() if key.endswith("//shape")}
    recordings = _recordings(shapes)
    if not recordings:
        raise FormatError(
            f"{path.name}: no layout of events that is known: no t and x beside each other, no times and units, no "
            f"table called {' or '.join(TABLES)}; it has {', '.join(list(shapes)[:8]) or 'nothing'}"
        )
    sample = None
    if len(recordings) == 1 and set(_names(next(iter(recordings.values())))) == {TIMES, UNITS}:
        (place,) = recordings
        sample = _sample(path.name, int(shapes[recordings[place][0]][0]), stream)
    else:
        place = _chosen(path.name, list(recordings), stream)
    wanted = recordings[place] + [name for name in shapes if name.rsplit("/", 1)[-1] == OFFSET]
    arrays = load_hdf5(path, "HDF5 file of events", wanted, sample)
    return _found(path.name, recordings[place], arrays)


def _sample(name: str, count: int, stream: int | str | None) -> int:
    if stream is None and count > 1:
        raise FormatError(f"{name}: there are {count} samples: choose one, as in stream=0")
    sample = 0 if stream is None else stream
    if not isinstance(sample, int) or not 0 <= sample < count:
        raise FormatError(f"{name}: there is no sample {sample!r}; there are {count}, from 0 on")
    return sample


def _names(paths: list[str]) -> list[str]:
    return [path.rsplit("/", 1)[-1].lower() for path in paths]


def _recordings(shapes: dict[str, Array]) -> dict[str, list[str]]:
    """The datasets of each recording, by its group, or by itself where it is a table."""
    groups: dict[str, list[str]] = {}
    for path in shapes:
        groups.setdefault(path.rsplit("/", 1)[0] or "/", []).append(path)
    found = {}
    for group, paths in groups.items():
        known = {key: [p for p in paths if p.rsplit("/", 1)[-1].lower() in NAMES[key]] for key in "txyp"}
        addresses = [p for p in paths if p.rsplit("/", 1)[-1].lower() == ADDRESSES]
        if known["t"] and known["x"]:
            found[group] = [path for here in known.values() for path in here]
        elif known["t"] and addresses:
            found[group] = [*known["t"][:1], *addresses]
        else:
            found |= {path: [path] for path in paths if _is_table(path, shapes[path])}
    return {name: found[name] for name in sorted(found, key=_natural)}


def _natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts "2" before "10"."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _is_table(path: str, shape: Array) -> bool:
    return _names([path])[0] in TABLES and (shape.size == 1 or (shape.size == 2 and int(shape[1]) == 4))


def _chosen(name: str, places: list[str], stream: int | str | None) -> str:
    if stream is None and len(places) == 1:
        return places[0]
    if isinstance(stream, int) and 0 <= stream < len(places):
        return places[stream]
    if isinstance(stream, str) and (match := [place for place in places if place.strip("/") == stream.strip("/")]):
        return match[0]
    few = ", ".join(places[:4]) + (", …" if len(places) > 4 else "")
    why = "choose one" if stream is None else f"{stream!r} is none of them"
    raise FormatError(f"{name}: there are {len(places)} recordings, {few}: {why}, as in stream={places[0]!r}")


def _found(name: str, paths: list[str], arrays: dict[str, Array]) -> Found:
    offset = sum(int(array) for path, array in arrays.items() if path.endswith(f"/{OFFSET}") and not array.ndim)
    size = _size(arrays)
    if len(paths) == 1:
        table = arrays[paths[0]]
        if table.dtype.names:
            return Found({column: table[column] for column in table.dtype.names}, size, "us")
        columns = _table(name, table)
    else:
        short = [path.rsplit("/", 1)[-1] for path in paths]
        columns = {}
        for path, column in zip(paths, short, strict=True):
            columns[column] = arrays[path] if path in arrays else arrays[f"{path}//values"]
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
