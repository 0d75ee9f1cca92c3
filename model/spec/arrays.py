"""Types of NumPy arrays, for annotations."""

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
