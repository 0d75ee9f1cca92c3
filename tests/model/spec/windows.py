"""Pairs and trains of spikes for the windows of STDP, on the reference."""

import numpy as np

from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.plastic import PlasticRule, Together
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from tests.model.spec.trains import Spiking

PARAMS = PRESETS["wide"].replace(
    name="windows",
    products=2,
    rules=1,
    terms=2,
    pre_traces=1,
    y1_feeds=1,
    trace_bits=8,
    trace_ages=128,
    kernels=2,
)

def learned(rule: PlasticRule, runs: Spiking) -> list[int]:
    """What each run makes of a weight of 0 on the reference: each is a source and a target of one network."""
    together, count = Together(PARAMS), len(runs)
    together.add(rule)
    traces = together.post_traces([rule])
    # A target fires one step after the event that drives it, so that time begins at step 1.
    events: list[list[int]] = [[] for _ in range(max(step for run in runs for steps in run for step in steps) + 2)]
    for number, (pre, post) in enumerate(runs):
        for step in pre:
            events[step + 1].append(number)
        for step in post:
            events[step].append(count + number)
    each = np.arange(count)
    program = Program.build(
        params=PARAMS,
        types=(NeuronType.binary(traces=traces),),
        neurons=count,
        threshold=90000,
        inputs=2 * count,
        pre=np.concatenate((each, *[count + each] * 3)),
        post=2 * count + np.tile(each, 4),
        weight=np.repeat([0, 32767], [count, 3 * count]),
        learning=together.learning(),
        rule=np.repeat([1, 0], [count, 3 * count]),
    )
    target = Reference(program)
    target.run(Events.from_steps(events))
    return target.weights(each).tolist()
