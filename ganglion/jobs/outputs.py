"""Where a job may write: looked at before the work, so that hours of it are not done in vain."""

import os
import tempfile
from pathlib import Path

from ganglion.model.spec.errors import FormatError, GanglionError

ROOM = 1 << 16
"""Bytes that a folder for results must have room for."""


def check_folder(path: Path) -> None:
    """Makes a folder for results where there is none.

    Raises:
        GanglionError: it cannot be made, or cannot be written to.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GanglionError(f"the folder for results, {path}, cannot be made: {error.strerror}") from error
    _check_writable(path, path)


def check_file(path: Path | None) -> None:
    """Whether a file can be written; None is no file.

    Raises:
        GanglionError: it is a folder, or its folder is not there, or cannot be written to.
    """
    if path is None:
        return
    if path.is_dir():
        raise GanglionError(f"{path} is a folder; give the name of a file in it")
    if path.exists() and not path.is_file():
        return
    if not path.parent.is_dir():
        raise GanglionError(f"{path} cannot be written: there is no folder {path.parent}")
    _check_writable(path, path.parent)


def check_picture(path: Path | None) -> None:
    """Whether a picture can be written; None is no picture.

    Raises:
        FormatError: its name has no ending of a kind of picture.
        GanglionError: as `check_file`.
    """
    if path is None:
        return
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    known = FigureCanvasAgg.get_supported_filetypes()
    if path.suffix.lstrip(".").lower() not in known:
        raise FormatError(f"{path}: a picture's name ends in one of {', '.join(sorted(known))}")
    check_file(path)


def _check_writable(path: Path, folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise GanglionError(f"{path} cannot be written: no permission to write to the folder {folder}")
    try:
        # Only trying tells of a file system that is read-only, full, or none for files.
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(ROOM))
    except OSError as error:
        raise GanglionError(f"{path} cannot be written to the folder {folder}: {error.strerror}") from error
