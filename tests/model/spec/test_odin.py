"""Spike-driven synaptic plasticity beside ODIN's, which is written here from what its Verilog does: sdsp_update.v,
lif_calcium.v, lif_neuron_state.v and controller.v of ChFrenkel/ODIN."""

from dataclasses import dataclass

import numpy as np
import pytest

from ganglion.model.spec.events import Events
from ganglion.model.spec.named_rules import sdsp
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import MEMBRANE, PRESETS, RECEPTOR, TRACE
from ganglion.model.spec.plastic import Together
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference

SOURCES, NEURONS, EVENTS = 5, 4, 300

PARAMS = PRESETS["tiny-learning"].replace(
    name="odin",
    weight_bits=8,
    membrane_bits=10,
    accumulator_bits=10,
    trace_bits=2,
    y1_feeds=RECEPTOR,
    y2_feeds=MEMBRANE,
    y3_feeds=TRACE,
    pre_traces=0,
    trace_ages=0,
    kernels=0,
)

CALCIUM_ZERO = 4
"""Leaks after which every calcium is 0, whatever it was."""


@dataclass
class OdinNeuron:
    """A neuron of ODIN: 8 bits of membrane, 3 of calcium, and the two bits that its synapses see."""

    threshold: int
    theta_mem: int
    thetas: tuple[int, int, int]
    membrane: int = 0
    calcium: int = 0
    up: bool = False
    down: bool = False

    def event(self, weight: int, *, leaks: bool = False) -> None:
        """An excitatory event, or one of the time reference."""
        charged = min(self.membrane + weight, 255)
        spikes = charged >= self.threshold
        self.membrane = 0 if spikes else charged
        if spikes and not leaks:
            self.calcium = min(self.calcium + 1, 7)
        elif leaks and not spikes:
            self.calcium = max(self.calcium - 1, 0)
        one, two, three = self.thetas
        self.up = self.membrane >= self.theta_mem and one <= self.calcium < three
        self.down = self.membrane < self.theta_mem and one <= self.calcium < two


def odin(events: list[int], weights: list[list[int]], neurons: list[OdinNeuron]) -> None:
    """Events of sources, or -1 for a time reference in which calcium leaks; the weights change in place.

    The synapses of an event are written before the neurons that it reaches: they see what earlier events left.
    """
    for source in events:
        for number, neuron in enumerate(neurons):
            if source < 0:
                neuron.event(0, leaks=True)
                continue
            weight = weights[source][number]
            if neuron.up and weight < 7:
                weights[source][number] += 1
            elif neuron.down and weight > 0:
                weights[source][number] -= 1
            neuron.event(weight)


@pytest.mark.parametrize("thetas", [(1, 3, 6), (1, 4, 4), (2, 3, 7)], ids=str)
def test_weights_are_those_of_odin_after_every_event(thetas: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(1)
    weights = rng.integers(0, 8, (SOURCES, NEURONS))
    threshold, theta_mem = 20, 9
    events = rng.choice([*range(SOURCES), -1], EVENTS, p=[*[0.182] * SOURCES, 0.09]).tolist()

    rule, together = sdsp(theta_mem, theta=thetas), Together(PARAMS)
    together.add(rule)
    each, leak = np.arange(NEURONS), SOURCES
    first = SOURCES + 1
    program = Program.build(
        params=PARAMS,
        types=(NeuronType(traces=together.post_traces([rule])),),
        # A neuron of ODIN spikes where it reaches its threshold.
        threshold=[threshold - 1] * NEURONS,
        inputs=first,
        pre=np.concatenate((np.repeat(np.arange(SOURCES), NEURONS), [leak] * NEURONS, first + each)),
        post=first + np.concatenate((np.tile(each, SOURCES), each, each)),
        weight=np.concatenate((weights.ravel(), [-1] * NEURONS, [1] * NEURONS)),
        learning=together.learning(),
        rule=np.repeat([1, 0], [weights.size, 2 * NEURONS]),
        receptor=np.repeat([0, 1], [weights.size, 2 * NEURONS]),
    )
    target = Reference(program)
    target.run(Events.from_steps([[leak]] * CALCIUM_ZERO + [[], []]))
    neurons, now = [OdinNeuron(threshold, theta_mem, thetas) for _ in range(NEURONS)], weights.tolist()
    changed, calcium = 0, set[int]()
    for number, source in enumerate(events):
        before = [list(row) for row in now]
        odin([source], now, neurons)
        changed += before != now
        calcium |= {neuron.calcium for neuron in neurons}
        # A spike comes to the calcium one step after the membrane: hence a step without an event.
        target.run(Events.from_steps([[leak if source < 0 else source], []]))
        got = target.weights(np.arange(weights.size)).reshape(weights.shape)
        assert got.tolist() == now, f"event {number}"
    assert changed > 40 and calcium >= set(range(6))
