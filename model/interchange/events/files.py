"""Event files, read into recordings. Which files there are, and which there are not: docs/reference/events.md."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ganglion.model.interchange.apart import decode_apart
from ganglion.model.interchange.events.recording import Recording, find_names, from_array, from_arrays
from ganglion.model.spec.arrays import Array
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.files import written_whole
from ganglion.model.spec.untrusted import load_npz

DECODER = Path(__file__).with_name("decode_aedat.py")

BIN_EVENT = 5
"""Bytes of an event in a .bin file."""

BIN_OVERFLOW_ROW = 240
"""A .bin event in this row is none: it says that the clock ran over. No sensor of that format has so many rows."""

BIN_OVERFLOW = 1 << 13
"""Microseconds that an overflow adds to the times of all events behind it."""


def read_events(path: str | Path, size: tuple[int, int] | None = None) -> Recording:
    """Read a file of events: .aedat4, .aedat (version 4), .bin of N-MNIST and ATIS, .npz, .npy.

    Args:
        path: the file.
        size: columns and rows of the sensor; None takes what the file says, or the largest x and y that occur.

    Raises:
        OSError: the file cannot be read.
        FormatError: it is not of its format, or cut short, or has an event that cannot be (named by its index).
    """
    path = Path(path)
    readers: dict[str, Callable[[Path, tuple[int, int] | None], Recording]] = {
        ".aedat4": read_aedat,
        ".aedat": read_aedat,
        ".bin": read_bin,
        ".npz": read_numpy,
        ".npy": read_numpy,
    }
    if path.suffix not in readers:
        raise FormatError(f"{path.name}: files of events end in {', '.join(readers)}, not '{path.suffix}'")
    return readers[path.suffix](path, size)


def read_aedat(path: str | Path, size: tuple[int, int] | None = None) -> Recording:
    """Read the one stream of events of an AEDAT 4 file. `size` None takes what the stream says.

    Raises:
        OSError: the file cannot be read.
        FormatError: another version of AEDAT, no stream of events or several, a file that is corrupt or cut short.
    """
    path = Path(path)
    with path.open("rb") as file:
        head = file.readline(32).strip()
    if head.startswith(b"#!AER-DAT") and not head.startswith(b"#!AER-DAT4"):
        version = head.removeprefix(b"#!AER-DAT").decode(errors="replace")
        raise FormatError(
            f"{path.name}: AEDAT {version}: only version 4 is read; convert it to AEDAT 4 (DV does), or read it with "
            "evutils or tonic and give the array to from_array"
        )
    arrays = decode_apart(DECODER, path, "AEDAT 4 file")
    t, x, y, p = (arrays[key] for key in "txyp")
    return from_arrays(t, x, y, p, size or _size(arrays["size"], path.name), path.name)


def read_bin(path: str | Path, size: tuple[int, int] | None = None) -> Recording:
    """Read a .bin file as N-MNIST and N-Caltech101 have (Orchard et al. 2015, doi:10.3389/fnins.2015.00437).

    An event has 40 bits: x (8), y (8), polarity (1), time in microseconds (23), the first bits first.

    Raises:
        OSError: the file cannot be read.
        FormatError: the file is cut short, or an event cannot be (named by its index).
    """
    path = Path(path)
    raw = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    whole, rest = divmod(raw.size, BIN_EVENT)
    if rest:
        raise FormatError(f"{path.name}: cut short: {raw.size} bytes are {whole} events of {BIN_EVENT} and {rest} more")
    x, y, high, middle, low = raw.reshape(-1, BIN_EVENT).astype(np.int64).T
    overflow = y == BIN_OVERFLOW_ROW
    t = ((high & 0x7F) << 16) + (middle << 8) + low + BIN_OVERFLOW * np.cumsum(overflow)
    kept = ~overflow
    return from_arrays(t[kept], x[kept], y[kept], high[kept] >> 7, size=size, name=path.name)


def read_numpy(path: str | Path, size: tuple[int, int] | None = None) -> Recording:
    """Read a .npz with arrays t, x, y, p (and size, as `write_npz` leaves it), or a .npy as `from_array` takes it.

    Raises:
        OSError: the file cannot be read.
        FormatError: it is no such file, or cut short, or an event cannot be (named by its index).
    """
    path = Path(path)
    with path.open("rb") as file:
        single = file.read(len(np.lib.format.MAGIC_PREFIX)) == np.lib.format.MAGIC_PREFIX
    if single:
        try:
            return from_array(np.load(path, allow_pickle=False), size=size, name=path.name)
        except (ValueError, EOFError) as error:
            raise FormatError(f"{path.name}: corrupt, cut short, or no array of NumPy: {error}") from error
    arrays = load_npz(path, "recording")
    if size is None and "size" in arrays:
        size = _size(arrays["size"], path.name)
    t, x, y, p = (arrays[key] for key in find_names(arrays, path.name))
    return from_arrays(t, x, y, p, size, path.name)


def write_npz(path: str | Path, recording: Recording) -> None:
    """Write a recording as .npz, which `read_events` reads; the file is whole or not there.

    Raises:
        OSError: the file cannot be written.
    """
    with written_whole(path) as file:
        np.savez_compressed(file, t=recording.t, x=recording.x, y=recording.y, p=recording.p, size=recording.size)


def _size(array: Array, name: str) -> tuple[int, int]:
    if array.shape != (2,) or array.dtype.kind not in "iu":
        raise FormatError(f"{name}: size must be two whole numbers, columns and rows, not {array.tolist()}")
    return int(array[0]), int(array[1])
