"""What a run leaves behind: the state at a moment, and the trace of a whole run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.fields import STATE_FIELDS

COUNTED = ("spikes", "synops", "overflows")
"""Counters that every target has."""


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


@dataclass(frozen=True, eq=False, kw_only=True)
class Trace:
    """What one run of a target produced."""

    ran_on: str
    """Name of the target that ran it: reference, emulator, rtl, board."""
    first: int
    """Number of the first step."""
    spikes: IntArray
    """Shape (spikes, 2): step and neuron, ascending."""
    counters: dict[str, IntArray]
    """Per step, shape (steps,): those of `COUNTED`, and what else a target counts."""
    states: list[State] = field(default_factory=list)
    """The state at the end of each step, where the run was asked to keep it."""
    probes: dict[str, IntArray] = field(default_factory=dict)
    """State fields of the neurons that the run was asked to record, shape (steps, neurons) each."""

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.counters["synops"])

    def spikes_per_step(self) -> Iterator[IntArray]:
        """The neurons that fired, step by step."""
        bounds = np.searchsorted(self.spikes[:, 0], np.arange(self.first, self.first + self.steps + 1))
        for begin, stop in pairwise(bounds):
            yield self.spikes[begin:stop, 1]

    def counts(self, neurons: npt.ArrayLike) -> IntArray:
        """How often each of `neurons` fired, shape (len(neurons),)."""
        wanted = np.asarray(neurons)
        size = int(max(wanted.max(initial=-1), self.spikes[:, 1].max(initial=-1))) + 1
        counts: IntArray = np.bincount(self.spikes[:, 1], minlength=size)[wanted]
        return counts

    def total(self, counter: str) -> int:
        """Sum of a counter over the run."""
        return int(self.counters[counter].sum())
