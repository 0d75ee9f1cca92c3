"""Files and folders that are written whole, or not at all, and files that one process has at a time."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import IO

from ganglion.model.spec.errors import FormatError, described


def path_of(path: str | Path) -> Path:
    """A path that a system can have.

    Raises:
        FormatError: it is none.
    """
    if not isinstance(path, str | PathLike) or "\0" in os.fspath(path):
        raise FormatError(f"a path is a string or a Path without a byte of 0, not {described(path)}")
    return Path(path)


@contextmanager
def written_path(path: str | Path) -> Iterator[Path]:
    """An empty file of a name of its own, beside `path`, which takes its place when the block ends well and goes when
    it does not. For what can only be told the name of the file it is to write.

    The file has the mode that the umask gives to a new one, and is on the disk before it takes its place. Where `path`
    is a link, what it leads to is replaced; a device or a pipe is no file to replace, and is itself what is written to.

    Raises:
        OSError: the folder does not exist or cannot be written to.
    """
    path = path_of(path)
    if path.exists() and not path.is_file():
        yield path
        return
    path = Path(os.path.realpath(path))
    temporary = _beside(path)
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        yield temporary
        _put_on_disk(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _put_folder_on_disk(path.parent)


@contextmanager
def written_whole(path: str | Path) -> Iterator[IO[bytes]]:
    """A binary file to write, which takes the place of `path` as `written_path` says.

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


@contextmanager
def written_folder(folder: str | Path) -> Iterator[Path]:
    """An empty folder beside `folder`, which gets this name when the block ends well and goes when it does not.

    Raises:
        FileExistsError: there is something of this name already.
        OSError: the folder around it does not exist or cannot be written to.
    """
    folder = path_of(folder)
    if folder.exists() or folder.is_symlink():
        raise FileExistsError(f"{folder} exists; remove it, or save to another folder")
    temporary = _beside(folder)
    temporary.mkdir()
    try:
        yield temporary
        for file in temporary.iterdir():
            _put_on_disk(file)
        _put_folder_on_disk(temporary)
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    _put_folder_on_disk(folder.parent)


@contextmanager
def locked(path: str | Path) -> Iterator[None]:
    """An advisory lock: of all processes in a block on the same file, which is made where it is not, one runs.

    A process that dies lets go of it.

    Raises:
        OSError: the folder does not exist or cannot be written to.
    """
    with Path(path).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _beside(path: Path) -> Path:
    """A name that nobody else has, in the same folder."""
    return path.with_name(f"{path.name[:200]}.{secrets.token_hex(6)}.part")


def _put_on_disk(path: Path) -> None:
    """Otherwise the new name could outlive a loss of power, and what is in the file not."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put_folder_on_disk(folder: Path) -> None:
    """The name itself. Some file systems have no such thing for folders; the file is whole there too."""
    with suppress(OSError):
        _put_on_disk(folder)
