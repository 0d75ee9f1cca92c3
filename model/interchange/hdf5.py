"""HDF5 files that anyone may have written.

The library decodes in a process of its own, since some damaged files make it end the process or never end. Links of
every kind, data in other files, and more than the file's size allows are refused.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ganglion.model.interchange.apart import decode_apart
from ganglion.model.spec.arrays import Array

DECODER = Path(__file__).with_name("decode_hdf5.py")


def load_hdf5(
    path: str | Path, what: str, paths: Sequence[str] | None = None, sample: int | None = None
) -> dict[str, Array]:
    """What is in an HDF5 file, by its path, as in "/node/type".

    A dataset has its path, text is Unicode. Rows of different lengths are `PATH//values`, one behind the other, and
    `PATH//lengths`. A group is `PATH/`, of no numbers, and an attribute `PATH@name`.

    Args:
        path: the file.
        what: what it should be, for messages.
        paths: read these datasets alone, and of others `PATH//shape`, and `PATH//ragged` where their rows
            differ in length; None reads all.
        sample: the row that is read of those whose rows differ in length; None reads all.

    Raises:
        FormatError: the file cannot be read, or is not one that may be; names the part of it.
    """
    return decode_apart(DECODER, Path(path), what, (paths, sample))


def load_tree(path: str | Path, what: str) -> dict[str, Any]:
    """An HDF5 file as dictionaries in dictionaries of arrays; a text is a string. Attributes are left out.

    Raises:
        FormatError: as `load_hdf5`.
    """
    root: dict[str, Any] = {}
    for where, array in load_hdf5(path, what).items():
        *groups, name = where.removeprefix("/").split("/")
        into = root
        for group in groups:
            into = into.setdefault(group, {})
        if name and "@" not in name:
            into[name] = str(array) if array.dtype.kind == "U" and not array.ndim else array
    return root
