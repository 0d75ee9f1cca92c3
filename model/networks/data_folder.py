"""Where real data is: the folder of the user's choice, one beside the project, or the user's cache."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ganglion.model.cache import cache_folder
from ganglion.model.spec.errors import ToolError

VARIABLE = "GANGLION_DATA"
"""Environment variable that names the folder."""

BESIDE_PROJECT = Path(__file__).resolve().parents[3] / "shared" / "data"
"""Where data is when Ganglion runs from its repository."""


def places(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """The folders that are looked in, in this order; the variable alone where it is set."""
    if environment.get(VARIABLE):
        return [Path(environment[VARIABLE]).expanduser()]
    with suppress(ToolError):
        return [BESIDE_PROJECT, cache_folder(environment) / "data"]
    return [BESIDE_PROJECT]


def data_file(name: str, source: str, folder: str | Path | None = None) -> Path:
    """A file of real data.

    Args:
        name: its path inside the folder of data.
        source: where it can be had, for the message.
        folder: look here alone; None looks in `places()`.

    Raises:
        ToolError: it is in none of the places; the message names them all and says what to do.
    """
    looked = [Path(folder)] if folder is not None else places()
    for place in looked:
        if (place / name).is_file():
            return place / name
    raise ToolError(
        f"the data file {name} is in none of: {', '.join(map(str, looked))}. Get it from {source}, "
        f"and set {VARIABLE} to the folder that has {name}"
    )
