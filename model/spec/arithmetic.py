"""Integer arithmetic of the chip, on plain ints. `ganglion.hdl.lib.arith` has a twin of the same name for each."""

import operator
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.errors import ProgramError

Number = TypeVar("Number", int, Array)


def signed_range(bits: int) -> tuple[int, int]:
    """The least and the greatest number that `bits` two's complement bits hold."""
    return -(1 << (bits - 1)), (1 << (bits - 1)) - 1


def saturate(value: int, bits: int) -> int:
    """The nearest number that `bits` two's complement bits hold."""
    low, high = signed_range(bits)
    return max(low, min(high, value))


def wrap(value: Number, bits: int) -> Number:
    """The low `bits` bits, read as two's complement: addition modulo 2^bits. Of an array, of each of its numbers."""
    half = 1 << (bits - 1)
    return ((value + half) & ((1 << bits) - 1)) - half


def decay(value: int, m: int, s: int) -> int:
    """What a variable loses in a step: floor(value * m / 2^s). docs/reference/neurons.md has what follows."""
    return (value * m) >> s


def decay_factor(m: int, s: int, decay_bits: int) -> int:
    """The factor k with `(x * k) >> decay_bits == (x * m) >> s` for every x: the form that the chip multiplies with."""
    return m << (decay_bits - s)


def lowest_terms(m: int, s: int) -> tuple[int, int]:
    """The same decay with the smallest m and s: halving both m and 2^s changes no floor(x * m / 2^s)."""
    if m == 0:
        return 0, 0
    halves = min(s, (m & -m).bit_length() - 1)
    return m >> halves, s - halves


def whole_number(name: str, value: Any, low: int, high: int) -> int:
    """The value, if it is a whole number in the range.

    Raises:
        ProgramError: it is not; says what it must be.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise ProgramError(f"{name} must be a whole number from {low} to {high}, not {value!r}") from None
    if not low <= number <= high:
        raise ProgramError(f"{name} must be {low} to {high}, not {number}")
    return number


def integers(name: str | Callable[[int], str], values: npt.ArrayLike, low: int, high: int) -> IntArray:
    """The values, if all are whole numbers in the range, flat.

    Args:
        name: what a value is called, or a function that tells it from the value's place.

    Raises:
        ProgramError: one is not; names the first.
    """
    if type(values) is int and low <= values <= high:
        return np.array([values], dtype=np.int64)
    try:
        array = np.asarray(values).ravel()
    except ValueError:
        raise ProgramError(f"{name if isinstance(name, str) else name(0)} is not an array: {values!r}") from None
    if array.dtype.kind in "iu" and (not array.size or low <= int(array.min()) <= int(array.max()) <= high):
        return array.astype(np.int64, copy=False)
    if not array.size:
        return np.zeros(0, dtype=np.int64)
    whole = array.dtype.kind in "iu"
    at = int(np.flatnonzero((array < low) | (array > high))[0]) if whole else 0
    called = name if isinstance(name, str) else name(at)
    raise ProgramError(
        f"{called} must be {low} to {high}, not {array[at]}"
        if whole
        else f"{called} must be a whole number from {low} to {high}, not {array.tolist()[at]!r}"
    )
