"""The kernel's noise is the specification's."""

import numpy as np
import pytest

from ganglion.model.emulator.kernels.noise import add_noise, step_keys
from ganglion.model.spec.noise import noise_array
from ganglion.model.spec.noise_constants import KEYED_ROUNDS, NUMBER_BITS


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_equals_the_specification(dtype):
    """Over seeds, steps, numbers and every width."""
    rng = np.random.default_rng(1)
    for seed, step in [(0, 0), ((1 << 32) - 1, (1 << 32) - 1), *rng.integers(0, 1 << 32, (20, 2)).tolist()]:
        first = int(rng.integers(0, (1 << NUMBER_BITS) - 512))
        bits = rng.integers(0, 18, 512).astype(dtype)
        x = rng.integers(-100, 100, 512).astype(dtype)
        expected = x + noise_array(seed, step, first + np.arange(512), bits)
        keys, room = np.zeros(len(KEYED_ROUNDS), dtype=np.int64), np.empty((2, 512), dtype=dtype)
        step_keys(seed, step, keys)
        add_noise(x, room[0], room[1], keys, first, bits)
        np.testing.assert_array_equal(x, expected, err_msg=f"seed {seed} step {step} first {first}")
