"""Random numbers that depend on their place alone: synapses that a rule makes up."""

import numpy as np

from ganglion.model.emulator.kernels.arrays import Number
from ganglion.model.emulator.kernels.compile import kernel
from ganglion.model.spec.arrays import Array


@kernel
def mix(value: Number) -> Number:
    """A uint64 scrambled (the finaliser of SplitMix64: Steele, Lea, Flood 2014)."""
    z = np.uint64(value) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def draw(key: int, begin: int, low: int, high: int, out: Array) -> None:
    """Fill out[j] with draw number begin + j of the sequence `key`, low … high (less than 2^32 apart)."""
    span = np.uint64(high - low + 1)
    for j in range(out.size):
        bits = mix(np.uint64(key) + np.uint64(begin + j)) >> np.uint64(32)
        out[j] = low + np.int64((bits * span) >> np.uint64(32))
