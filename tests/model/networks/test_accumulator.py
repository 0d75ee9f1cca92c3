"""Neurons scaled down to their accumulators do what they did."""

import numpy as np

from ganglion.model.interchange.torch.accumulator import within_accumulator
from ganglion.model.networks.float_run import run_float
from ganglion.model.networks.structure import INPUT, Population, Structure, dense


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
    raster = draws.random((40, 5, 60)) < 0.2
    spikes = [
        run_float(Structure(60, (Population("all", t, b, (0, 0)),), (dense(INPUT, "all", w),)), raster)
        for w, t, b in ((weight, threshold, bias), scaled)
    ]
    assert spikes[0][:, :, 3].any()
    np.testing.assert_array_equal(*spikes)
