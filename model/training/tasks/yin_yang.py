"""The Yin-Yang data set (Kriener, Göltz and Petrovici 2022): points of a disc, and the part of the symbol they are in.

Its rules: points are uniform in the disc of radius 1/2 around (1/2, 1/2), drawn anew until one is of a class that was
drawn before, so that classes are alike in number. Dots have radius 1/10 around (1/4, 1/2) and (3/4, 1/2). What is in a
dot is of class 2. Of the rest, yin, class 1, is what is within 1/4 of the left dot's centre, and what has y > 1/2 and
is further than 1/4 from the right dot's; yang, class 0, is all else. Inputs are x, y, 1 - x and 1 - y.
"""

import numpy as np

from ganglion.model.spec.arrays import FloatArray, IntArray

BIG, SMALL = 0.5, 0.1
"""Radii of the disc and of a dot."""


def classes(x: FloatArray, y: FloatArray) -> IntArray:
    """0 is yang, 1 is yin, 2 is a dot."""
    left = np.hypot(x - BIG / 2, y - BIG)
    right = np.hypot(x - 3 * BIG / 2, y - BIG)
    yin = (left <= BIG / 2) | ((y > BIG) & (right > BIG / 2))
    return np.where((left < SMALL) | (right < SMALL), 2, yin).astype(np.int64)


def points(count: int, seed: int) -> tuple[FloatArray, IntArray]:
    """Inputs, shape (count, 4), 0 … 1, and classes."""
    rng = np.random.default_rng(seed)
    wanted = rng.integers(0, 3, count)
    x, y = np.empty(count), np.empty(count)
    missing = np.arange(count)
    while missing.size:
        drawn = 2 * BIG * rng.random((2, missing.size))
        inside = np.hypot(drawn[0] - BIG, drawn[1] - BIG) <= BIG
        right = inside & (classes(drawn[0], drawn[1]) == wanted[missing])
        x[missing[right]], y[missing[right]] = drawn[:, right]
        missing = missing[~right]
    return np.stack([x, y, 1 - x, 1 - y], axis=1), wanted
