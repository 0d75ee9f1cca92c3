"""Constant inputs as spikes: neurons that fire in every step, each from a step of its own on."""

from collections.abc import Mapping

import numpy as np

from ganglion.model.compiler.network.network import Network
from ganglion.model.spec.arrays import FloatArray

NAME = "clock"


def add_clock(network: Network, constant: Mapping[str, FloatArray], lags: Mapping[str, int]) -> None:
    """Give populations constant inputs, that of a population of lag n from step n (at least 1) on.

    Neuron k of the clock fires from step k on. A constant larger than the population's largest weight is split into
    several synapses, so that it does not lower the scale of the others.

    Args:
        network: gets a population and projections where any constant is not 0.
        constant: by population, what to add to its input in each step, shape (size,).
        lags: by population, the step in which its input begins.
    """
    needed = {name: values for name, values in constant.items() if values.any()}
    if not needed:
        return
    first = {name: max(lags[name], 1) - 1 for name in needed}
    clock = NAME
    while clock in network.inputs or clock in network.populations:
        clock += "_"
    length = max(first.values()) + 1
    network.population(clock, length, threshold=0.5, decay=1.0, bias=np.arange(length) == 0)
    if length > 1:
        network.sparse(clock, clock, (np.arange(1, length), np.arange(length - 1), np.ones(length - 1)))
    for name, values in needed.items():
        largest = max(
            (float(np.abs(p.weight).max(initial=0)) for p in network.projections if p.target == name), default=0.0
        )
        pieces = np.maximum(np.ceil(np.abs(values) / (largest or np.inf)), 1).astype(np.int64)
        post = np.repeat(np.arange(values.size), pieces)
        network.sparse(clock, name, (post, np.full(post.size, first[name]), (values / pieces)[post]))
    network.notes.append(
        f"biases are synapses from '{clock}', {length} neurons that fire in every step, so that each layer's begins "
        "with its input"
    )
