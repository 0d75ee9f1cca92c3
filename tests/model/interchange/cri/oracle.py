"""HiAER-Spike's step, written from its description alone, in plain Python: what `CRI_network` is held to."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ganglion.model.interchange.cri import ANN_neuron, IF_neuron

Key = Hashable


@dataclass
class Oracle:
    """A network of these dictionaries; every synapse is one of (neuron, weight) or (neuron, weight, delayed)."""

    axons: dict[Key, Any]
    connections: dict[Key, Any]
    membrane: dict[Key, int] = field(default_factory=dict)
    waiting: dict[Key, int] = field(default_factory=dict)
    """Steps of refractory period left."""
    underway: list[tuple[int, Key, int]] = field(default_factory=list)
    """Weights that come late: the step in which they are added, the neuron, the weight."""
    noise: Callable[[int, Key], int] | None = None
    """What a leaky neuron draws in a step, by the number of the step."""
    t: int = 0

    def step(self, inputs: Iterable[Key]) -> list[Key]:
        """Neurons test, spike and reset, or decay and get noise; then weights are added. All neurons that fired."""
        fired = []
        for key, entry in self.connections.items():
            model, v = entry[1], self.membrane.get(key, 0)
            if self.waiting.get(key, 0) > 0:
                self.waiting[key] -= 1
            elif v > model.threshold:
                fired.append(key)
                self.membrane[key] = v - model.threshold if model.soft_reset else 0
                self.waiting[key] = model.refractory_max
            elif isinstance(model, ANN_neuron):
                self.membrane[key] = 0
            elif not isinstance(model, IF_neuron):
                leak = v >> model.leak if model.leak < 32 else 0
                self.membrane[key] = v - leak + (self.noise(self.t, key) if self.noise and model.shift > -17 else 0)
        for key in set(inputs):
            self.send(self.axons[key], None)
        for key in fired:
            self.send(self.connections[key][0], self.connections[key][1].delay_value)
        for when, key, weight in self.underway:
            if when == self.t and self.waiting.get(key, 0) == 0:
                self.membrane[key] = self.membrane.get(key, 0) + weight
        self.underway = [late for late in self.underway if late[0] > self.t]
        self.t += 1
        return fired

    def send(self, synapses: Any, delay: int | None) -> None:
        for key, weight, *flag in synapses:
            wait = 0
            if flag and flag[0]:
                wait = self.connections[key][1].delay_value if delay is None else delay
            self.underway.append((self.t + wait, key, weight))
