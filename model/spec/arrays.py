"""NumPy arrays: their types, for annotations, and arrays that cannot be written."""

from typing import Any

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
"""Whole numbers: the chip's values, indices and counts."""

FloatArray = npt.NDArray[np.float64]
"""Values before they are quantised, and figures."""

BoolArray = npt.NDArray[np.bool_]
"""Masks."""

Array = npt.NDArray[Any]
"""An array of any type of number."""


def read_only(values: npt.ArrayLike) -> IntArray:
    """Whole numbers as int64, which cannot be written through this array."""
    view = np.asarray(values, dtype=np.int64).view()
    view.setflags(write=False)
    return view


def rank(keys: IntArray) -> IntArray:
    """How many elements with the same key stand before each element."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    start = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
    length = np.diff(start, append=keys.size)
    ranks = np.empty(keys.size, dtype=np.int64)
    ranks[order] = np.arange(keys.size) - np.repeat(start, length)
    return ranks
