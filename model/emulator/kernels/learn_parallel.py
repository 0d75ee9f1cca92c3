"""Steps of a network that learns over several threads, with the same bits as one thread: see `parallel`."""

import numpy as np
from numba import prange

from ganglion.model.emulator.kernels.arrays import Loaded, Log, Neurons, Number, Rows, Scratch, State
from ganglion.model.emulator.kernels.compile import kernel, parallel_kernel
from ganglion.model.emulator.kernels.learn import begin_epoch, leave_traces, see
from ganglion.model.emulator.kernels.parallel import end_shares, step_share
from ganglion.model.emulator.kernels.plastic import Plastic
from ganglion.model.emulator.kernels.sweep import sweep
from ganglion.model.spec.arrays import Array


# A kernel of its own, as in `parallel`.
@kernel
def leave_traces_of_shares(loaded: Loaded, plastic: Plastic, share: int, axons: Array, learns: bool) -> bool:
    """As `leave_traces`."""
    return leave_traces(loaded, plastic, share, axons, learns)


@parallel_kernel
def run_learning_parallel(
    neurons: Neurons,
    rows: Rows,
    state: State,
    scratch: Scratch,
    pitch: int,
    guard_bits: int,
    plastic: Plastic,
    learns: bool,
    axons: Array,
    start: Array,
    log: Log,
    first: int,
    last: int,
    share: int,
) -> tuple[int, int]:
    """As `run_learning`, with the threads of `run_parallel`; the rows of a sweep are divided among them too."""
    written: Number = np.int64(0)
    padded, parts = neurons.threshold.size, state.accumulators.shape[0]
    step = first
    while step < last and written + neurons.size <= log.spikes.size:
        begin, events = start[step], start[step + 1] - start[step]
        for thread in prange(parts):
            part: Number = np.int64(thread)  # as in `run_parallel`
            mine = axons[begin + events * part // parts : begin + events * (part + 1) // parts]
            low, high = min(part * share, padded), min((part + 1) * share, padded)
            step_share(Loaded(neurons, rows, state, scratch, pitch, guard_bits), part, low, high, mine)
        loaded = Loaded(neurons, rows, state, scratch, pitch, guard_bits)
        ends = leave_traces_of_shares(loaded, plastic, share, axons[begin : begin + events], learns)
        written = end_shares(loaded, share, log, step, written)
        if ends:
            see(state, plastic)
            for thread in prange(parts):
                share_of_rows: Number = np.int64(thread)
                sweep(rows, plastic, share_of_rows, neurons.first)
            begin_epoch(plastic, log.counts[step])
        step += 1
    return step, written
