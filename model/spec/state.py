"""The state of a network at a moment."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.fields import STATE_FIELDS


class State:
    """All state of a network at the end of a step, in the network's own neuron order.

    An array of int64 for each field of `ganglion.model.spec.fields.STATE_FIELDS`, under its name: of shape (neurons,),
    or (D, neurons) where there is one value per slot of delay. Options that a chip lacks are zeros, so that states of
    any two targets compare.

    Args:
        arrays: all fields, by name.
        step: number of the step that comes next.

    Raises:
        FormatError: a field is missing or unknown.
    """

    def __init__(self, arrays: Mapping[str, IntArray], *, step: int = 0) -> None:
        if arrays.keys() != _NAMES.keys():
            raise FormatError(f"a state has the fields {', '.join(_NAMES)}, not {', '.join(arrays)}")
        self.step = step
        self.__dict__.update(arrays)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> IntArray: ...

    @classmethod
    def zeros(cls, neurons: int, delay_slots: int) -> "State":
        """The state of a network that has just been loaded."""
        shapes = {spec.name: (delay_slots, neurons) if spec.per_slot else (neurons,) for spec in STATE_FIELDS}
        return cls({name: np.zeros(shape, dtype=np.int64) for name, shape in shapes.items()})

    def copy(self) -> "State":
        """A copy that later steps do not touch."""
        return State({name: array.copy() for name, array in self.arrays().items()}, step=self.step)

    def arrays(self) -> dict[str, IntArray]:
        """All fields, by name."""
        return {name: getattr(self, name) for name in _NAMES}


_NAMES = {spec.name: spec for spec in STATE_FIELDS}
