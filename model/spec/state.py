"""The state of a network at a moment."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import FormatError, ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.fields import STATE_FIELDS
from ganglion.model.spec.learning_fields import LEARNING_STATE

MODULATORS = 4
"""Modulators that a state tells of a network that learns."""


@explained(ProgramError)
class State:
    """All state of a network at the end of a step, in the network's own neuron order.

    An array of int64 for each field of `ganglion.model.spec.fields.STATE_FIELDS`, under its name: of shape (neurons,),
    or (D, neurons) where there is one value per slot of delay. Of a network that learns also one for each field of
    `ganglion.model.spec.learning_fields.LEARNING_STATE`: of shape (sources,), inputs first; of (neurons,) or (D,
    neurons); or of (synapses that have a rule,). Options that a chip lacks are zeros, so that states of any two targets
    compare.

    Args:
        arrays: all fields, by name.
        step: number of the step that comes next.
        learned: steps done while learning was on.
        modulators: r0 to r3.

    Raises:
        FormatError: a field is missing or unknown.
    """

    def __init__(
        self,
        arrays: Mapping[str, IntArray],
        *,
        step: int = 0,
        learned: int = 0,
        modulators: Sequence[int] = (0,) * MODULATORS,
    ) -> None:
        self.learns = len(arrays) > len(_NAMES)
        """Whether it is of a network that learns."""
        names = _ALL_NAMES if self.learns else _NAMES
        if arrays.keys() != set(names):
            raise FormatError(f"a state has the fields {', '.join(names)}, not {', '.join(arrays)}")
        self.step = step
        self.learned = learned
        self.modulators = tuple(modulators)
        self.__dict__.update(arrays)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> IntArray: ...

    @classmethod
    def zeros(cls, neurons: int, delay_slots: int) -> "State":
        """The state of a network without learning that has just been loaded."""
        shapes = {spec.name: (delay_slots, neurons) if spec.per_slot else (neurons,) for spec in STATE_FIELDS}
        return cls({name: np.zeros(shape, dtype=np.int64) for name, shape in shapes.items()})

    def copy(self) -> "State":
        """A copy that later steps do not touch."""
        arrays = {name: array.copy() for name, array in self.arrays().items()}
        return State(arrays, step=self.step, learned=self.learned, modulators=self.modulators)

    def arrays(self) -> dict[str, IntArray]:
        """All fields, by name."""
        return {name: getattr(self, name) for name in (_ALL_NAMES if self.learns else _NAMES)}


_NAMES = tuple(spec.name for spec in STATE_FIELDS)
_ALL_NAMES = (*_NAMES, *(spec.name for spec in LEARNING_STATE))
