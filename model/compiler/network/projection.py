"""Projections: the synapses between two populations, whichever rule made them."""

from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.network.convolution import Convolution
from ganglion.model.compiler.network.population import Input, Population, range_text, shape_text
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.plastic import PlasticRule


class Learns(TypedDict, total=False):
    """What every projection takes besides."""

    learning: PlasticRule | None
    """How its weights change; None leaves them as they are."""
    receptor: int
    """0 charges membranes; 1 feeds traces alone."""


@explained(NetworkError)
@dataclass(frozen=True, eq=False, kw_only=True)
class Projection:
    """Synapses from one input or population to one population. All arrays have shape (synapses,)."""

    source: str
    target: str
    rule: str
    """How it was made: "all to all", "convolution", …"""
    pre: IntArray
    """Number of the neuron (or axon) within the source."""
    post: IntArray
    """Number of the neuron within the target."""
    weight: FloatArray
    delay: IntArray
    """Steps, from 1."""
    convolution: Convolution | None = None
    """Where the rule is a convolution: which."""
    learning: PlasticRule | None = None
    """How the weights change, in units of the chip; None leaves them as they are."""
    receptor: int = 0
    """0 charges membranes; 1 feeds traces of the target alone, with weights in units of the chip."""

    @classmethod
    def build(
        cls,
        first: Input | Population,
        last: Population,
        rule: str,
        pre: npt.ArrayLike,
        post: npt.ArrayLike,
        weight: npt.ArrayLike,
        delay: npt.ArrayLike,
        convolution: Convolution | None = None,
        **learns: Unpack[Learns],
    ) -> "Projection":
        """A checked projection; synapses of weight 0 are left out, but for those that learn.

        Raises:
            NetworkError: a source that never fires, a weight that is not finite, a delay that is not a whole number
                from 1, learning that is no plastic rule, or a receptor that is not 0 or 1.
        """
        name = f"{first.name} -> {last.name}"
        if isinstance(first, Population) and not first.spiking:
            raise NetworkError(f"{name}: '{first.name}' is a read-out and sends no spikes")
        pres, posts = np.asarray(pre, dtype=np.int64).ravel(), np.asarray(post, dtype=np.int64).ravel()
        weights = column(name, "weight", weight, pres.size)
        delays = column(name, "delay", delay, pres.size)
        wrong = np.flatnonzero(~np.isfinite(weights))
        if wrong.size:
            k = wrong[0]
            raise NetworkError(
                f"{name}: weight must be finite; the one from {pres[k]} to {posts[k]} is {weights[k]}"
            )
        wrong = np.flatnonzero((delays < 1) | (delays != np.rint(delays)))
        if wrong.size:
            raise NetworkError(
                f"{name}: delay is a whole number of steps from 1; synapse {wrong[0]} has {delays[wrong[0]]:g}"
            )
        learning, receptor = learns.get("learning"), learns.get("receptor", 0)
        if learning is not None and not isinstance(learning, PlasticRule):
            raise NetworkError(
                f"{name}: learning must be a plastic rule, such as ganglion.learning.stdp(), not {learning!r}"
            )
        if receptor not in (0, 1):
            raise NetworkError(f"{name}: receptor must be 0 or 1, not {receptor!r}")
        kept = (weights != 0) | (learning is not None)
        return cls(
            source=first.name,
            target=last.name,
            rule=rule,
            pre=pres[kept],
            post=posts[kept],
            weight=weights[kept],
            delay=delays[kept].astype(np.int64),
            convolution=convolution,
            learning=learning,
            receptor=int(receptor),
        )

    @classmethod
    def convolved(
        cls,
        first: Input | Population,
        last: Population,
        rule: str,
        kernel: Convolution,
        delay: int,
        **learns: Unpack[Learns],
    ) -> "Projection":
        """A convolution, unrolled.

        Raises:
            NetworkError: as `build`, or the target has not the shape that comes out.
        """
        name = f"{first.name} -> {last.name}"
        shape = kernel.output_shape(name, first.shape)
        if shape != last.shape:
            raise NetworkError(
                f"{name}: {kernel} of {shape_text(first.shape)} gives {shape}, the target has {last.shape}"
            )
        return cls.build(first, last, rule, *kernel.unroll(name, first.shape), delay, kernel, **learns)

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.source} -> {self.target}"

    @property
    def synapses(self) -> int:
        """Number of synapses."""
        return self.pre.size

    @property
    def summary(self) -> str:
        """It in a few words."""
        if not self.synapses:
            return f"{self.rule}, no synapses"
        rule = f"{self.rule} ({self.convolution})" if self.convolution else self.rule
        learns = f", learns by {self.learning.name}" if self.learning else ""
        return (
            f"{rule}, {self.synapses:,} synapses, weight {range_text(self.weight)}, delay {range_text(self.delay)}"
            f"{learns}{', receptor 1' * self.receptor}"
        )

    def __repr__(self) -> str:
        return f"<Projection '{self.name}' {self.summary}>"


