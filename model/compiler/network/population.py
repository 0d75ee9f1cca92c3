"""Inputs and populations: what a network is made of, with a parameter per neuron."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.decay import Decay
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.program import MOST_NEURONS

Shape = tuple[int, ...]

RESETS = ("value", "subtract")


@dataclass(frozen=True, eq=False, kw_only=True)
class Input:
    """Axons that the host drives."""

    name: str
    shape: Shape
    """Shape of the array of axons; axon numbers count through it in C order."""

    @property
    def size(self) -> int:
        """Number of axons."""
        return math.prod(self.shape)

    @property
    def summary(self) -> str:
        """It in a few words."""
        return shape_text(self.shape)

    def __repr__(self) -> str:
        return f"<Input '{self.name}' {self.summary}>"


@explained(NetworkError)
@dataclass(frozen=True, eq=False, kw_only=True)
class Population:
    """Neurons of one type, in the user's own units (floats). All arrays have shape (size,).

    A step of a neuron that is not refractory, with input i (the weights that arrive in this step)::

        u = u - current_decay * u + i           (u = i without a current)
        a = a - adaptation_decay * a
        v = v - decay * v + u + bias
        if v > threshold + a:                   (>= where inclusive)
            spike;  v = v_reset or v - threshold;  a = a + adaptation_raise
    """

    name: str
    shape: Shape
    spiking: bool
    """False: a read-out, whose output is its membrane; it never fires."""
    threshold: FloatArray
    """Of a read-out: infinity."""
    bias: FloatArray
    decay: FloatArray
    """Fraction of v lost in a step, 0 … 1."""
    reset: str
    """"value" or "subtract"."""
    v_reset: FloatArray
    refractory: IntArray
    """Steps."""
    current_decay: FloatArray | None
    """Fraction of the synaptic current lost in a step; None is a population without a current."""
    adaptation_decay: FloatArray
    adaptation_raise: FloatArray
    inclusive: bool
    """Whether a membrane equal to the threshold spikes too."""
    rest: FloatArray
    """What the membrane 0 stands for where the user's membranes are measured from elsewhere (v_leak of NIR)."""

    @classmethod
    def build(
        cls,
        name: str,
        shape: int | npt.ArrayLike,
        *,
        spiking: bool = True,
        reset: str = "value",
        inclusive: bool = False,
        **parameters: npt.ArrayLike | None,
    ) -> "Population":
        """A checked population.

        Args:
            name: what messages call it.
            shape: number of neurons, or the shape of their array.
            spiking: False is a read-out.
            reset: as the field.
            inclusive: as the field.
            parameters: those of `PARAMETERS`, each one value or an array of the shape or size; 0 where not given.

        Raises:
            NetworkError: an argument has the wrong shape or value; the message names both.
        """
        where = f"{'population' if spiking else 'read-out'} '{name}'"
        axes = parse_shape(where, shape)
        if reset not in RESETS:
            raise NetworkError(f'{where}: reset must be "value" or "subtract", not {reset!r}')
        values: dict[str, Any] = {}
        for field, check in PARAMETERS.items():
            given = parameters.get(field, None if field == "current_decay" else 0)
            values[field] = None if given is None else check(f"{where}: {field}", given, axes)
        if not spiking:
            values["threshold"] = np.full(math.prod(axes), np.inf)
        if spiking and values["threshold"] is None:
            raise NetworkError(f"{where}: threshold must be numbers, not None")
        if spiking and reset == "value" and (wrong := np.flatnonzero(values["v_reset"] > values["threshold"])).size:
            k = wrong[0]
            raise NetworkError(
                f"{where}: v_reset must not be above the threshold, or the neuron fires for ever; neuron {k} has "
                f"v_reset {values['v_reset'][k]:g}, threshold {values['threshold'][k]:g}"
            )
        return cls(name=name, shape=axes, spiking=spiking, reset=reset, inclusive=bool(inclusive), **values)

    @property
    def size(self) -> int:
        """Number of neurons."""
        return math.prod(self.shape)

    @property
    def channel(self) -> IntArray:
        """Output channel of each neuron, shape (size,): its index along the first axis of `shape`."""
        return np.repeat(np.arange(self.shape[0]), self.size // self.shape[0])

    @property
    def type(self) -> str:
        """What the field calls these neurons."""
        current = "CUBA-" if self.current_decay is not None else ""
        if not self.spiking:
            return current + ("LI" if self.decay.any() else "I")
        if (self.decay == 1).all() and not current:
            return "binary"
        adaptive = "A" if self.adaptation_raise.any() else ""
        return current + adaptive + ("LIF" if self.decay.any() else "IF")

    @property
    def summary(self) -> str:
        """It in a few words: the parameters that matter."""
        values = [self.type]
        if self.spiking:
            values.append(f"threshold {range_text(self.threshold)}")
            values.append(
                "reset by subtraction" if self.reset == "subtract" else f"reset to {range_text(self.v_reset)}"
            )
        if self.decay.any() and self.type != "binary":
            values.append(f"decay {range_text(self.decay)}")
        if self.current_decay is not None:
            values.append(f"current decay {range_text(self.current_decay)}")
        if self.bias.any():
            values.append(f"bias {range_text(self.bias)}")
        if self.refractory.any():
            values.append(f"refractory {range_text(self.refractory)}")
        return f"{shape_text(self.shape)} {', '.join(values)}"

    def __repr__(self) -> str:
        return f"<Population '{self.name}' {self.summary}>"


def parse_shape(where: str, shape: int | npt.ArrayLike) -> Shape:
    """A shape from a number or a sequence of them.

    Raises:
        NetworkError: an axis that is not a whole number from 1.
    """
    axes = np.atleast_1d(np.asarray(shape))
    if axes.dtype.kind in "iu" and axes.size and axes.min() > 0 and math.prod(axes.tolist()) > MOST_NEURONS:
        size = math.prod(axes.tolist())
        raise NetworkError(f"{where}: shape {shape!r} is {size:,}, and {MOST_NEURONS:,} are the most")
    if axes.ndim != 1 or not axes.size or axes.dtype.kind not in "iu" or (axes < 1).any():
        raise NetworkError(f"{where}: shape must be whole numbers from 1, such as 128 or (8, 28, 28), not {shape!r}")
    return tuple(int(axis) for axis in axes)


def per_neuron(where: str, value: npt.ArrayLike, shape: Shape) -> FloatArray:
    """One value per neuron, flat, from one value or from an array of the population's shape or size.

    Raises:
        NetworkError: another shape, or something that is not a finite number.
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise NetworkError(f"{where} must be numbers, not {value!r}") from None
    size = math.prod(shape)
    if array.ndim and array.shape not in (shape, (size,)):
        raise NetworkError(f"{where} must be one value or have shape {shape}, not {array.shape}")
    wrong = np.flatnonzero(~np.isfinite(array.ravel()))
    if wrong.size:
        raise NetworkError(f"{where} must be finite; value {wrong[0]} is {array.ravel()[wrong[0]]}")
    return np.broadcast_to(array.ravel(), (size,)).copy()


def fraction(where: str, value: npt.ArrayLike, shape: Shape) -> FloatArray:
    """As `per_neuron`, for the fraction lost in a step, from 0 to 1, or a `Decay`.

    Raises:
        NetworkError: as `per_neuron`, or a value out of range.
    """
    if isinstance(value, Decay):
        value = value.m / (1 << value.s)
    array = per_neuron(where, value, shape)
    wrong = np.flatnonzero((array < 0) | (array > 1))
    if wrong.size:
        raise NetworkError(
            f"{where} is the fraction lost in a step, 0 to 1; neuron {wrong[0]} has {array[wrong[0]]:g}. "
            "For a time constant of tau steps it is 1 / tau (Euler) or 1 - exp(-1 / tau)"
        )
    return array


def steps(where: str, value: npt.ArrayLike, shape: Shape) -> IntArray:
    """As `per_neuron`, for whole numbers of steps from 0.

    Raises:
        NetworkError: as `per_neuron`, or a value that is negative or not whole.
    """
    array = per_neuron(where, value, shape)
    wrong = np.flatnonzero((array < 0) | (array != np.rint(array)))
    if wrong.size:
        raise NetworkError(f"{where} is a whole number of steps from 0; neuron {wrong[0]} has {array[wrong[0]]:g}")
    return array.astype(np.int64)


PARAMETERS: dict[str, Callable[[str, npt.ArrayLike, Shape], Any]] = {
    "threshold": per_neuron,
    "decay": fraction,
    "bias": per_neuron,
    "v_reset": per_neuron,
    "refractory": steps,
    "current_decay": fraction,
    "adaptation_decay": fraction,
    "adaptation_raise": per_neuron,
    "rest": per_neuron,
}
"""The parameters that each neuron has, and the check of each."""


def shape_text(shape: Shape) -> str:
    """(8, 28, 28) as 8x28x28."""
    return "x".join(map(str, shape))


def range_text(values: FloatArray | IntArray) -> str:
    """All values in short: one of them where they are equal, otherwise the least and the greatest."""
    low, high = float(values.min()), float(values.max())
    return f"{low:.4g}" if low == high else f"{low:.4g} … {high:.4g}"
