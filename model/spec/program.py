"""A `Program`: what a network means, in integers, with no word about cores."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import NUMBER_BITS, Params

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Program:
    """A flat integer network. Sources of synapses are numbered inputs first, then neurons.

    Use `Program.build`, which sorts and checks; the arrays are the checked result and must not be changed.
    """

    params: Params
    """Widths of the arithmetic (and of the chip it is meant for)."""
    types: tuple[NeuronType, ...]
    threshold: IntArray
    """Shape (neurons,)."""
    bias: IntArray
    """Shape (neurons,)."""
    type: IntArray
    """Shape (neurons,), index into `types`."""
    inputs: int
    """Axons that the host drives."""
    row: IntArray
    """Shape (inputs + neurons + 1,): synapses of source k are row[k] … row[k+1]-1."""
    target: IntArray
    """Shape (synapses,), neuron number."""
    weight: IntArray
    """Shape (synapses,)."""
    delay: IntArray
    """Shape (synapses,), steps, 1 … D-1."""
    outputs: IntArray
    """Neurons whose spikes the host sees, ascending."""
    seed: int = 0
    """Seed of the noise."""
    names: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """The user's population names: first neuron and count of each."""

    @classmethod
    def build(
        cls,
        *,
        params: Params,
        types: tuple[NeuronType, ...],
        threshold: npt.ArrayLike,
        bias: npt.ArrayLike = 0,
        type: npt.ArrayLike = 0,
        inputs: int,
        source: npt.ArrayLike,
        target: npt.ArrayLike,
        weight: npt.ArrayLike,
        delay: npt.ArrayLike = 1,
        outputs: npt.ArrayLike | None = None,
        seed: int = 0,
        names: Mapping[str, tuple[int, int]] | None = None,
    ) -> "Program":
        """A checked program from a list of synapses in any order.

        Args:
            params: widths of the arithmetic.
            types: neuron types.
            threshold: shape (neurons,); this array says how many neurons there are.
            bias: shape (neurons,) or one value.
            type: shape (neurons,) or one index into `types`.
            inputs: number of axons the host drives.
            source: shape (synapses,); k < inputs is input k, otherwise neuron k - inputs.
            target: shape (synapses,), neuron number.
            weight: shape (synapses,).
            delay: shape (synapses,) or one value, steps.
            outputs: neurons reported to the host; None is all of them.
            seed: seed of the noise, 32 bits.
            names: population names, (first neuron, count) each.

        Raises:
            ProgramError: an index, weight, delay, threshold, bias or type out of range; the message says which one.
        """
        thresholds = _integers("threshold", threshold)
        if thresholds.ndim != 1 or not thresholds.size:
            raise ProgramError(f"threshold must have shape (neurons,) with at least one, not {thresholds.shape}")
        neurons = thresholds.size
        sources, targets = _integers("source", source).ravel(), _integers("target", target).ravel()
        synapses = sources.size
        weights = _column("weight", weight, synapses)
        delays = _column("delay", delay, synapses)
        if targets.size != synapses:
            raise ProgramError(f"source names {synapses} synapses, target {targets.size}")
        biases, kinds = _column("bias", bias, neurons), _column("type", type, neurons)
        reported = np.arange(neurons) if outputs is None else np.unique(_integers("outputs", outputs))
        if inputs < 0:
            raise ProgramError(f"inputs must not be negative, not {inputs}")
        if not types:
            raise ProgramError("types must name at least one neuron type")
        half_v, half_w = 1 << (params.membrane_bits - 1), 1 << (params.weight_bits - 1)
        half_b = 1 << (params.bias_bits - 1)
        for name, values, low, high in (
            ("threshold", thresholds, -half_v, half_v - 1),
            ("bias", biases, -half_b, half_b - 1),
            ("type", kinds, 0, len(types) - 1),
            ("source", sources, 0, inputs + neurons - 1),
            ("target", targets, 0, neurons - 1),
            ("weight", weights, -half_w, half_w - 1),
            ("delay", delays, 1, params.delay_slots - 1),
            ("outputs", reported, 0, neurons - 1),
        ):
            _check_range(name, values, low, high)
        if not 0 <= seed < 1 << 32:
            raise ProgramError(f"seed must be a number of 32 bits, not {seed}")
        if params.noise and neurons > 1 << NUMBER_BITS and any(t.noise for t in types):
            raise ProgramError(f"noise tells {1 << NUMBER_BITS} neurons apart, the network has {neurons}")
        for neuron_type in types:
            neuron_type.check(params)
        for name, (first, count) in (names or {}).items():
            if first < 0 or count < 0 or first + count > neurons:
                raise ProgramError(f"population '{name}' is neurons {first} to {first + count - 1} of {neurons}")
        order = np.argsort(sources, kind="stable")
        counts = np.bincount(sources, minlength=inputs + neurons)
        return cls(
            params=params,
            types=tuple(types),
            threshold=thresholds,
            bias=biases,
            type=kinds,
            inputs=inputs,
            row=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
            target=targets[order],
            weight=weights[order],
            delay=delays[order],
            outputs=reported,
            seed=seed,
            names=dict(names or {}),
        )

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return self.threshold.size

    @property
    def synapses(self) -> int:
        """Number of synapses."""
        return self.target.size

    def name_of(self, neuron: int) -> str:
        """The user's name of a neuron, `population[index]`, or its number where it has none."""
        for name, (first, count) in self.names.items():
            if first <= neuron < first + count:
                return f"{name}[{neuron - first}]"
        return str(neuron)

    def __repr__(self) -> str:
        return (
            f"<Program {self.inputs} inputs, {self.neurons} neurons, {self.synapses} synapses, "
            f"params {self.params.name}>"
        )


def _integers(name: str, values: npt.ArrayLike) -> IntArray:
    array = np.asarray(values)
    if array.size and array.dtype.kind not in "iu":
        raise ProgramError(f"{name} must be integers, not {array.dtype} (quantise the network first)")
    return array.astype(np.int64)


def _column(name: str, values: npt.ArrayLike, count: int) -> IntArray:
    array = _integers(name, values)
    if array.ndim and array.shape != (count,):
        raise ProgramError(f"{name} must be one value or have shape ({count},), not {array.shape}")
    return np.broadcast_to(array, (count,)).copy()


def _check_range(name: str, values: IntArray, low: int, high: int) -> None:
    wrong = np.flatnonzero((values < low) | (values > high))
    if wrong.size:
        raise ProgramError(f"{name}[{wrong[0]}] is {values[wrong[0]]}; it must be {low} to {high}")
