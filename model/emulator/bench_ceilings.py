"""What this machine can do at best, measured in the process that the emulator is measured in."""

import time
from collections.abc import Callable

import numpy as np

from ganglion.model.emulator.kernels.arrays import Array
from ganglion.model.emulator.kernels.compile import kernel

L2_BYTES = 200_704
"""Weights of the dense workload: more than the first-level cache holds, less than the second."""


@kernel
def _read(data: Array, times: int) -> int:
    total = 0
    for _ in range(times):
        for j in range(data.size):
            total ^= data[j]
    return total


@kernel
def _scatter_add(sums: Array, index: Array, weight: Array) -> None:
    for j in range(index.size):
        sums[np.uint64(index[j])] += weight[j]


def seconds(job: Callable[[], object], *, repeats: int = 9, clock: Callable[[], float] = time.thread_time) -> float:
    """Median time of a job that was done once before.

    By the thread's own processor time, so that other work on the machine counts less; give another clock for jobs of
    several threads.
    """
    job()
    times = []
    for _ in range(repeats):
        begin = clock()
        job()
        times.append(clock() - begin)
    return float(np.median(times))


def l2_read_rate() -> float:
    """Bytes per second that can be read from the second-level cache, which is one SynOp each at best."""
    data = np.ones(L2_BYTES // 8, dtype=np.int64)
    return L2_BYTES * 200 / seconds(lambda: _read(data, 200))


def scatter_add_rate(targets: int) -> float:
    """Additions per second of a weight to one of so many accumulators of 16 bits, in random order."""
    rng = np.random.default_rng(1)
    index = rng.integers(0, targets, 1 << 20).astype(np.int32)
    weight = rng.integers(-128, 128, index.size).astype(np.int8)
    sums = np.zeros(targets, dtype=np.int16)
    return index.size / seconds(lambda: _scatter_add(sums, index, weight))
