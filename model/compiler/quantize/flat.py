"""A `Network` laid out flat: one array per parameter and one list of synapses, numbered as in a `Program`."""

from dataclasses import dataclass, replace

import numpy as np

from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.network.population import Population
from ganglion.model.spec.arrays import BoolArray, FloatArray, IntArray
from ganglion.model.spec.errors import NetworkError


@dataclass(frozen=True, eq=False, kw_only=True)
class Flat:
    """All neurons and synapses of a network. The ends of synapses are named as in a `Program`."""

    inputs: int
    axons: dict[str, tuple[int, int]]
    """First axon and count of each input."""
    names: dict[str, tuple[int, int]]
    """First neuron and count of each population."""
    pre: IntArray
    """Shape (synapses,), as the next four."""
    post_neuron: IntArray
    weight: FloatArray
    delay: IntArray
    projection: IntArray
    """Number of the projection each synapse is of."""
    threshold: FloatArray
    """Shape (neurons,), as all that follow; infinity for read-outs."""
    bias: FloatArray
    decay: FloatArray
    v_reset: FloatArray
    refractory: IntArray
    current_decay: FloatArray
    """1 where there is no current."""
    adaptation_decay: FloatArray
    adaptation_raise: FloatArray
    current: BoolArray
    subtract: BoolArray
    inclusive: BoolArray
    spiking: BoolArray

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return self.threshold.size

    def part(self, name: str) -> slice:
        """The neurons of a population."""
        first, count = self.names[name]
        return slice(first, first + count)

    def synapses_of(self, which: BoolArray) -> "Flat":
        """The same network with some of the synapses alone, of which there is a mask of shape (synapses,)."""
        names = ("pre", "post_neuron", "weight", "delay", "projection")
        return replace(self, **{name: getattr(self, name)[which] for name in names})

    def into(self, name: str) -> BoolArray:
        """Which synapses end in a population, shape (synapses,)."""
        first, count = self.names[name]
        return (self.post_neuron >= first) & (self.post_neuron < first + count)


def flatten(network: Network) -> Flat:
    """Number everything: inputs and populations in the order they were made.

    Raises:
        NetworkError: the network has no neurons.
    """
    if not network.populations:
        raise NetworkError(f"network '{network.name}' has no population: there is nothing to run")
    axons, names = {}, {}
    count = 0
    for name, entry in network.inputs.items():
        axons[name] = (count, entry.size)
        count += entry.size
    inputs, count = count, 0
    for name, population in network.populations.items():
        names[name] = (count, population.size)
        count += population.size
    starts = {name: first for name, (first, _) in axons.items()}
    starts |= {name: inputs + first for name, (first, _) in names.items()}
    projections = network.projections
    populations = list(network.populations.values())

    def column(field: str) -> FloatArray:
        return np.concatenate([getattr(population, field) for population in populations])

    def flag(*values: bool) -> BoolArray:
        return np.repeat(np.array(values, dtype=bool), [population.size for population in populations])

    no_synapse = [np.zeros(0, dtype=np.int64)]
    return Flat(
        inputs=inputs,
        axons=axons,
        names=names,
        pre=np.concatenate(no_synapse + [starts[p.source] + p.pre for p in projections]),
        post_neuron=np.concatenate(no_synapse + [names[p.target][0] + p.post for p in projections]),
        weight=np.concatenate([np.zeros(0), *(p.weight for p in projections)]),
        delay=np.concatenate(no_synapse + [p.delay for p in projections]),
        projection=np.repeat(np.arange(len(projections)), [p.synapses for p in projections]),
        threshold=column("threshold"),
        bias=column("bias"),
        decay=column("decay"),
        v_reset=column("v_reset"),
        refractory=column("refractory").astype(np.int64),
        current_decay=np.concatenate([_current_decay(population) for population in populations]),
        adaptation_decay=column("adaptation_decay"),
        adaptation_raise=column("adaptation_raise"),
        current=flag(*(population.current_decay is not None for population in populations)),
        subtract=flag(*(population.reset == "subtract" for population in populations)),
        inclusive=flag(*(population.inclusive for population in populations)),
        spiking=flag(*(population.spiking for population in populations)),
    )


def _current_decay(population: Population) -> FloatArray:
    return np.ones(population.size) if population.current_decay is None else population.current_decay


def name_of(flat: Flat, neuron: int) -> str:
    """The population of a neuron."""
    return next(name for name, (first, count) in flat.names.items() if first <= neuron < first + count)
