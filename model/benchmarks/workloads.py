"""The networks and inputs that the emulator is measured on: integer LIF, shift leak, hard reset."""

from dataclasses import dataclass

import numpy as np

from ganglion.model.emulator.connectivity import FixedFanOut
from ganglion.model.emulator.network import StoredNetwork
from ganglion.model.emulator.store import store
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

SETTLE = 300
"""Steps after which the spikes of a recurrent network no longer come in volleys."""


@dataclass(frozen=True)
class Recurrent:
    """Neurons that a bias makes fire now and then, each with synapses to `fan_out` others."""

    name: str
    neurons: int
    fan_out: int
    steps: int
    delays: tuple[int, int] = (1, 1)
    bias: int = 380

    def network(self) -> StoredNetwork:
        """The network, from a rule."""
        rng = np.random.default_rng(1)
        rule = FixedFanOut(
            sources=self.neurons, neurons=self.neurons, fan_out=self.fan_out, weights=(-30, 30), delays=self.delays
        )
        return store(
            params=Params(delay_slots=2 if self.delays == (1, 1) else 16),
            types=(NeuronType.leaky(8),),
            threshold=rng.integers(16_000, 32_000, self.neurons),
            bias=self.bias,
            inputs=0,
            synapses=rule,
        )

    def silence(self, steps: int) -> Events:
        """A run without events from the host."""
        return Events(np.zeros(0, dtype=np.int64), np.zeros(steps + 1, dtype=np.int64))


RECURRENT = (
    Recurrent("W2: 10,000 neurons, fan-out 100", 10_000, 100, 1000),
    Recurrent("W2 with delays 1-15", 10_000, 100, 1000, (1, 15)),
    Recurrent("W3: 100,000 neurons, fan-out 100", 100_000, 100, 200),
)

LARGE = Recurrent("W4: 1,000,000 neurons, fan-out 1,000", 1_000_000, 1_000, 20, bias=160)


def layered(inputs: int = 784, hidden: int = 256, outputs: int = 10, threshold: int = 1500) -> Program:
    """W1: two dense layers of random weights. With fewer inputs they need a lower threshold to fire at all."""
    rng = np.random.default_rng(1)
    neurons = hidden + outputs
    source = np.repeat(np.arange(inputs + hidden), np.repeat((hidden, outputs), (inputs, hidden)))
    target = np.concatenate((np.tile(np.arange(hidden), inputs), hidden + np.tile(np.arange(outputs), hidden)))
    return Program.build(
        params=Params(),
        types=(NeuronType.leaky(4),),
        neurons=neurons,
        threshold=threshold,
        inputs=inputs,
        pre=source,
        post=inputs + target,
        weight=np.clip(rng.normal(0, 30, source.size).round(), -127, 127).astype(np.int64),
    )


def rasters(samples: int = 100, steps: int = 100, inputs: int = 784, rate: float = 0.1) -> list[Events]:
    """Samples in which each input fires at random."""
    rng = np.random.default_rng(2)
    return [Events.from_raster(rng.random((steps, inputs)) < rate) for _ in range(samples)]
