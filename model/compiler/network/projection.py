"""Projections: the synapses between two populations, whichever rule made them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.network.convolution import Convolution
from ganglion.model.compiler.network.population import range_text
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.errors import NetworkError


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

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.source} -> {self.target}"

    @property
    def synapses(self) -> int:
        """Number of synapses."""
        return self.pre.size

    def __repr__(self) -> str:
        if not self.synapses:
            return f"<Projection '{self.name}' {self.rule}, no synapses>"
        rule = f"{self.rule} ({self.convolution})" if self.convolution else self.rule
        return (
            f"<Projection '{self.name}' {rule}, {self.synapses:,} synapses, weight {range_text(self.weight)}, "
            f"delay {range_text(self.delay)}>"
        )


def build_projection(
    *,
    source: str,
    target: str,
    rule: str,
    pre: npt.ArrayLike,
    post: npt.ArrayLike,
    weight: npt.ArrayLike,
    delay: npt.ArrayLike,
    convolution: Convolution | None = None,
) -> Projection:
    """A checked projection; synapses of weight 0 are left out.

    Raises:
        NetworkError: a weight that is not finite, or a delay that is not a whole number from 1.
    """
    name = f"{source} -> {target}"
    pres, posts = np.asarray(pre, dtype=np.int64).ravel(), np.asarray(post, dtype=np.int64).ravel()
    weights = column(name, "weight", weight, pres.size)
    delays = column(name, "delay", delay, pres.size)
    wrong = np.flatnonzero(~np.isfinite(weights))
    if wrong.size:
        first = wrong[0]
        raise NetworkError(
            f"{name}: weight must be finite; the one from {pres[first]} to {posts[first]} is {weights[first]}"
        )
    wrong = np.flatnonzero((delays < 1) | (delays != np.rint(delays)))
    if wrong.size:
        raise NetworkError(
            f"{name}: delay is a whole number of steps from 1; synapse {wrong[0]} has {delays[wrong[0]]:g}"
        )
    kept = weights != 0
    return Projection(
        source=source,
        target=target,
        rule=rule,
        pre=pres[kept],
        post=posts[kept],
        weight=weights[kept],
        delay=delays[kept].astype(np.int64),
        convolution=convolution,
    )


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
