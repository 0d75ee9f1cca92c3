"""The cache: the folder that keeps what takes long to make and can be made again."""

import os
from collections.abc import Mapping
from pathlib import Path

from ganglion.model.spec.errors import ToolError

VARIABLE = "GANGLION_CACHE"
"""Environment variable that names the folder."""


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """$GANGLION_CACHE, or ganglion in $XDG_CACHE_HOME or ~/.cache.

    Raises:
        ToolError: there is no home folder, and no variable names another.
    """
    if named := environment.get(VARIABLE):
        return Path(named).expanduser()
    if base := environment.get("XDG_CACHE_HOME"):
        return Path(base) / "ganglion"
    try:
        return Path.home() / ".cache" / "ganglion"
    except RuntimeError:
        raise ToolError(f"you have no home folder: set {VARIABLE} to a folder that may be written to") from None


def writable_cache() -> Path:
    """The folder, made where it is missing.

    Raises:
        ToolError: it cannot be made, or cannot be written to; says what to do.
    """
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise ToolError(
            f"what is built is kept in {folder}, which cannot be written to ({error.strerror}): set {VARIABLE} to a "
            "folder that may be"
        ) from error
    return folder
