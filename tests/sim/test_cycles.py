"""The cycle model against the RTL: the same number of cycles in every step, exactly."""

import numpy as np
import pytest

from ganglion.model.compiler.predict import predict_cycles
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.reference import Reference
from ganglion.sim.native import NativeBench
from ganglion.sim.random_network import random_network
from ganglion.sim.rtl import Rtl

TINY = PRESETS["tiny"]

CHIPS = [
    (TINY, 150),
    (TINY.replace(name="tiny-1-lane", lanes=1, synapse_words=96, noise=False), 50),
    (TINY.replace(name="tiny-4-lanes", lanes=4, synapse_words=24, weight_bits=8), 50),
    (PRESETS["small"], 3),
]


@pytest.mark.parametrize(("params", "networks"), CHIPS, ids=[params.name for params, _ in CHIPS])
def test_every_step_takes_the_cycles_that_the_model_predicts(params: Params, networks: int) -> None:
    bench = NativeBench(params)
    for seed in range(networks):
        network = random_network(params, seed)
        trace = Rtl(network.image, bench, counters=()).run(network.events)
        wanted = predict_cycles(network.image, network.events, Reference(network.program).run(network.events))
        got = trace.counters["cycles"]
        step = int(np.argmax(got != wanted))
        assert np.array_equal(got, wanted), (
            f"seed {seed} on {params.name}: step {step} took {got[step]} cycles, the model says {wanted[step]}"
        )
    bench.close()