def random_pairs(sources: int, targets: int, probability: float, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Pre and post of synapses, of which each pair has one with the same probability."""
    per_target = rng.binomial(sources, probability, targets)
    pre = [np.zeros(0, dtype=np.int64), *(rng.choice(sources, count, replace=False) for count in per_target)]
    return np.concatenate(pre), np.repeat(np.arange(targets), per_target)


def listed(
    first: Input | Population, last: Population, weight: Any
) -> tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]:
    """Pre, post and weight of each synapse, from a sparse matrix or from (post, pre, weight).

    Raises:
        NetworkError: neither of these, a shape that does not fit, or a number that is not one of the layer.
    """
    name = f"{first.name} -> {last.name}"
    if hasattr(weight, "tocoo"):
        matrix = weight.tocoo()
        if matrix.shape != (last.size, first.size):
            raise NetworkError(_shape_message(name, "weight", matrix.shape, (last.size, first.size)))
        post, pre, weights = matrix.row, matrix.col, matrix.data
    elif isinstance(weight, tuple) and len(weight) == 3:
        post, pre, weights = (np.asarray(values) for values in weight)
    else:
        raise NetworkError(
            f"{name}: weight must be a sparse matrix of SciPy or (post, pre, weight), not {type(weight).__name__}"
        )
    for side, numbers, layer in (("post", post, last), ("pre", pre, first)):
        if numbers.ndim != 1 or numbers.shape != post.shape or (numbers.size and numbers.dtype.kind not in "iu"):
            raise NetworkError(
                f"{name}: {side} must be whole numbers, one per synapse ({post.size}), not {numbers.dtype} of "
                f"{numbers.shape}"
            )
        wrong = np.flatnonzero((numbers < 0) | (numbers >= layer.size))
        if wrong.size:
            raise NetworkError(
                f"{name}: {side}[{wrong[0]}] is {numbers[wrong[0]]}; '{layer.name}' has neurons 0 to "
                f"{layer.size - 1}"
            )
    return pre, post, weights


def column(where: str, name: str, values: npt.ArrayLike, count: int) -> FloatArray:
    """One float per synapse, from one value or as many.

    Raises:
        NetworkError: another number of values, or no numbers.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise NetworkError(f"{where}: {name} must be numbers, not {values!r}") from None
    if array.ndim and array.size != count:
        raise NetworkError(f"{where}: {name} must be one value or one per synapse ({count}), not {array.shape}")
    return np.broadcast_to(array.ravel(), (count,)).copy()


def matrix(where: str, name: str, value: npt.ArrayLike, shape: tuple[int, int]) -> FloatArray:
    """Values of shape (target size, source size), from one value or as many.

    Raises:
        NetworkError: another shape, or no numbers.
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise NetworkError(f"{where}: {name} must be numbers, not {value!r}") from None
    if array.ndim and array.shape != shape:
        raise NetworkError(_shape_message(where, name, array.shape, shape))
    return np.broadcast_to(array, shape)


def _shape_message(where: str, name: str, got: tuple[int, ...], wanted: tuple[int, int]) -> str:
    hint = "; that is the transpose" if got == wanted[::-1] else ""
    return f"{where}: {name} must have shape (target, source) = {wanted}, not {got}{hint}"
