"""Steps of a network that learns, one after another, without leaving compiled code."""

from ganglion.model.emulator.kernels.arrays import ZERO, Loaded, Log, State, V
from ganglion.model.emulator.kernels.compile import inlined_kernel, kernel
from ganglion.model.emulator.kernels.plastic import LEARNED, SATURATIONS, VISITS, Plastic
from ganglion.model.emulator.kernels.run import end_step, step_part
from ganglion.model.emulator.kernels.sweep import sweep
from ganglion.model.emulator.kernels.traces import neurons_fire, read_receptors, see_neurons, sources_fire
from ganglion.model.spec.arrays import Array


@inlined_kernel
def read_errors(loaded: Loaded, plastic: Plastic, step: int, learns: bool) -> int:
    """Read and clear what arrived at receptor 1 in a step, which traces take if the network learns; overflows."""
    begin = ((step * loaded.pitch) & (loaded.state.accumulators.shape[1] - 1)) + plastic.receptor
    values = loaded.scratch.values[0, 0]
    return read_receptors(loaded.neurons, loaded.state, plastic, begin, loaded.guard_bits, values, learns)


@inlined_kernel
def leave_traces(loaded: Loaded, plastic: Plastic, share: int, axons: Array, learns: bool) -> bool:
    """What a step, all of whose events have been delivered, leaves behind; whether an epoch ends with it.

    Args:
        share: neurons of each thread.
        learns: False: receptor 1 is read, and nothing else moves.
    """
    neurons, state, scratch = loaded.neurons, loaded.state, loaded.scratch
    if plastic.receptor:
        scratch.totals[0, 2] += read_errors(loaded, plastic, state.clock[0], learns)
    if not learns:
        return False
    if axons.size:
        sources_fire(plastic, axons, ZERO)
    for part in range(scratch.totals.shape[0]):
        if scratch.totals[part, 0]:
            fired = scratch.fired[part * share : part * share + scratch.totals[part, 0]]
            neurons_fire(plastic, fired)
            sources_fire(plastic, fired, neurons.inputs + neurons.first)
    plastic.clock[LEARNED] += 1
    return bool(plastic.clock[LEARNED] % plastic.epoch == 0)


@kernel
def see(state: State, plastic: Plastic) -> None:
    """As `see_neurons`, at the end of an epoch."""
    see_neurons(plastic, state.fields[V])


@kernel
def begin_epoch(plastic: Plastic, recorded: Array) -> None:
    """Record what a sweep counted in all threads, and forget who fired in the epoch that it ended.

    Args:
        recorded: int64 (counters,), of the step; those of learning are the last.
    """
    plastic.x0[:] = 0
    plastic.y0[:] = 0
    for part in range(plastic.counts.shape[0]):
        for counter in range(VISITS, SATURATIONS + 1):
            recorded[2 + counter] += plastic.counts[part, counter]
            plastic.clock[counter] += plastic.counts[part, counter]


@kernel
def run_learning(
    loaded: Loaded, plastic: Plastic, learns: bool, axons: Array, start: Array, log: Log, first: int, last: int
) -> tuple[int, int]:
    """As `run`, of a network that learns, or does not for a while.

    Args:
        loaded: the network.
        plastic: what of it learns.
        learns: whether it does.
        axons, start, first, last: as `run`.
        log: as `run`; `counts` has visits, changes and saturations too.
    """
    written, padded = 0, loaded.neurons.threshold.size
    step = first
    while step < last and written + loaded.neurons.size <= log.spikes.size:
        events = axons[start[step] : start[step + 1]]
        step_part(loaded, 0, 0, padded, events)
        ends = leave_traces(loaded, plastic, padded, events, learns)
        written = end_step(loaded, padded, log, step, written)
        if ends:
            see(loaded.state, plastic)
            sweep(loaded.rows, plastic, ZERO, loaded.neurons.first)
            begin_epoch(plastic, log.counts[step])
        step += 1
    return step, written


@kernel
def learn_step(
    loaded: Loaded, plastic: Plastic, learns: bool, step: int, sources: Array, fired: Array, recorded: Array
) -> None:
    """What one step leaves behind, and its sweep: behind `update_step` and `deliver_step`, step by step.

    Args:
        loaded, plastic, learns: as `run_learning`.
        step: its number.
        sources: all that fired in it, in the whole network.
        fired: neurons that fired in it, of those held here and numbered from the first of them.
        recorded: int64 (counters,), of the step; added to.
    """
    if plastic.receptor:
        overflows = read_errors(loaded, plastic, step, learns)
        recorded[2] += overflows
        loaded.state.clock[3] += overflows
    if not learns:
        return
    sources_fire(plastic, sources, ZERO)
    neurons_fire(plastic, fired)
    plastic.clock[LEARNED] += 1
    if plastic.clock[LEARNED] % plastic.epoch == 0:
        see(loaded.state, plastic)
        sweep(loaded.rows, plastic, ZERO, loaded.neurons.first)
        begin_epoch(plastic, recorded)
