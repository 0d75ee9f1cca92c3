"""What tasks that learn have in common: the chip they are for, what opens a target, what came of one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import Array, FloatArray, IntArray
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target

Open = Callable[[Program], Target]
"""Makes a target of a program; whoever called closes it."""

CHIP = PRESETS["ulx3s-learning"]
"""The chip that tasks are for."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Curve:
    """A figure against another."""

    x: IntArray
    """Shape (points,)."""
    y: FloatArray
    """Shape (points,)."""
    x_name: str
    y_name: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Learned:
    """What came of a task."""

    program: Program
    """The network, with the weights that it began with."""
    measure: str
    """What the score is."""
    score: float
    """0 … 1."""
    wanted: float
    """The score that the task asks for, after its usual length."""
    curves: Sequence[Curve]
    """How well it was done, over time or by what was asked."""
    pictures: Mapping[str, tuple[Array, Array]]
    """By what they show: weights before and after, (rows, columns) both."""
    facts: Mapping[str, str]
    """What else was found, by name."""
    counters: Mapping[str, int]
    """Totals of the target's counters."""
    film: IntArray = field(default_factory=lambda: np.zeros((0, 3), dtype=np.int64))
    """Of a game, (pictures, 3): the ball's column and row, and the paddle's row."""


def joined(groups: Sequence[Sequence[npt.ArrayLike]]) -> list[IntArray]:
    """Columns of synapses: those of all groups, one behind the other; the first of a group's columns has a value for
    each of its synapses, the others may have one for all."""
    sizes = [np.size(group[0]) for group in groups]
    return [
        np.concatenate([np.broadcast_to(np.asarray(group[k]), size) for group, size in zip(groups, sizes, strict=True)])
        for k in range(len(groups[0]))
    ]
