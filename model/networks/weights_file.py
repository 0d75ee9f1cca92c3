"""Arrays of a trained network on disk: integers, and beside each the fraction that rounding took from it.

The integers are the network. With the fractions, in 256ths, they are its float original, which accuracy is compared
with; so both are in one file, and neither needs the script that trained them.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.files import written_whole
from ganglion.model.spec.untrusted import load_npz

IntArrays = dict[str, IntArray]
FloatArrays = dict[str, FloatArray]

FRACTION_BITS = 8

FRACTION = "_fraction"
"""Ends the name of an array of fractions."""


def as_stored(values: npt.ArrayLike) -> FloatArray:
    """Floats as a file holds them: within 1/256, and with the same nearest integers (half to even)."""
    whole, fraction = _divided(values)
    return np.asarray(whole + fraction / (1 << FRACTION_BITS))


def _divided(values: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """The nearest integers, and the fractions in 256ths, less than a half, so that they round to the same integers."""
    exact = np.asarray(values, dtype=np.float64)
    whole = np.rint(exact)
    _, most = signed_range(FRACTION_BITS)
    return whole, np.clip(np.rint((exact - whole) * (1 << FRACTION_BITS)), -most, most)


def save_arrays(arrays: Mapping[str, npt.ArrayLike], path: str | Path) -> None:
    """Write arrays of floats as the nearest integers (half to even), and fractions in 256ths, 127 at most.

    The file is not compressed, so that the same network is the same bytes everywhere.

    Args:
        arrays: by name; integers of 8 bits are stored as such.
        path: file to write.
    """
    stored: dict[str, npt.NDArray[np.generic]] = {}
    for name, values in arrays.items():
        whole, fraction = _divided(values)
        narrow = np.abs(whole).max(initial=0) <= np.iinfo(np.int8).max
        stored[name] = whole.astype(np.int8 if narrow else "<i4")
        stored[name + FRACTION] = fraction.astype(np.int8)
    with written_whole(path) as file:
        np.savez(file, allow_pickle=False, **stored)


def load_arrays(path: str | Path, shapes: Mapping[str, tuple[int | str, ...]]) -> tuple[IntArrays, FloatArrays]:
    """Read a network.

    Args:
        path: file that `save_arrays` wrote.
        shapes: the arrays it must have, and their shapes; a name in them is a size that the file decides, the same
            wherever the name is.

    Returns:
        The integers, and the float originals, by name.

    Raises:
        FormatError: no such file, cut short, another kind of file, or another shape.
    """
    integers, floats = IntArrays(), FloatArrays()
    names = [part for name in shapes for part in (name, name + FRACTION)]
    stored = load_npz(path, "network of this kind", names, hint="docs/reference/networks.md says how to make it")
    sizes: dict[str, int] = {}
    for name, wanted in shapes.items():
        for size, there in zip(wanted, stored[name].shape, strict=False):
            if isinstance(size, str):
                sizes.setdefault(size, there)
        shape = tuple(sizes.get(size, 0) if isinstance(size, str) else size for size in wanted)
        for part in (name, name + FRACTION):
            form = f"{stored[part].dtype} of {stored[part].shape}"
            if stored[part].shape != shape or stored[part].dtype.kind != "i":
                raise FormatError(f"{path}: {part} must be integers of shape {shape}, not {form}")
        integers[name] = stored[name].astype(np.int64)
        floats[name] = integers[name] + stored[name + FRACTION] / (1 << FRACTION_BITS)
    return integers, floats
