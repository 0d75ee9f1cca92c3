"""What the parts of the parameters have in common: checks that name the field, what it may be, and what it is."""

import operator
from dataclasses import dataclass
from typing import Any

from ganglion.model.spec.errors import ParamsError


@dataclass(frozen=True, kw_only=True)
class Part:
    """Base of the parts that `Params` is made of: some fields, and the check of their values.

    A part is a frozen dataclass. Its `__post_init__` calls that of the next part and then checks the fields of its own.
    """

    name: str = "custom"
    """What messages call these parameters."""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise ParamsError(f"name must be a string, not {self.name!r}")

    def _whole(self, **ranges: tuple[int, int]) -> None:
        """Fields are whole numbers of these ranges; NumPy's become plain ones."""
        for field, (low, high) in ranges.items():
            value = whole(getattr(self, field))
            if value is None or not low <= value <= high:
                raise ParamsError(f"{field} must be a whole number from {low} to {high}, not {getattr(self, field)!r}")
            object.__setattr__(self, field, value)

    def _one_of(self, **choices: tuple[int, ...]) -> None:
        """Fields are one of these whole numbers."""
        for field, values in choices.items():
            value = whole(getattr(self, field))
            if value not in values:
                *most, last = values
                raise ParamsError(
                    f"{field} must be {', '.join(map(str, most))} or {last}, not {getattr(self, field)!r}"
                )
            object.__setattr__(self, field, value)

    def _power_of_two(self, *fields: str) -> None:
        """Fields, known to be positive, are powers of two."""
        for field in fields:
            if (value := getattr(self, field)).bit_count() != 1:
                raise ParamsError(f"{field} must be a power of two, not {value}")


def whole(value: Any) -> int | None:
    """A whole number, NumPy's too, as a plain one; None if it is none."""
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def bits_for(count: int) -> int:
    """Bits that number `count` things from 0: 1 for one or two of them, 8 for 256."""
    return max(1, (count - 1).bit_length())
