"""Archives: .npz files of arrays with a JSON header, which is how programs, images, traces and checkpoints are kept."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.errors import FormatError, GanglionError
from ganglion.model.spec.files import written_whole
from ganglion.model.spec.untrusted import DAMAGE, load_npz, most_unpacked, object_from_json

T = TypeVar("T")

HEADER = "header"
"""Name of the array that is the header of an archive."""


@dataclass(frozen=True)
class Format:
    """What an archive is."""

    what: str
    """As in "Ganglion program"."""
    version: int
    again: str
    """What to do with one of another version, as in "save it again"."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Archive:
    """What an archive holds. Methods that read raise a `FormatError`, which names the file and the part of it."""

    path: Path
    format: Format
    header: Mapping[str, Any]
    """Plain values."""
    arrays: Mapping[str, Array]
    _read: set[str] = field(default_factory=set)
    """What was asked for, entries and arrays."""

    def save(self, *, compressed: bool = True) -> None:
        """Write it, whole or not at all.

        Args:
            compressed: whether to take the time to make it small.

        Raises:
            OSError: the file cannot be written.
        """
        described = {"format": self.format.what.lower(), "version": self.format.version}
        arrays: dict[str, Any] = {HEADER: np.array(json.dumps({**described, **self.header})), **self.arrays}
        needed = sum(np.asarray(array).nbytes for array in arrays.values())
        with written_whole(self.path) as file:
            if compressed:
                np.savez_compressed(file, **arrays)
            # Who reads it takes what unpacks to a hundred times its size for an attack.
            if not compressed or needed > most_unpacked(file.tell()) // 2:
                file.seek(0)
                file.truncate()
                np.savez(file, **arrays)

    @classmethod
    def load(cls, path: str | Path, format: Format) -> "Archive":
        """Read one."""
        arrays = load_npz(path, format.what, again=format.again)
        try:
            header = object_from_json(str(arrays.pop(HEADER)))
            if header.pop("format") != format.what.lower():
                raise ValueError("another format")
            version = header.pop("version")
        except DAMAGE as error:
            raise FormatError(f"{path} is not a whole {format.what} (cut short, or another kind of file)") from error
        if type(version) is not int or version != format.version:
            raise FormatError(
                f"{path} is a {format.what} of version {version!r}; this Ganglion reads version {format.version}: "
                f"{format.again}"
            )
        return cls(path=Path(path), format=format, header=header, arrays=arrays)

    def damaged(self, why: object) -> FormatError:
        """The error for something that is wrong in it."""
        return FormatError(f"{self.path} is a damaged {self.format.what}: {why}: {self.format.again}")

    def entry(self, name: str, make: Callable[[Any], T]) -> T:
        """An entry of the header, as `make` makes it from the plain value."""
        self._read.add(name)
        if name not in self.header:
            raise self.damaged(f"its header has no '{name}'")
        try:
            return make(self.header[name])
        except (GanglionError, *DAMAGE) as error:
            raise self.damaged(f"'{name}' in its header: {error}") from error

    def names(self, prefix: str) -> list[str]:
        """What follows this beginning of a name, of all arrays that have it."""
        return [name.removeprefix(prefix) for name in self.arrays if name.startswith(prefix)]

    def integers(self, name: str, dimensions: int = 1) -> IntArray:
        """An array of whole numbers, as int64."""
        self._read.add(name)
        if name not in self.arrays:
            raise self.damaged(f"it has no array '{name}'")
        array = self.arrays[name]
        if array.dtype.kind not in "iu" or not np.can_cast(array.dtype, np.int64) or array.ndim != dimensions:
            raise self.damaged(
                f"'{name}' must be whole numbers in {dimensions} dimension(s), not {array.dtype} in {array.ndim}"
            )
        return array.astype(np.int64)

    def check_read(self) -> None:
        """Whether all that is in it was asked for: what is not would be ignored without a word."""
        for name in (*self.header, *self.arrays):
            if name not in self._read:
                raise self.damaged(f"it has '{name}', which no {self.format.what} has")
