"""Steps of a network that learns over several threads, with the same bits as one thread: see `parallel`.

The sweep behind an epoch is a phase of its own, whose tickets are shares of the rows.
"""

from ganglion.model.emulator.kernels.arrays import Log, Number
from ganglion.model.emulator.kernels.compile import kernel
from ganglion.model.emulator.kernels.learn import begin_epoch, leave_traces, see
from ganglion.model.emulator.kernels.parallel import STEPS, SWEEP, Shared, of_chunks, step_chunk, step_chunks
from ganglion.model.emulator.kernels.plastic import Plastic
from ganglion.model.emulator.kernels.run import end_step
from ganglion.model.emulator.kernels.sweep import sweep
from ganglion.model.emulator.kernels.tickets import (
    KIND,
    OPEN,
    PHASE,
    STEP,
    UNDER_WAY,
    begin_phase,
    claim,
    end_phase,
    finish,
    load,
)
from ganglion.model.spec.arrays import Array


@kernel
def run_learning_shared(
    shared: Shared,
    plastic: Plastic,
    learns: bool,
    axons: Array,
    start: Array,
    log: Log,
    first: int,
    last: int,
    written: int,
    patience: int,
) -> tuple[int, int, bool]:
    """As `run_shared`, of a network that learns, or does not for a while: see `run_learning`."""
    table, chunks, loaded = shared.table, shared.totals.shape[0], shared.loaded
    step = first
    while step < last and (table[PHASE, UNDER_WAY] or written + loaded.neurons.size <= log.spikes.size):
        if not table[PHASE, UNDER_WAY]:
            begin_phase(table, STEPS, step, chunks)
        if table[PHASE, KIND] == STEPS:
            if not step_chunks(shared, axons, start, step, patience):
                return step, written, True
            counted = of_chunks(shared)
            ends = leave_traces(counted, plastic, shared.share, axons[start[step] : start[step + 1]], learns)
            written = end_step(counted, shared.share, log, step, written)
            if not ends:
                step += 1
                continue
            see(loaded.state, plastic)
            begin_phase(table, SWEEP, step, plastic.parts.size - 1)
        rows: Number = claim(table)
        while rows >= 0:
            sweep(loaded.rows, plastic, rows, loaded.neurons.first)
            finish(table, 0)
            rows = claim(table)
        if not end_phase(table, patience):
            return step, written, True
        begin_epoch(plastic, log.counts[step])
        step += 1
    return step, written, False


@kernel
def help_learning(shared: Shared, plastic: Plastic, part: int, axons: Array, start: Array, patience: int) -> None:
    """As `help_run`."""
    table, looks = shared.table, 0
    while looks < patience and load(table, OPEN):
        looks += 1
        ticket: Number = claim(table)
        if ticket >= 0:
            if table[PHASE, KIND] == STEPS:
                step_chunk(shared, part, ticket, axons, start, table[PHASE, STEP])
            else:
                sweep(shared.loaded.rows, plastic, ticket, shared.loaded.neurons.first)
            finish(table, part)
            looks = 0
