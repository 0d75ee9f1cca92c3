"""Checkpoints: all that a running network is, in one file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.fields import STATE_FIELDS
from ganglion.model.spec.files import load_npz, written_whole
from ganglion.model.spec.limits import READABLE

FORMAT = 2
"""Version of the file."""

ARRAYS = {"network", "clock", "most", "loaded", "bound", *READABLE, *(spec.name for spec in STATE_FIELDS)}
"""What every checkpoint has; those of networks whose weights were written to have `sparse` and `dense` too."""


def save(path: str | Path, arrays: Mapping[str, Any]) -> None:
    """Write what `Emulator.snapshot` returned.

    Raises:
        OSError: the file cannot be written; an older one of the name is untouched.
    """
    with written_whole(path) as file:
        np.savez(file, format=FORMAT, **arrays)


def read(path: str | Path) -> dict[str, Any]:
    """What was saved, for `Emulator.restore`.

    Raises:
        FormatError: there is no such file, or it is not a checkpoint of this version.
    """
    arrays = load_npz(path, "checkpoint")
    if not ARRAYS | {"format"} <= set(arrays) or arrays["format"] != FORMAT:
        raise FormatError(f"{path} is not a checkpoint of version {FORMAT}")
    return arrays
