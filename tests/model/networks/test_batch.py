"""The batched forward pass does what the reference does, spike for spike and membrane for membrane."""

import numpy as np
import pytest

from ganglion.model.networks.batch import Layer, exact_product, run_layer
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference

INPUTS, HIDDEN, OUTPUTS, STEPS, RUNS = 9, 7, 4, 30, 3


@pytest.mark.parametrize("membrane_bits", [16, 8])
@pytest.mark.parametrize("seed", range(6))
def test_equals_the_reference(seed: int, membrane_bits: int) -> None:
    """Random weights, thresholds (some negative) and biases; at 8 bits the membranes saturate at both ends."""
    rng = np.random.default_rng(seed)
    shift = int(rng.integers(0, 5))
    params = PRESETS["small"].replace(membrane_bits=membrane_bits)
    sizes = ((INPUTS, HIDDEN), (HIDDEN, OUTPUTS))
    layers = [
        Layer(
            weight=rng.integers(-100, 101, (sources, neurons)).astype(float),
            bias=rng.integers(-20, 30, neurons).astype(float),
            threshold=rng.integers(-10, 100, neurons).astype(float),
        )
        for sources, neurons in sizes
    ]
    raster = (rng.random((RUNS, STEPS, INPUTS)) < 0.3).astype(float)
    program = Program.build(
        params=params,
        types=(NeuronType.leaky(shift, reset="subtract"),),
        threshold=np.concatenate([layer.threshold.astype(int) for layer in layers]),
        bias=np.concatenate([layer.bias.astype(int) for layer in layers]),
        inputs=INPUTS,
        pre=np.arange(INPUTS + HIDDEN).repeat([HIDDEN] * INPUTS + [OUTPUTS] * HIDDEN),
        post=INPUTS
        + np.concatenate((np.tile(np.arange(HIDDEN), INPUTS), np.tile(HIDDEN + np.arange(OUTPUTS), HIDDEN))),
        weight=np.concatenate([layer.weight.astype(int).ravel() for layer in layers]),
    )

    hidden = run_layer(raster, layers[0], shift, membrane_bits)
    output = run_layer(hidden.spikes, layers[1], shift, membrane_bits)
    spikes = np.concatenate((hidden.spikes, output.spikes), axis=2)
    thresholds = np.concatenate([layer.threshold for layer in layers])
    before = np.concatenate((hidden.before, output.before), axis=2)
    half = 2 ** (membrane_bits - 1)
    after = np.clip(before - spikes * thresholds, -half, half - 1)

    reference = Reference(program)
    for run in range(RUNS):
        reference.reset()
        trace = reference.run(Events.from_raster(raster[run]), keep_states=True)
        wanted = np.zeros((STEPS, program.neurons))
        wanted[trace.spikes[:, 0], trace.spikes[:, 1]] = 1
        np.testing.assert_array_equal(spikes[run], wanted, err_msg=f"spikes, seed {seed}, run {run}")
        membranes = np.stack([state.v for state in trace.states])
        np.testing.assert_array_equal(after[run], membranes, err_msg=f"membranes, seed {seed}, run {run}")


def test_products_that_float64_cannot_hold_are_refused() -> None:
    with pytest.raises(OverflowError, match=r"sums of 2 products could pass 2\^53"):
        exact_product(np.full((1, 2), 2.0**26), np.full((2, 1), 2.0**27))
    assert exact_product(np.full((1, 2), 2.0**26), np.full((2, 1), 2.0**26))[0, 0] == 2.0**53
