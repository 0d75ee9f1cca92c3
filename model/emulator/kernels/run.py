"""Steps, one after another, without leaving compiled code.

What kernels hand to another has one set of types, whoever calls: a slice that is not contiguous would be a type of its
own to Numba, as a plain 0 is (`ZERO`), and the kernel would be compiled for it once more.
"""

from ganglion.model.emulator.kernels.arrays import ZERO, Loaded, Log, State
from ganglion.model.emulator.kernels.compile import inlined_kernel, kernel
from ganglion.model.emulator.kernels.deliver import deliver
from ganglion.model.emulator.kernels.update import update
from ganglion.model.spec.arrays import Array


@inlined_kernel
def step_part(loaded: Loaded, part: int, begin: int, end: int, axons: Array) -> None:
    """One thread's share of a step: update neurons begin … end - 1, deliver their spikes and these axons' events."""
    neurons, rows, state, scratch = loaded.neurons, loaded.rows, loaded.state, loaded.scratch
    accumulators = state.accumulators[part]
    mask = accumulators.size - 1
    t = state.clock[0]
    update(neurons, state, scratch, part, begin, end, (t * loaded.pitch) & mask, loaded.guard_bits)
    base = ((t + rows.least_delay) * loaded.pitch) & mask
    fired = scratch.fired[begin : begin + scratch.totals[part, 0]]
    synops = deliver(rows, axons, 0, base, scratch.starts[part], accumulators)
    synops += deliver(rows, fired, neurons.inputs + neurons.first, base, scratch.starts[part], accumulators)
    scratch.totals[part, 1] = synops


@inlined_kernel
def end_step(loaded: Loaded, share: int, log: Log, step: int, written: int) -> int:
    """Record a step that all parts have done, of `share` neurons each; the spikes recorded so far."""
    state, scratch = loaded.state, loaded.scratch
    for part in range(scratch.totals.shape[0]):
        fired = scratch.totals[part, 0]
        listed = scratch.fired[part * share : part * share + fired]
        spikes = log.spikes[written : written + fired]
        for j in range(fired):
            spikes[j] = listed[j] + loaded.neurons.first
        written += fired
        for counter in range(3):
            log.counts[step, counter] += scratch.totals[part, counter]
    for probe in range(log.probed.shape[1]):
        log.values[step, probe] = state.fields[log.probed[0, probe], log.probed[1, probe]]
    for counter in range(3):
        state.clock[1 + counter] += log.counts[step, counter]
    state.clock[0] += 1
    return written


@kernel
def run(loaded: Loaded, axons: Array, start: Array, log: Log, first: int, last: int) -> tuple[int, int]:
    """Steps first … last - 1 of a run, or fewer where the log may not hold the spikes of another.

    Args:
        loaded: the network.
        axons: int64, all events.
        start: int64: the events of step k are axons[start[k] : start[k + 1]].
        log: `counts` must be 0 from step `first` on; spikes are written from its beginning.
        first, last: see above.

    Returns:
        the step reached, and the spikes written.
    """
    written, padded = 0, loaded.neurons.threshold.size
    step = first
    while step < last and written + loaded.neurons.size <= log.spikes.size:
        step_part(loaded, 0, 0, padded, axons[start[step] : start[step + 1]])
        written = end_step(loaded, padded, log, step, written)
        step += 1
    return step, written


@kernel
def update_step(loaded: Loaded) -> None:
    """The update of one step, without its deliveries; the clock moves on."""
    neurons, state, scratch = loaded.neurons, loaded.state, loaded.scratch
    slot = (state.clock[0] * loaded.pitch) & (state.accumulators.shape[1] - 1)
    update(neurons, state, scratch, 0, 0, neurons.threshold.size, slot, loaded.guard_bits)
    state.clock[0] += 1
    state.clock[1] += scratch.totals[0, 0]
    state.clock[3] += scratch.totals[0, 2]


@kernel
def deliver_step(loaded: Loaded, sources: Array, step: int) -> int:
    """The deliveries of one step, which may be one of the last, less than the least delay ago; their SynOps."""
    accumulators = loaded.state.accumulators[0]
    base = ((step + loaded.rows.least_delay) * loaded.pitch) & (accumulators.size - 1)
    synops = deliver(loaded.rows, sources, 0, base, loaded.scratch.starts[0], accumulators)
    loaded.state.clock[2] += synops
    return synops


@kernel
def copy(source: Array, target: Array) -> None:
    """Copy all elements of an array."""
    for j in range(source.size):
        target[j] = source[j]


@kernel
def run_samples(loaded: Loaded, initial: State, axons: Array, start: Array, steps: Array, log: Log) -> tuple[int, int]:
    """One run after another, each from `initial`.

    Args:
        loaded: the network; the content of its state does not matter before or after.
        initial: state of another place.
        axons: as `run`.
        start: int64: as `run`, the runs' arrays one after another, so that each has steps + 1 entries.
        steps: int64 (runs,).
        log: `counts` and `values` have the steps of all runs, one run after another.

    Returns:
        the runs done, which are fewer where the log may not hold the spikes of another, and the spikes written.
    """
    state = loaded.state
    written, row, step = 0, 0, 0
    for sample in range(steps.size):
        copy(initial.clock, state.clock)
        for field in range(initial.fields.shape[0]):
            copy(initial.fields[field], state.fields[field])
        for part in range(initial.accumulators.shape[0]):
            copy(initial.accumulators[part], state.accumulators[part])
        count = steps[sample]
        counts, values = log.counts[step : step + count], log.values[step : step + count]
        mine = Log(log.spikes[written:], counts, log.probed, values)
        reached, spikes = run(loaded, axons, start[row : row + count + 1], mine, ZERO, count)
        if reached < count:
            return sample, written
        written += spikes
        row += count + 1
        step += count
    return steps.size, written
