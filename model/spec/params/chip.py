"""The parameters of a chip: all parts in one."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.params.core import CoreParams
from ganglion.model.spec.params.learning import LEARNING, LearningParams
from ganglion.model.spec.params.options import Adaptation, Current, Noise, Parity
from ganglion.model.spec.params.tree import TreeParams

DIGIT = 4
"""Bits of one level in the number of `levels`."""

PARTS = {"products": frozenset(LEARNING), "parity": frozenset({"parity"})}
"""Fields that are stored and told only where the field that they hang on is not 0."""


# A dataclass has the fields of its bases from the last to the first.
@explained(ParamsError)
@dataclass(frozen=True, kw_only=True)
class Params(Parity, LearningParams, TreeParams, Noise, Adaptation, Current, CoreParams):
    """The sizes of a chip, checked when they are made. Every width and depth follows from these.

    All fields are keywords and attributes of `Params` itself, whichever part they come from.

    Raises:
        ParamsError: a value out of range, or memories that a packet cannot address; the message names the field, what
            it may be and what it is.
    """

    @property
    def stride(self) -> int:
        """Groups that one cycle of a dense row reaches: two where the weights of a word come in pairs, but one on a
        chip that learns, whose sweeps visit one synapse per lane."""
        return 1 if self.products or self.beats % 2 else 2

    def replace(self, **changes: Any) -> "Params":
        """A copy with some fields changed, called custom unless a name is given.

        Raises:
            ParamsError: a field that there is not, or as when made.
        """
        if unknown := sorted(set(changes) - {f.name for f in fields(self)}):
            raise ParamsError(f"no size of a chip is called {unknown[0]!r}; {', '.join(f.name for f in fields(self))}")
        return replace(self, **{"name": "custom", **changes})

    def to_dict(self) -> dict[str, Any]:
        """All fields, as plain values (what an image file stores); those of PARTS that are off are left out."""
        off = {name for switch, names in PARTS.items() if not getattr(self, switch) for name in names}
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in off}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Params":
        """The inverse of `to_dict`.

        Raises:
            ParamsError: a field is unknown, missing or out of range.
        """
        off = {name for switch, names in PARTS.items() if switch not in values for name in names}
        known = {f.name for f in fields(cls)} - off
        if set(values) != known:
            odd = ", ".join(sorted(set(values) ^ known))
            raise ParamsError(f"these parameters are of another version of Ganglion: fields that differ: {odd}")
        return cls(**values)

    def to_numbers(self) -> tuple[int, ...]:
        """All fields but the name as numbers of 32 bits, in the order of the fields: what a chip tells of itself.

        `levels` is a hexadecimal digit per level, the lowest level last. Fields of PARTS that are off are not told.
        """
        values = {**self.to_dict(), "levels": sum(size << DIGIT * k for k, size in enumerate(self.levels))}
        del values["name"]
        return tuple(int(value) for value in values.values())

    @classmethod
    def from_numbers(cls, numbers: Sequence[int], name: str = "custom") -> "Params":
        """The inverse of `to_numbers`.

        Raises:
            ParamsError: not as many numbers as there are fields, or one out of range.
        """
        lengths = {told_numbers(*on): on for on in product((False, True), repeat=2)}
        if len(numbers) not in lengths:
            raise ParamsError(f"a chip is told by {', '.join(map(str, lengths))} numbers, not by {len(numbers)}")
        names = told_names(*lengths[len(numbers)])
        values: dict[str, Any] = dict(zip(names, (int(number) for number in numbers), strict=True))
        values["levels"] = tuple(int(digit, 16) for digit in reversed(f"{values['levels']:x}") if values["levels"])
        return cls(name=name, **values)

    def differences(self, other: "Params") -> list[str]:
        """Where `other` differs, as 'field: mine, theirs' lines; the name does not count."""
        names = [f.name for f in fields(self) if f.name != "name"]
        pairs = ((name, getattr(self, name), getattr(other, name)) for name in names)
        return [f"{name}: {mine}, {theirs}" for name, mine, theirs in pairs if mine != theirs]


def told_names(learns: bool, protected: bool) -> list[str]:
    """The fields that `Params.to_numbers` tells, in order.

    Args:
        learns: of a chip with learning.
        protected: of a chip with parity.
    """
    on = {"name": False, **dict.fromkeys(PARTS["products"], learns), **dict.fromkeys(PARTS["parity"], protected)}
    return [f.name for f in fields(Params) if on.get(f.name, True)]


def told_numbers(learns: bool, protected: bool) -> int:
    """How many these are."""
    return len(told_names(learns, protected))
