"""Event files, read into recordings. Which files there are, and which there are not: docs/reference/events.md."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganglion.model.interchange.events.aedat import MAGIC, read_aedat_columns
from ganglion.model.interchange.events.columns import Columns
from ganglion.model.interchange.events.layouts import read_hdf5_columns
from ganglion.model.interchange.events.prophesee import header_of, read_dat_columns, read_raw_columns
from ganglion.model.interchange.events.recording import (
    Recording,
    Unordered,
    from_array,
    from_arrays,
    from_columns,
    sensor_size,
)
from ganglion.model.interchange.events.text import read_text_table
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.files import path_of, written_whole
from ganglion.model.spec.untrusted import array_from_bytes, load_npz

BIN_EVENT = 5
"""Bytes of an event in a .bin file."""

BIN_OVERFLOW_ROW = 240
"""A .bin event in this row is none: it says that the clock ran over. No sensor of that format has so many rows."""

BIN_OVERFLOW = 1 << 13
"""Microseconds that an overflow adds to the times of all events behind it."""

SUFFIXES = (".aedat", ".aedat4", ".bin", ".csv", ".dat", ".h5", ".hdf5", ".npy", ".npz", ".raw", ".tsv", ".txt")
"""How names of files end that are read, in small letters or in capitals."""

TEXTS = (".csv", ".tsv", ".txt")

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True)
class _Asked:
    """What `read_events` was asked for."""

    size: Sequence[int] | None
    stream: int | str | None
    unordered: Unordered
    unit: str | None
    columns: str | None


@explained(FormatError)
def read_events(
    path: str | Path,
    size: Sequence[int] | None = None,
    *,
    stream: int | str | None = None,
    unordered: Unordered = "refuse",
    unit: str | None = None,
    columns: str | None = None,
) -> Recording:
    """Read a file of events.

    AEDAT 2.0, 3.1 and 4, Prophesee's .dat and .raw (EVT 2.0, 2.1, 3.0), HDF5, text, .npz, .npy, and .bin of N-MNIST and
    ATIS. What a file begins with tells what it is, and else the end of its name.

    Args:
        path: the file.
        size: columns and rows of the sensor; None takes what the file says. Where it says nothing, it is that of the
            largest x and y that occur, with a warning, and a note in the recording.
        stream: which recording of a file that has several: the number of a stream of AEDAT, or of a sample, or a group
            of HDF5.
        unordered: as `from_arrays`.
        unit: of times, as `from_arrays`; None is what the file says, or microseconds.
        columns: order of the columns of a text without names, as in "txyp".

    Raises:
        OSError: the file cannot be read.
        FormatError: it is not of its format, or cut short, or has an event that cannot be (named by its index), or
            several recordings and none is chosen.
    """
    path, asked = path_of(path), _Asked(size, stream, unordered, unit, columns)
    with path.open("rb") as file:
        head = file.read(1 << 12)
    kind = _kind(path, head)
    if stream is not None and kind not in ("aedat", "hdf5"):
        raise FormatError(f"{path.name}: it has one recording; stream= is for files that have several")
    if columns is not None and kind != "text":
        raise FormatError(f"{path.name}: columns= is for text without names")
    return _READERS[kind](path, asked)


def _kind(path: Path, head: bytes) -> str:
    """What a file is, by what it begins with or the end of its name."""
    suffix = path.suffix.lower()
    if head.startswith(MAGIC):
        return "aedat"
    if head.startswith(HDF5_MAGIC):
        return "hdf5"
    if head.startswith((b"PK\x03\x04", np.lib.format.MAGIC_PREFIX)) or suffix in (".npz", ".npy"):
        return "numpy"
    if head.startswith(b"%") and suffix not in TEXTS:
        return "raw" if suffix == ".raw" or "evt" in header_of(head)[0] else "dat"
    if suffix in TEXTS:
        return "text"
    if suffix == ".bin":
        return "bin"
    if suffix in SUFFIXES:
        raise FormatError(f"{path.name}: corrupt, cut short, or no {suffix} file: it begins with {head[:16]!r}")
    raise FormatError(
        f"{path.name}: files of events end in {', '.join(SUFFIXES)}, not '{path.suffix}', or begin as one of them does"
    )


@explained(FormatError)
def read_aedat(path: str | Path, size: Sequence[int] | None = None) -> Recording:
    """Read the one stream of events of an AEDAT file, as `read_events`."""
    path = path_of(path)
    with path.open("rb") as file:
        if not file.read(len(MAGIC)).startswith(MAGIC):
            raise FormatError(f"{path.name}: corrupt, cut short, or no AEDAT file")
    return read_events(path, size)


@explained(FormatError)
def read_bin(path: str | Path, size: Sequence[int] | None = None) -> Recording:
    """Read a .bin file as N-MNIST and N-Caltech101 have (Orchard et al. 2015, doi:10.3389/fnins.2015.00437).

    An event has 40 bits: x (8), y (8), polarity (1), time in microseconds (23), the first bits first.

    Raises:
        OSError: the file cannot be read.
        FormatError: the file is cut short, or an event cannot be (named by its index).
    """
    path = path_of(path)
    return _READERS["bin"](path, _Asked(size, None, "refuse", None, None))


@explained(FormatError)
def read_numpy(path: str | Path, size: Sequence[int] | None = None) -> Recording:
    """Read a .npz with arrays t, x, y, p (and size, as `write_npz` leaves it), or a .npy as `from_array` takes it.

    Raises:
        OSError: the file cannot be read.
        FormatError: it is no such file, or cut short, or an event cannot be (named by its index).
    """
    path = path_of(path)
    path.stat()
    return _from_numpy(path, _Asked(size, None, "refuse", None, None))


@explained(FormatError)
def write_npz(path: str | Path, recording: Recording) -> None:
    """Write a recording as .npz, which `read_events` reads; the file is whole or not there.

    Raises:
        OSError: the file cannot be written.
    """
    with written_whole(path) as file:
        np.savez_compressed(file, t=recording.t, x=recording.x, y=recording.y, p=recording.p, size=recording.size)


def _recording(path: Path, found: Columns, asked: _Asked) -> Recording:
    size = asked.size if asked.size is not None else found.size
    made = from_arrays(
        found.t, found.x, found.y, found.p, size, path.name, unordered=asked.unordered, unit=asked.unit or "us"
    )
    return made.noted(*found.notes)


def _bin_columns(path: Path) -> Columns:
    raw = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    whole, rest = divmod(raw.size, BIN_EVENT)
    if rest:
        raise FormatError(f"{path.name}: cut short: {raw.size} bytes are {whole} events of {BIN_EVENT} and {rest} more")
    x, y, high, middle, low = raw.reshape(-1, BIN_EVENT).astype(np.int64).T
    overflow = y == BIN_OVERFLOW_ROW
    t = ((high & 0x7F) << 16) + (middle << 8) + low + BIN_OVERFLOW * np.cumsum(overflow)
    kept = ~overflow
    return Columns(t[kept], x[kept], y[kept], high[kept] >> 7)


def _from_numpy(path: Path, asked: _Asked) -> Recording:
    with path.open("rb") as file:
        single = file.read(len(np.lib.format.MAGIC_PREFIX)) == np.lib.format.MAGIC_PREFIX
    given: dict[str, Any] = {"unordered": asked.unordered, "unit": asked.unit or "us"}
    if single:
        try:
            array = array_from_bytes(path.read_bytes())
        except ValueError as error:
            raise FormatError(f"{path.name}: corrupt, cut short, or no array of NumPy: {error}") from error
        return from_array(array, asked.size, path.name, **given)
    arrays = load_npz(path, "recording", kinds="iufbV")
    size = asked.size
    if "size" in arrays:
        told = arrays.pop("size")
        size = size if size is not None else sensor_size(told, path.name)
    if len(arrays) == 1 and (array := next(iter(arrays.values()))).ndim and (array.dtype.names or array.ndim == 2):
        return from_array(array, size, path.name, **given)
    return from_columns(list(arrays), arrays.__getitem__, size, path.name, **given)


def _from_hdf5(path: Path, asked: _Asked) -> Recording:
    found = read_hdf5_columns(path, asked.stream)
    return from_columns(
        list(found.columns),
        found.columns.__getitem__,
        asked.size if asked.size is not None else found.size,
        path.name,
        unordered=asked.unordered,
        unit=asked.unit or found.unit,
    )


def _from_text(path: Path, asked: _Asked) -> Recording:
    found, size, unit = read_text_table(path, asked.columns)
    return from_columns(
        list(found),
        found.__getitem__,
        asked.size if asked.size is not None else size,
        path.name,
        unordered=asked.unordered,
        unit=asked.unit or unit,
    )


_READERS: dict[str, Callable[[Path, _Asked], Recording]] = {
    "aedat": lambda path, asked: _recording(path, read_aedat_columns(path, asked.stream), asked),
    "bin": lambda path, asked: _recording(path, _bin_columns(path), asked),
    "dat": lambda path, asked: _recording(path, read_dat_columns(path), asked),
    "hdf5": _from_hdf5,
    "numpy": _from_numpy,
    "raw": lambda path, asked: _recording(path, read_raw_columns(path), asked),
    "text": _from_text,
}
