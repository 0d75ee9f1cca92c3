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
