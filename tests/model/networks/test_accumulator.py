"""Neurons scaled down to their accumulators do what they did."""

import numpy as np

from ganglion.model.compiler.network import Network
from ganglion.model.compiler.quantize.flat import flatten
from ganglion.model.compiler.quantize.simulate import simulate
from ganglion.model.interchange.torch.accumulator import within_accumulator


def spikes_of(weight: np.ndarray, threshold: np.ndarray, bias: np.ndarray, raster: np.ndarray) -> np.ndarray:
    network = Network()
    network.input("in", weight.shape[0])
    network.population("all", threshold.size, threshold=threshold, bias=bias, reset="subtract")
    network.all_to_all("in", "all", weight.T)
    return simulate(flatten(network), raster).spikes


def test_only_neurons_that_could_overflow_are_scaled_and_spike_as_before() -> None:
    draws = np.random.default_rng(7)
    weight = draws.normal(0, 20, (60, 4))
    weight[:, 1] = draws.uniform(-127, 20, 60)
    weight[:, 3] = draws.uniform(-20, 127, 60)
    threshold, bias = draws.uniform(200, 400, 4), draws.uniform(0, 9, 4)
    scaled = within_accumulator(weight, threshold, bias, bits=12)
    whole = np.rint(scaled[0])
    assert max(whole.clip(min=0).sum(axis=0).max(), -whole.clip(max=0).sum(axis=0).min()) <= 2047
    assert (np.abs(scaled[0][:, [1, 3]]) < np.abs(weight[:, [1, 3]])).all()
    np.testing.assert_array_equal(scaled[0][:, [0, 2]], weight[:, [0, 2]])
    np.testing.assert_allclose(scaled[1] / threshold, scaled[2] / bias)
    raster = draws.random((5, 40, 60)) < 0.2
    spikes = [spikes_of(*constants, raster) for constants in ((weight, threshold, bias), scaled)]
    assert spikes[0][:, :, 3].any()
    np.testing.assert_array_equal(*spikes)
