"""Numbers that a user gives."""

import operator
from typing import Any

from ganglion.model.spec.errors import ProgramError


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
