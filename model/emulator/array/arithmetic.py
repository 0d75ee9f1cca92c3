"""Arithmetic of the neurons of a network over arrays, in the integers of the chip; floats have a twin elsewhere."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arithmetic import lowest_terms, signed_range, wrap
from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.decay import NEVER
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.noise import noise_array
from ganglion.model.spec.params import GUARD_BITS, Params
from ganglion.model.spec.program import Program

EXACT = 1 << 53
"""Sums of whole numbers up to here are exact in float64, in which synapses deliver."""


class Arithmetic(ABC):
    """What integers and floats do differently. Constants have shape (neurons, 1), values (neurons, samples)."""

    xp: Any
    """The array module."""
    dtype: Any
    """Of values."""
    exact: float
    """Sums up to here are as they should be in whatever order they are added."""
    threshold: Array
    bias: Array
    v_reset: Array
    period: Array
    """Steps of the refractory period."""
    adaptation_raise: Array
    current: Array
    """Whether the neuron has a synaptic current; shape (neurons, 1), as the next two."""
    subtract: Array
    """Whether its reset subtracts the threshold."""
    inclusive: Array
    """Whether a membrane that equals the threshold spikes too."""
    uses: frozenset[str]
    """What at least one neuron uses: "current", "refractory", "adaptation", "inclusive", "subtract", "value"."""

    def _constants(self, **columns: npt.NDArray[Any]) -> None:
        """Set the constants, from one value per neuron each."""
        for name, values in columns.items():
            setattr(self, name, self.xp.asarray(np.ascontiguousarray(values[:, np.newaxis])))
        used = {
            "current": columns["current"].any(),
            "refractory": columns["period"].any(),
            "adaptation": columns["adaptation_raise"].any(),
            "inclusive": columns["inclusive"].any(),
            "subtract": columns["subtract"].any(),
            "value": not columns["subtract"].all(),
        }
        self.uses = frozenset(name for name, used_ in used.items() if used_)

    @abstractmethod
    def leak(self, field: str, values: Array) -> Array | None:
        """What v, u or a loses in a step; None where it is nothing."""

    @abstractmethod
    def fit(self, field: str, values: Array) -> Array:
        """What v, u or a becomes in its field of the chip."""

    @abstractmethod
    def arrive(self, sums: Array, bound: int) -> tuple[Array, Array | None]:
        """The input of a step, from the sums of what was delivered.

        Args:
            sums: shape (neurons, samples).
            bound: no sum is greater, in magnitude.

        Returns:
            the input, and the neurons whose sum did not fit, shape (neurons, samples); None where all do.
        """

    @abstractmethod
    def noise(self, step: int) -> Array | None:
        """What is added to v in a step besides, shape (neurons, 1); None where it is nothing."""


class Integers(Arithmetic):
    """Neurons of a program, by the book.

    Args:
        params: widths.
        types: neuron types.
        type: of each neuron, shape (neurons,).
        threshold, bias: shape (neurons,).
        seed: of the noise.
        xp: the array module.
    """

    def __init__(
        self,
        params: Params,
        types: Sequence[NeuronType],
        type: IntArray,
        threshold: IntArray,
        bias: IntArray,
        seed: int = 0,
        xp: Any = np,
    ) -> None:
        self.xp, self.dtype, self.exact, self.params = xp, xp.int64, EXACT, params

        def column(values: Sequence[Any]) -> npt.NDArray[Any]:
            return np.array(values)[type]

        self._constants(
            threshold=threshold,
            bias=bias,
            v_reset=column([t.v_reset for t in types]),
            period=column([t.refractory for t in types]),
            adaptation_raise=column([t.adaptation_raise for t in types]),
            current=column([t.current_decay is not None for t in types]),
            subtract=column([t.reset == "subtract" for t in types]),
            inclusive=np.zeros(type.size, dtype=bool),
        )
        decays = {
            "v": [lowest_terms(*t.decay) for t in types],
            "u": [lowest_terms(*(t.current_decay or NEVER)) for t in types],
            "a": [lowest_terms(*t.adaptation_decay) for t in types],
        }
        self._leaks = {field: self._leak(pairs, type) for field, pairs in decays.items()}
        widths = {"v": params.membrane_bits, "u": params.current_bits, "a": params.adaptation_bits}
        self._ranges = {field: signed_range(bits) if bits else (0, 0) for field, bits in widths.items()}
        self._seed = seed
        self._noisy = any(t.noise for t in types)
        self._noise_bits = column([t.noise for t in types])
        self._numbers = np.arange(type.size)

    @classmethod
    def of(cls, program: Program, xp: Any = np) -> "Integers":
        """Those of a program."""
        p = program
        return cls(p.params, p.types, p.type, p.threshold, p.bias, p.seed, xp)

    def _leak(self, pairs: Sequence[tuple[int, int]], type: IntArray) -> tuple[Array | None, Array] | None:
        """Factor and shift of a decay; no factor where all are 1, None where nothing decays."""
        if all(pair == NEVER for pair in pairs):
            return None
        m, s = (self.xp.asarray(np.array(values)[type][:, np.newaxis]) for values in zip(*pairs, strict=True))
        return (None if all(factor == 1 for factor, _ in pairs) else m), s

    def leak(self, field: str, values: Array) -> Array | None:
        found = self._leaks[field]
        if found is None:
            return None
        m, s = found
        return (values if m is None else values * m) >> s

    def fit(self, field: str, values: Array) -> Array:
        clipped: Array = self.xp.clip(values, *self._ranges[field])
        return clipped

    def arrive(self, sums: Array, bound: int) -> tuple[Array, Array | None]:
        bits = self.params.accumulator_bits
        if bound <= signed_range(bits)[1]:
            return sums, None
        exact = wrap(sums, bits + GUARD_BITS)
        i = wrap(exact, bits)
        return i, i != exact

    def noise(self, step: int) -> Array | None:
        if not self._noisy:
            return None
        drawn = noise_array(self._seed, step, self._numbers, self._noise_bits)
        column: Array = self.xp.asarray(drawn[:, np.newaxis])
        return column
