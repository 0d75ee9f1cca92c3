"""What this machine can do at best, measured in the process that the emulator is measured in."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ganglion.model.emulator.kernels.compile import kernel
from ganglion.model.spec.arrays import Array

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


@dataclass(frozen=True)
class Ceiling:
    """A job of a known amount of work, at the highest rate that the machine has for it."""

    job: Callable[[], object]
    amount: float


@dataclass(frozen=True)
class Rate:
    """What was measured of a job, medians; all per second."""

    rate: float
    ceiling: float
    share: float
    """Of rates to the ceilings measured right before each."""


def l2_reads() -> Ceiling:
    """Bytes read from the second-level cache, which is one SynOp each at best."""
    data = np.ones(L2_BYTES // 8, dtype=np.int64)
    return Ceiling(lambda: _read(data, 500), 500 * L2_BYTES)


def scatter_adds(targets: int) -> Ceiling:
    """Additions of a weight to one of so many accumulators of 16 bits, in random order."""
    rng = np.random.default_rng(1)
    index = rng.integers(0, targets, 1 << 20).astype(np.int32)
    weight = rng.integers(-128, 128, index.size).astype(np.int8)
    sums = np.zeros(targets, dtype=np.int16)
    return Ceiling(lambda: _scatter_add(sums, index, weight), index.size)


def measure(
    job: Callable[[], float], ceiling: Ceiling, *, repeats: int = 9, clock: Callable[[], float] = time.thread_time
) -> Rate:
    """The rate of a job that returns its amount of work, beside the ceiling's.

    Both are measured in turn, so that what slows the machine down for a while slows both. By the thread's own processor
    time, so that other work counts less; give another clock for jobs of several threads.
    """
    job()
    ceiling.job()
    measured = []
    for _ in range(repeats):
        begin = time.thread_time()
        ceiling.job()
        highest = ceiling.amount / (time.thread_time() - begin)
        begin = clock()
        amount = job()
        measured.append((amount / (clock() - begin), highest))
    rates, ceilings = np.array(measured).T
    return Rate(float(np.median(rates)), float(np.median(ceilings)), float(np.median(rates / ceilings)))


def seconds(job: Callable[[], object], *, repeats: int = 3) -> float:
    """Median time of a job that was done once before."""
    job()
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        job()
        times.append(time.perf_counter() - begin)
    return float(np.median(times))
