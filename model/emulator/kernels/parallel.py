"""Steps of one network over several threads, with the same bits as one thread.

Each thread updates a share of the neurons and delivers their spikes into accumulators of its own, which the next
update sums: accumulators add modulo a power of two, so the order does not matter and nothing is locked.
"""

import numpy as np
from numba import prange

from ganglion.model.emulator.kernels.arrays import Loaded, Log, Neurons, Number, Rows, Scratch, State
from ganglion.model.emulator.kernels.compile import kernel, parallel_kernel
from ganglion.model.emulator.kernels.run import end_step, step_part
from ganglion.model.spec.arrays import Array


# Kernels of their own, since a kernel with a parallel loop takes what is inlined into it for parallel loops too.
@kernel
def step_share(loaded: Loaded, part: int, begin: int, end: int, axons: Array) -> None:
    """As `step_part`."""
    step_part(loaded, part, begin, end, axons)


@kernel
def end_shares(loaded: Loaded, share: int, log: Log, step: int, written: int) -> int:
    """As `end_step`."""
    return end_step(loaded, share, log, step, written)


@parallel_kernel
def run_parallel(
    neurons: Neurons,
    rows: Rows,
    state: State,
    scratch: Scratch,
    pitch: int,
    guard_bits: int,
    axons: Array,
    start: Array,
    log: Log,
    first: int,
    last: int,
    share: int,
) -> tuple[int, int]:
    """As `run`, with a thread for each of the state's accumulator rings, which has `share` neurons (of BLOCK) each.

    It takes the parts of `Loaded` one by one: no tuple of tuples goes into a parallel loop.
    """
    written: Number = np.int64(0)
    padded, parts = neurons.threshold.size, state.accumulators.shape[0]
    step = first
    while step < last and written + neurons.size <= log.spikes.size:
        begin, events = start[step], start[step + 1] - start[step]
        for thread in prange(parts):
            part: Number = np.int64(thread)  # or `step_share` would be compiled for the loop's unsigned counter too
            mine = axons[begin + events * part // parts : begin + events * (part + 1) // parts]
            low, high = min(part * share, padded), min((part + 1) * share, padded)
            step_share(Loaded(neurons, rows, state, scratch, pitch, guard_bits), part, low, high, mine)
        loaded = Loaded(neurons, rows, state, scratch, pitch, guard_bits)
        written = end_shares(loaded, share, log, step, written)
        step += 1
    return step, written
