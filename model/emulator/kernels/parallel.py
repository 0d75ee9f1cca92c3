"""Steps of one network over several threads, with the same bits as one thread.

A step is cut into chunks of neurons, which are tickets: who claims one updates its neurons and delivers their spikes
into accumulators of the claiming thread's own, which the next update sums. Accumulators add modulo a power of two, so
the order does not matter and nothing is locked. The first thread is the caller's: it does every chunk that nobody else
has claimed, and what is between two steps, so it waits for another only while that one is within a chunk.
"""

from typing import NamedTuple

from ganglion.model.emulator.kernels.arrays import ZERO, Loaded, Log, Number, Scratch
from ganglion.model.emulator.kernels.compile import inlined_kernel, kernel
from ganglion.model.emulator.kernels.run import end_step, step_part
from ganglion.model.emulator.kernels.tickets import OPEN, PHASE, STEP, UNDER_WAY, begin_phase, claim, end_phase, finish
from ganglion.model.emulator.kernels.tickets import load as load_word
from ganglion.model.spec.arrays import Array

STEPS, SWEEP = 0, 1
"""Kinds of a phase."""


class Shared(NamedTuple):
    """A network that several threads run."""

    loaded: Loaded
    """With accumulators, and room for a step, for each thread."""
    totals: Array
    """int64 (chunks, 8): as `Scratch.totals`, of the chunks of a step."""
    share: int
    """Neurons of a chunk, a multiple of BLOCK."""
    table: Array
    """int64 (DONE + threads, WORDS): tickets."""


@kernel
def step_chunk(shared: Shared, part: int, chunk: int, axons: Array, start: Array, step: int) -> None:
    """One chunk of a step, by thread `part`."""
    loaded, chunks = shared.loaded, shared.totals.shape[0]
    padded = loaded.neurons.threshold.size
    low, high = min(chunk * shared.share, padded), min((chunk + 1) * shared.share, padded)
    begin, events = start[step], start[step + 1] - start[step]
    mine = axons[begin + events * chunk // chunks : begin + events * (chunk + 1) // chunks]
    step_part(loaded, part, low, high, mine)
    for counter in range(3):
        shared.totals[chunk, counter] = loaded.scratch.totals[part, counter]


@inlined_kernel
def step_chunks(shared: Shared, axons: Array, start: Array, step: int, patience: int) -> bool:
    """The caller's part of a step: all chunks that nobody else claims; whether the others are done in time."""
    chunk: Number = claim(shared.table)
    while chunk >= 0:
        step_chunk(shared, ZERO, chunk, axons, start, step)
        finish(shared.table, 0)
        chunk = claim(shared.table)
    return end_phase(shared.table, patience)


@inlined_kernel
def of_chunks(shared: Shared) -> Loaded:
    """The network, with what was counted by chunks in place of what was by threads."""
    loaded, scratch = shared.loaded, shared.loaded.scratch
    counted = Scratch(scratch.values, scratch.keys, scratch.spikes, scratch.fired, shared.totals, scratch.starts)
    return Loaded(loaded.neurons, loaded.rows, loaded.state, counted, loaded.pitch, loaded.guard_bits)


@kernel
def run_shared(
    shared: Shared, axons: Array, start: Array, log: Log, first: int, last: int, written: int, patience: int
) -> tuple[int, int, bool]:
    """As `run`, by the caller of helpers.

    Args:
        shared: the network.
        axons, start, log, first, last: as `run`.
        written: spikes that the log holds already.
        patience: how often to look whether others are done, before this returns within a step: call it again.

    Returns:
        the step reached, the spikes written, and whether others are within a chunk of that step.
    """
    table, chunks = shared.table, shared.totals.shape[0]
    step = first
    while step < last and (table[PHASE, UNDER_WAY] or written + shared.loaded.neurons.size <= log.spikes.size):
        if not table[PHASE, UNDER_WAY]:
            begin_phase(table, STEPS, step, chunks)
        if not step_chunks(shared, axons, start, step, patience):
            return step, written, True
        written = end_step(of_chunks(shared), shared.share, log, step, written)
        step += 1
    return step, written, False


@kernel
def help_run(shared: Shared, part: int, axons: Array, start: Array, patience: int) -> None:
    """Do chunks of `run_shared` as thread `part`, until none was there for so many looks, or no help is wanted."""
    table, looks = shared.table, 0
    while looks < patience and load_word(table, OPEN):
        looks += 1
        chunk: Number = claim(table)
        if chunk >= 0:
            step_chunk(shared, part, chunk, axons, start, table[PHASE, STEP])
            finish(table, part)
            looks = 0
