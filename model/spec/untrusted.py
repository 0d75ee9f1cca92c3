"""Files that anyone may have written, read within limits: nothing in them is executed, and nothing is believed.

What is wrong with one is a `FormatError` that names the file, the part of it, and what to do.
"""

import io
import json
import math
import os
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from ganglion.model.spec.arrays import Array
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.files import path_of
from ganglion.model.spec.machine import free_memory

UNPACKED = 1 << 28
"""Bytes that any file may unpack to."""

EXPANSION = 100
"""A larger file may unpack to so many times its own bytes. What Ganglion writes stays within."""

MEMBERS = 1 << 16
"""Arrays of a file, at most."""

NAME = 200
"""Characters of the name of an array, at most."""

JSON_BYTES = 1 << 26
"""Of a JSON file, or of the header of an archive, at most."""

NUMBERS = "iufb"
"""Kinds of arrays, as NumPy calls them, that are numbers."""

DAMAGE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What plain values and arrays raise that are not what they should be."""

Headers = Callable[[IO[bytes]], tuple[tuple[int, ...], bool, np.dtype[Any]]]

_HEADERS: dict[tuple[int, int], Headers] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def most_unpacked(stored: int) -> int:
    """Bytes that a file of so many bytes may unpack to."""
    return max(UNPACKED, EXPANSION * stored)


def refuse_to_unpack(needed: int, stored: int) -> None:
    """Whether a file of `stored` bytes may take `needed` bytes of memory.

    Raises:
        ValueError: it may not; says why.
    """
    if needed > most_unpacked(stored):
        raise ValueError(
            f"it would unpack to {needed} bytes, from {stored}; more than {most_unpacked(stored)} are not taken from a "
            "file of this size (one of your own can be saved without compression)"
        )
    if needed > free_memory():
        raise ValueError(f"it needs {needed} bytes of memory, and {free_memory()} are free")


@contextmanager
def opened(path: str | Path, hint: str = "") -> Iterator[io.BufferedReader]:
    """A file to read.

    Args:
        path: the file.
        hint: what to do where there is no such file, for the message.

    Raises:
        FormatError: it is not there, or cannot be read.
    """
    try:
        with path_of(path).open("rb") as file:
            yield file
    except FileNotFoundError:
        raise FormatError(f"{path}: there is no such file{hint and f'; {hint}'}") from None
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror or error}") from error


def load_npz(
    path: str | Path,
    what: str,
    names: Iterable[str] = (),
    hint: str = "",
    again: str = "get it, or make it, again",
    kinds: str = NUMBERS + "U",
) -> dict[str, Array]:
    """All arrays of an .npz file.

    Args:
        path: the file.
        what: what it should be, for messages.
        names: arrays that it must have.
        hint: what to do where there is no such file, for the message.
        again: what to do where it is damaged, for the message.
        kinds: what its arrays may be of, as NumPy calls them.

    Raises:
        FormatError: no such file, cut short, another kind of file, too much in it, an array that is missing or not one
            of numbers or text; names the file and the array.
    """
    arrays: dict[str, Array] = {}
    name = ""
    with opened(path, hint) as stream:
        try:
            with zipfile.ZipFile(stream) as file:
                members = file.infolist()
                _check_members(members, os.fstat(stream.fileno()).st_size)
                for member in members:
                    name = member.filename.removesuffix(".npy")
                    arrays[name] = array_from_bytes(file.read(member), kinds)
        except OSError:
            raise
        except Exception as error:  # What zip and its compressions raise on any bytes whatever is no closed list.
            where = f": its array '{name}': {error}" if name else f": {error}"
            if isinstance(error, zipfile.BadZipFile) and not name:
                where = " (cut short, or another kind of file)"
            raise FormatError(f"{path} is not a whole {what}{where}: {again}") from error
    for name in names:
        if name not in arrays:
            there = ", ".join(arrays) or "none"
            raise FormatError(f"{path} is not a whole {what}: it has no array '{name}', but {there}")
    return arrays


def _check_members(members: Sequence[zipfile.ZipInfo], stored: int) -> None:
    """Whether a file of `stored` bytes may have these members."""
    if len(members) > MEMBERS:
        raise ValueError(f"it has {len(members)} arrays; {MEMBERS} are the most")
    for name, count in Counter(member.filename for member in members).items():
        if not name.endswith(".npy") or len(name) > NAME or not name.isprintable():
            raise ValueError(f"{name[:NAME]!r} is no name of an array")
        if count > 1:
            raise ValueError(f"it has '{name}' {count} times")
    refuse_to_unpack(sum(member.file_size for member in members), stored)


def read_array_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """What the header of an .npy file says: shape, whether it goes by columns, and type.

    Raises:
        ValueError: it is none.
    """
    try:
        version = np.lib.format.read_magic(stream)
        if version not in _HEADERS:
            raise ValueError(f"it is of version {version} of NumPy's format; save it with np.save")
        return _HEADERS[version](stream)
    except Exception as error:  # NumPy reads the header as Python, so that what it raises is no closed list.
        raise ValueError(str(error)) from error


def array_from_bytes(raw: bytes, kinds: str | None = None) -> Array:
    """The array of an .npy file.

    Args:
        raw: all of the file.
        kinds: which it may be of, as NumPy calls them; None is all but objects.

    Raises:
        ValueError: it is none; says why.
    """
    stream = io.BytesIO(raw)
    shape, in_columns, dtype = read_array_header(stream)
    if dtype.hasobject or (kinds is not None and dtype.kind not in kinds):
        raise ValueError(f"it is no array of numbers or text, but of {dtype}")
    begin = stream.tell()
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != len(raw) - begin:
        raise ValueError(f"its header says {dtype} of shape {shape}, and {len(raw) - begin} bytes follow")
    return np.ndarray(shape, dtype, raw, begin, order="F" if in_columns else "C").copy()


def load_json(path: str | Path, what: str, hint: str = "") -> dict[str, Any]:
    """The object of a JSON file.

    Args:
        path: the file.
        what: what it should be, for messages.
        hint: what to do where there is no such file, for the message.

    Raises:
        FormatError: no such file, or no JSON object; names it, and the line.
    """
    with opened(path, hint) as file:
        raw = file.read(JSON_BYTES + 1)
    try:
        return object_from_json(raw)
    except DAMAGE as error:
        raise FormatError(f"{path} is no {what}: {error}") from error


def object_from_json(raw: str | bytes) -> dict[str, Any]:
    """The object that a text of JSON is.

    Raises:
        ValueError: it is none, or longer than JSON_BYTES; names the line.
        RecursionError: it is nested too deeply.
    """
    if len(raw) > JSON_BYTES:
        raise ValueError(f"it is longer than {JSON_BYTES} bytes")
    found = json.loads(raw, parse_constant=_no_number, object_pairs_hook=_without_twins)
    if not isinstance(found, dict):
        raise ValueError(f"it must be a JSON object, {{...}}, not a {type(found).__name__}")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twin = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"'{twin}' is there twice")
    return found
