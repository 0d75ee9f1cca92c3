"""What makes a training repeat to the same bits on any machine: exact sums, raw random words, elementwise steps.

Sums of whole numbers below 2^53 are exact in float64 in whatever order, with however many threads; every other
operation is an elementwise one that IEEE 754 rounds correctly, and there is no exp, log or power.
"""

import numpy as np

from ganglion.model.emulator.array.arithmetic import EXACT
from ganglion.model.spec.arrays import FloatArray, IntArray


def exact_product(a: FloatArray, b: FloatArray) -> FloatArray:
    """The matrix product of two arrays of whole numbers, exactly.

    Raises:
        OverflowError: a sum could leave the whole numbers that float64 holds.
    """
    if a.size and b.size and np.abs(a).max() * np.abs(b).max() * a.shape[-1] > EXACT:
        raise OverflowError(f"sums of {a.shape[-1]} products could pass 2^53; scale the operands down")
    return np.asarray(a @ b)


class Draws:
    """Uniform numbers of a seed, from the raw stream of PCG64 (see `digits_data.raw_draws`)."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def uniform(self, *shape: int) -> FloatArray:
        """Multiples of 2^-53 in 0 … 1."""
        raw = np.asarray(self._bits.random_raw(int(np.prod(shape))), dtype=np.uint64)
        return ((raw >> np.uint64(11)).astype(np.float64) * 2.0**-53).reshape(shape)

    def below(self, limit: int, *shape: int) -> IntArray:
        """Whole numbers 0 … limit - 1."""
        return np.floor(self.uniform(*shape) * limit).astype(np.int64)


class Adam:
    """Adam over a list of arrays, which it changes in place."""

    def __init__(self, values: list[FloatArray]) -> None:
        self.values = values
        self._mean = [np.zeros_like(value) for value in values]
        self._square = [np.zeros_like(value) for value in values]
        self._mean_left = self._square_left = 1.0

    def step(self, gradients: list[FloatArray], rate: float) -> None:
        self._mean_left *= 0.9
        self._square_left *= 0.998
        for value, gradient, mean, square in zip(self.values, gradients, self._mean, self._square, strict=True):
            mean += (gradient - mean) * 0.1
            square += (gradient * gradient - square) * 0.002
            size = np.sqrt(square / (1 - self._square_left)) + 1e-3
            value -= rate * (mean / (1 - self._mean_left)) / size
