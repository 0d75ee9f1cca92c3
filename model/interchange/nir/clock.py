"""Constant inputs as spikes: neurons that fire in every step from one of their own on, and neurons that fire once."""

from collections.abc import Mapping

import numpy as np

from ganglion.model.compiler.network.network import Network
from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import NetworkError

Steps = Mapping[str, Mapping[int, FloatArray]]
"""By population and by the step (at least 1) in which they arrive: values of shape (size,)."""

MOST_PIECES = 1 << 20
"""Synapses that the biases and resets of a population may become."""


def add_clock(network: Network, constant: Steps, once: Steps) -> None:
    """Give populations constant inputs from a step on, and inputs that come in one step alone.

    Neuron k of the clock fires from step k on, neuron k of the starter in step k alone. A value larger than the
    population's largest weight is split into several synapses, so that it does not lower the scale of the others.

    Args:
        network: gets a population and projections where any value is not 0.
        constant: what to add in each step from one on.
        once: what to add in one step.
    """
    constant, once = _needed(constant), _needed(once)
    if not constant and not once:
        return
    length = max((step for steps in constant.values() for step in steps), default=1)
    clock = _row(network, "clock", length)
    if once:
        starter = _row(network, "start", max(step for steps in once.values() for step in steps))
        # The clock's first neuron fires from step 0 on, and so holds the starter's down from step 1 on.
        network.sparse(clock, starter, (np.zeros(1, dtype=int), np.zeros(1, dtype=int), np.array([-1.0])))
        network.notes.append(f"neurons of '{starter}' fire once each, to bring membranes to where they begin")
        _deliver(network, starter, once)
    if constant:
        _deliver(network, clock, constant)
        network.notes.append(
            f"biases are synapses from '{clock}', {length} neurons that fire in every step, so that each layer's "
            "begins with its input"
        )


def split(
    weight: FloatArray, largest: float, target: str
) -> tuple[FloatArray, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Values as equal pieces no larger than `largest`: one piece of each, and how many there are; 0 does not limit.

    Raises:
        NetworkError: there are too many; names the population that they lead to.
    """
    with np.errstate(over="ignore"):
        pieces = np.maximum(np.ceil(np.abs(weight) / (largest or np.inf) - 1e-9), 1)
    if pieces.sum() > MOST_PIECES:
        raise NetworkError(
            f"'{target}': its biases and resets, of up to {np.abs(weight).max():g}, take {pieces.sum():g} synapses "
            f"of {largest:g}, the largest weight that leads there, and may take {MOST_PIECES:,}; scale its weights, "
            "threshold, biases and resets so that they are of one order"
        )
    return weight / pieces, pieces.astype(np.int64)


def largest_weight(network: Network, target: str) -> float:
    """The greatest magnitude of a weight that leads to a population; 0 where none does."""
    return max((float(np.abs(p.weight).max(initial=0)) for p in network.projections if p.target == target), default=0.0)


def _needed(steps: Steps) -> Steps:
    """Without what is 0."""
    kept = {name: {step: value for step, value in of.items() if value.any()} for name, of in steps.items()}
    return {name: of for name, of in kept.items() if of}


def _row(network: Network, name: str, length: int) -> str:
    """Neurons of which each passes its spikes on to the next; the first one fires by itself."""
    while name in network.inputs or name in network.populations:
        name += "_"
    network.population(name, length, threshold=0.5, decay=1.0, bias=np.arange(length) == 0)
    if length > 1:
        network.sparse(name, name, (np.arange(1, length), np.arange(length - 1), np.ones(length - 1)))
    return name


def _deliver(network: Network, source: str, values: Steps) -> None:
    for name, steps in values.items():
        largest = largest_weight(network, name)
        for step, weights in steps.items():
            piece, pieces = split(weights, largest, name)
            post = np.repeat(np.arange(weights.size), pieces)
            network.sparse(source, name, (post, np.full(post.size, step - 1), piece[post]))
