"""The update of a block of neurons, stage by stage.

Each stage is one loop without branches, which the compiler turns into vector instructions; a stage that no neuron of
the block needs is not run. `ganglion.model.spec.reference.Reference.update` says what the stages do together.
"""

import numpy as np

from ganglion.model.emulator.kernels.arrays import (
    ADAPTATION,
    BIAS,
    BLOCK,
    CURRENT,
    HAS_CURRENT,
    M_A,
    M_U,
    M_V,
    NOISE,
    NOISE_BITS,
    PERIOD,
    RAISE,
    REFRACTORY,
    S_A,
    S_U,
    S_V,
    SUBTRACT,
    V_RESET,
    Array,
    Neurons,
    Scratch,
    State,
)
from ganglion.model.emulator.kernels.compile import kernel
from ganglion.model.emulator.kernels.noise import add_noise, step_keys

@kernel
def read_inputs(accumulators: Array, begin: int, x: Array) -> None:
    """Sum the threads' accumulators from `begin` on into x, and clear them."""
    mine = accumulators[0, begin : begin + x.size]
    for j in range(x.size):
        x[j] = mine[j]
    mine[:] = 0
    for part in range(1, accumulators.shape[0]):
        other = accumulators[part, begin : begin + x.size]
        for j in range(x.size):
            x[j] += other[j]
        other[:] = 0


@kernel
def wrap_inputs(x: Array, accumulator_bits: int, guard_bits: int) -> int:
    """Wrap sums modulo 2^(W + guard) to W bits; how many had left them."""
    t = x.dtype.type
    size = 8 * x.itemsize
    outer, inner = size - accumulator_bits - guard_bits, size - accumulator_bits
    overflows = 0
    for j in range(x.size):
        exact = t(t(x[j] << outer) >> outer)
        x[j] = t(t(exact << inner) >> inner)
        overflows += x[j] != exact
    return overflows


@kernel
def charge_currents(x: Array, u: Array, refractory: Array, constants: Array, high: int) -> None:
    """u takes the input and decays; x becomes u where the type has a current."""
    t = x.dtype.type
    top, bottom = t(high), t(-high - 1)
    m, s, has = constants[M_U], constants[S_U], constants[HAS_CURRENT]
    for j in range(x.size):
        old = t(u[j])
        new = t(old - t(t(old * m[j]) >> s[j]) + x[j])
        new = min(max(new, bottom), top)
        x[j] = new if has[j] else x[j]
        u[j] = new if (has[j] != 0) & (refractory[j] == 0) else old


@kernel
def add_bias(x: Array, bias: Array) -> None:
    """Add the bias to the drive."""
    for j in range(x.size):
        x[j] += bias[j]


@kernel
def fire(x: Array, v: Array, threshold: Array, constants: Array, high: int, spikes: Array) -> None:
    """Membranes of neurons that are not refractory now and whose threshold does not adapt."""
    t = x.dtype.type
    top, bottom = t(high), t(-high - 1)
    m, s, v_reset, subtract = constants[M_V], constants[S_V], constants[V_RESET], constants[SUBTRACT]
    for j in range(x.size):
        old = t(v[j])
        new = t(old - t(t(old * m[j]) >> s[j]) + x[j])
        new = min(max(new, bottom), top)
        less = min(max(t(new - threshold[j]), bottom), top)
        spike = new > threshold[j]
        v[j] = (less if subtract[j] else v_reset[j]) if spike else new
        spikes[j] = spike


@kernel
def fire_adapting(
    x: Array,
    v: Array,
    a: Array,
    refractory: Array,
    threshold: Array,
    constants: Array,
    high: int,
    adaptation_high: int,
    spikes: Array,
) -> None:
    """Membranes, adaptive thresholds and refractory counters, of all neurons."""
    t = x.dtype.type
    top, bottom = t(high), t(-high - 1)
    a_top, a_bottom = t(adaptation_high), t(-adaptation_high - 1)
    m, s, v_reset, subtract = constants[M_V], constants[S_V], constants[V_RESET], constants[SUBTRACT]
    m_a, s_a, rise, period = constants[M_A], constants[S_A], constants[RAISE], constants[PERIOD]
    for j in range(x.size):
        active = refractory[j] == 0
        raised = t(a[j])
        raised = t(raised - t(t(raised * m_a[j]) >> s_a[j]))
        old = t(v[j])
        new = t(old - t(t(old * m[j]) >> s[j]) + x[j])
        new = min(max(new, bottom), top)
        less = min(max(t(new - threshold[j]), bottom), top)
        spike = (new > t(threshold[j] + raised)) & active
        after = (less if subtract[j] else v_reset[j]) if spike else new
        v[j] = after if active else old
        after = min(max(t(raised + rise[j]), a_bottom), a_top) if spike else raised
        a[j] = after if active else t(a[j])
        wait = period[j] if spike else t(0)
        refractory[j] = wait if active else t(t(refractory[j]) - t(1))
        spikes[j] = spike


@kernel
def list_spikes(spikes: Array, first: int, fired: Array, count: int) -> int:
    """Append the neurons of a block that fired to `fired`, which holds `count`; the new count."""
    words = spikes.view(np.uint64)
    for k in range(words.size):
        if words[k]:
            for j in range(8 * k, 8 * k + 8):
                fired[count] = first + j
                count += spikes[j]
    return count


@kernel
def update(
    neurons: Neurons,
    state: State,
    scratch: Scratch,
    part: int,
    begin: int,
    end: int,
    slot: int,
    guard_bits: int,
) -> None:
    """Update neurons begin … end - 1, whose accumulators of this step begin at `slot`.

    Args:
        part: which thread this is.
        begin: a multiple of BLOCK.
        end: a multiple of LINE.
        guard_bits: of the accumulators; negative where no sum can leave W bits, which are then not looked at.

    The neurons that fired go to `scratch.fired` from `begin` on, their number and that of overflows to `scratch.totals`.
    """
    count, overflows = begin, 0
    keys = step_keys(neurons.seed, state.clock[0])
    for low in range(begin, end, BLOCK):
        high = min(low + BLOCK, end)
        block, size = low // BLOCK, high - low
        flags = neurons.flags[block]
        constants = neurons.constants[neurons.page[block]]
        x = scratch.values[part, :size]
        spikes = scratch.spikes[part, :size]
        refractory = state.refractory[low:high]
        read_inputs(state.accumulators, slot + low, x)
        if guard_bits >= 0:
            overflows += wrap_inputs(x, neurons.accumulator_bits, guard_bits)
        if flags & CURRENT:
            charge_currents(x, state.u[low:high], refractory, constants, neurons.current_high)
        if flags & BIAS:
            add_bias(x, neurons.bias[low:high])
        if flags & NOISE:
            add_noise(x, keys, neurons.first + low, constants[NOISE_BITS])
        threshold = neurons.threshold[low:high]
        if flags & (REFRACTORY | ADAPTATION):
            fire_adapting(
                x,
                state.v[low:high],
                state.a[low:high],
                refractory,
                threshold,
                constants,
                neurons.membrane_high,
                neurons.adaptation_high,
                spikes,
            )
        else:
            fire(x, state.v[low:high], threshold, constants, neurons.membrane_high, spikes)
        count = list_spikes(spikes, low, scratch.fired, count)
    scratch.totals[part, 0] = count - begin
    scratch.totals[part, 2] = overflows
