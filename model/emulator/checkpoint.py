"""Checkpoints: all that a running network is, in one file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from ganglion.model.files import written_whole
from ganglion.model.spec.errors import FormatError, MismatchError

if TYPE_CHECKING:
    from ganglion.model.emulator.emulator import Emulator

FORMAT = 1
"""Version of the file."""

STATE = ("clock", "v", "u", "a", "refractory")
CONSTANTS = ("threshold", "bias", "type")


def save(emulator: "Emulator", path: str | Path) -> None:
    """Write state, counters, constants, and the weights where one was written since the network was packed.

    Raises:
        OSError: the file cannot be written; an older one of the name is untouched.
    """
    arrays: dict[str, Any] = {"format": FORMAT, "network": emulator.network.fingerprint()}
    arrays["most"] = emulator.most_at_once
    arrays |= {name: emulator.read(name) for name in STATE[1:] + CONSTANTS}
    arrays["clock"] = emulator.clock()
    arrays["accumulators"] = emulator.state().accumulators
    arrays["bound"] = emulator.network.bound
    if emulator.network.written:
        arrays["sparse"], arrays["dense"] = emulator.network.packed_weights()
    with written_whole(path) as file:
        np.savez(file, **arrays)


def resume(emulator: "Emulator", path: str | Path) -> None:
    """Take up where a checkpoint of the same network left off.

    Raises:
        FormatError: the file is not a checkpoint of this version.
        MismatchError: it is of another network. In both cases the emulator is as it was.
    """
    try:
        with Path(path).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise
    except (ValueError, OSError, EOFError, AttributeError, BadZipFile) as error:
        raise FormatError(f"{path} is not a checkpoint: {error}") from error
    wanted = {"format", "network", "most", "bound", "accumulators", *STATE, *CONSTANTS}
    if not wanted <= set(arrays) or arrays["format"] != FORMAT:
        raise FormatError(f"{path} is not a checkpoint of version {FORMAT}")
    if arrays["network"] != emulator.network.fingerprint():
        raise MismatchError(f"{path} is a checkpoint of another network; resume it on the one it was saved from")
    if emulator.network.written and "sparse" not in arrays:
        raise MismatchError(
            f"{path} has the weights that the network was packed with, but this network's were written to since; "
            "resume on the network packed anew"
        )
    emulator.restore(arrays)
