"""Files that are whole or not there, and files that anyone may have written.

An *archive* is an .npz file of arrays with a JSON header: how programs, images and traces are kept.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np

from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.errors import FormatError, GanglionError

T = TypeVar("T")

HEADER = "header"
"""Name of the array that is the header of an archive."""


@contextmanager
def written_path(path: str | Path) -> Iterator[Path]:
    """An empty file of a name of its own, beside `path`, which takes its place when the block ends well and goes when
    it does not. For what can only be told the name of the file it is to write.

    Raises:
        OSError: the folder does not exist or cannot be written to.
    """
    path = Path(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def written_whole(path: str | Path) -> Iterator[IO[bytes]]:
    """A binary file to write, which takes the place of `path` when the block ends well and goes when it does not.

    Raises:
        OSError: the folder does not exist or cannot be written to.
    """
    with written_path(path) as temporary, temporary.open("wb") as file:
        yield file


def write_text(path: str | Path, text: str) -> None:
    """Write a file of text, whole or not at all.

    Raises:
        OSError: the folder does not exist or cannot be written to.
    """
    with written_whole(path) as file:
        file.write(text.encode())


def load_npz(path: str | Path, what: str, names: Iterable[str] = (), hint: str = "") -> dict[str, Array]:
    """All arrays of an .npz file, which may be anything: nothing of it is executed.

    Args:
        path: the file.
        what: what it should be, for messages.
        names: arrays that it must have.
        hint: what to do where there is no such file, for the message.

    Raises:
        FormatError: no such file, cut short, another kind of file, an array that is missing or not one of numbers or
            text; names the file and the array.
    """
    arrays: dict[str, Array] = {}
    name = ""
    try:
        # Opened here, since numpy leaves a file open that turns out to be no archive.
        with Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            for name in file.files:
                arrays[name] = np.asarray(file[name])
                if arrays[name].dtype.kind not in "iufbU":
                    raise TypeError("it is no array of numbers or text")
    except FileNotFoundError:
        raise FormatError(f"{path}: there is no such file{hint and f'; {hint}'}") from None
    except Exception as error:  # What zip, its compressions and NumPy raise on any bytes whatever is no closed list.
        where = f": its array '{name}': {error}" if name else " (cut short, or another kind of file)"
        raise FormatError(f"{path} is not a whole {what}{where}") from error
    for name in names:
        if name not in arrays:
            raise FormatError(f"{path} is not a whole {what}: it has no array '{name}'")
    return arrays


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

    def save(self) -> None:
        """Write it, whole or not at all.

        Raises:
            OSError: the file cannot be written.
        """
        described = {"format": self.format.what.lower(), "version": self.format.version}
        arrays: dict[str, Any] = {HEADER: np.array(json.dumps({**described, **self.header})), **self.arrays}
        with written_whole(self.path) as file:
            np.savez_compressed(file, **arrays)

    @classmethod
    def load(cls, path: str | Path, format: Format) -> "Archive":
        """Read one."""
        arrays = load_npz(path, format.what)
        try:
            header = json.loads(str(arrays.pop(HEADER)))
            if header.pop("format") != format.what.lower():
                raise ValueError("another format")
            version = header.pop("version")
        except (LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise FormatError(f"{path} is not a whole {format.what} (cut short, or another kind of file)") from error
        if version != format.version:
            raise FormatError(
                f"{path} is a {format.what} of version {version!r}; this Ganglion reads version {format.version}: "
                f"{format.again}"
            )
        return cls(path=Path(path), format=format, header=header, arrays=arrays)

    def damaged(self, why: object) -> FormatError:
        """The error for something that is wrong in it."""
        return FormatError(f"{self.path} is a damaged {self.format.what}: {why}")

    def entry(self, name: str, make: Callable[[Any], T]) -> T:
        """An entry of the header, as `make` makes it from the plain value."""
        if name not in self.header:
            raise self.damaged(f"its header has no '{name}'")
        try:
            return make(self.header[name])
        except (GanglionError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise self.damaged(f"'{name}' in its header: {error}") from error

    def names(self, prefix: str) -> list[str]:
        """What follows this beginning of a name, of all arrays that have it."""
        return [name.removeprefix(prefix) for name in self.arrays if name.startswith(prefix)]

    def integers(self, name: str, dimensions: int = 1) -> IntArray:
        """An array of whole numbers, as int64."""
        if name not in self.arrays:
            raise self.damaged(f"it has no array '{name}'")
        array = self.arrays[name]
        if array.dtype.kind not in "iu" or not np.can_cast(array.dtype, np.int64) or array.ndim != dimensions:
            raise self.damaged(
                f"'{name}' must be whole numbers in {dimensions} dimension(s), not {array.dtype} in {array.ndim}"
            )
        return array.astype(np.int64)
