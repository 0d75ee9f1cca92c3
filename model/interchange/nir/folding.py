"""A linear layer behind read-outs: read-outs of what it shows, since a leak of sums is the sum of leaks."""

from collections.abc import Mapping

import numpy as np
from scipy import sparse

from ganglion.model.interchange.nir.graph import Node
from ganglion.model.interchange.nir.neurons import Neuron
from ganglion.model.interchange.nir.signal import Constants, Maps, Signal
from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import NetworkError


def behind_readouts(
    node: Node, signal: Signal, arriving: Mapping[str, Signal], neurons: Mapping[str, Neuron]
) -> tuple[Signal, Neuron]:
    """The read-outs whose membranes are a linear map of the membranes of others, and what arrives at them.

    Args:
        node: the last of the linear nodes, for messages.
        signal: the map, whose sources are read-outs.
        arriving: what arrives at each read-out.
        neurons: their equations.

    Raises:
        NetworkError: they leak by different amounts, or the map has delays.
    """
    sources = [neurons[name] for name in signal.parts]
    decay = _shared(node, sources, "decay")
    current = _shared(node, sources, "current_decay")
    parts: dict[str, Maps] = {}
    constants: Constants = {}
    rest = signal.bias.get(0, np.zeros(signal.size))
    if set(signal.bias) - {0} or any(delay for maps in signal.parts.values() for delay, _ in maps):
        raise NetworkError(f"{node}: it delays the membranes of a read-out; put the Delay before the read-out")
    for name, maps in signal.parts.items():
        for _, matrix in maps:
            scaled = matrix @ sparse.diags_array(neurons[name].gain)
            for source, ways in arriving[name].parts.items():
                parts.setdefault(source, []).extend((delay, scaled @ way) for delay, way in ways)
            for delay, values in arriving[name].bias.items():
                constants[delay] = constants.get(delay, 0) + scaled @ values
            rest = rest + matrix @ np.broadcast_to(neurons[name].parameters["rest"], matrix.shape[1])
    note = f"{node}: it leads from the membranes of a read-out to an output; it is a read-out of its own"
    parameters = {"decay": decay, "rest": rest} | ({} if current is None else {"current_decay": current})
    readouts = Neuron(spiking=False, parameters=parameters, gain=np.ones(signal.size), notes=(note,))
    return Signal(signal.shape, parts, constants), readouts


def _shared(node: Node, sources: list[Neuron], name: str) -> FloatArray | float | None:
    """The one value that all neurons have; None where none has any."""
    found = [source.parameters.get(name) for source in sources]
    if all(value is None for value in found):
        return None
    values = np.concatenate([np.ravel(1.0 if value is None else value) for value in found])
    if np.ptp(values) > 0:
        raise NetworkError(
            f"{node}: it adds membranes of read-outs that leak by different amounts ({name.replace('_', ' ')} "
            f"{values.min():.4g} to {values.max():.4g} a step), and a membrane of the chip leaks by one; give them one "
            "time constant, or let the read-outs be the output and multiply their membranes by the weights afterwards"
        )
    return float(values[0])
