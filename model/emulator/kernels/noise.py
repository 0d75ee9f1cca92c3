"""The noise of `ganglion.model.spec.noise`, for a run of consecutive neurons at a time."""

from ganglion.model.emulator.kernels.arrays import Array
from ganglion.model.emulator.kernels.compile import kernel


@kernel
def step_keys(seed: int, step: int) -> int:
    return 0


@kernel
def add_noise(x: Array, keys: int, first: int, bits: Array) -> None:
    return None
