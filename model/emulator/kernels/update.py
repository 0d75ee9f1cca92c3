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
    LEFT,
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
    SHORT,
    SUBTRACT,
    V_RESET,
    A,
    Neurons,
    Number,
    Scratch,
    State,
    U,
    V,
)
from ganglion.model.emulator.kernels.compile import inlined_kernel, kernel
from ganglion.model.emulator.kernels.noise import add_noise, step_keys
from ganglion.model.emulator.kernels.words import trailing_zeros
from ganglion.model.spec.arrays import Array


@inlined_kernel
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
    shifts = t(8 * x.itemsize - 1)  # no shift is larger, which the compiler must know to shift many at a time
    for j in range(x.size):
        old, i, charges = t(u[j]), x[j], has[j] != 0
        new = t(old - t(t(old * m[j]) >> t(s[j] & shifts)) + i)
        new = t(min(max(new, bottom), top))
        x[j] = new if charges else i
        u[j] = new if charges & (refractory[j] == 0) else old


@kernel
def add_bias(x: Array, bias: Array) -> None:
    """Add the bias to the drive."""
    for j in range(x.size):
        x[j] += bias[j]


@kernel
def fire(x: Array, v: Array, threshold: Array, constants: Array, high: int, spikes: Array) -> None:
    """Membranes of neurons none of which is refractory, now or after a spike, or adapts its threshold."""
    t = x.dtype.type
    top, bottom = t(high), t(-high - 1)
    m, s, v_reset, subtract = constants[M_V], constants[S_V], constants[V_RESET], constants[SUBTRACT]
    shifts = t(8 * x.itemsize - 1)
    for j in range(x.size):
        old, limit, fixed, lowers = t(v[j]), t(threshold[j]), v_reset[j], subtract[j] != 0
        new = t(old - t(t(old * m[j]) >> t(s[j] & shifts)) + x[j])
        new = t(min(max(new, bottom), top))
        lower = t(min(max(t(new - limit), bottom), top))
        spike = new > limit
        after = lower if lowers else fixed
        v[j] = after if spike else new
        spikes[j] = spike


@kernel
def fire_if_active(
    x: Array, v: Array, a: Array, refractory: Array, threshold: Array, constants: Array, high: int, spikes: Array
) -> None:
    """Membranes of any neurons: those that are refractory keep theirs; x becomes the threshold's adaptive part."""
    t = x.dtype.type
    top, bottom = t(high), t(-high - 1)
    m, s, v_reset, subtract = constants[M_V], constants[S_V], constants[V_RESET], constants[SUBTRACT]
    shifts = t(8 * x.itemsize - 1)
    m_a, s_a = constants[M_A], constants[S_A]
    for j in range(x.size):
        old, limit, fixed, lowers = t(v[j]), t(threshold[j]), v_reset[j], subtract[j] != 0
        adapted, active = t(a[j]), refractory[j] == 0
        adapted = t(adapted - t(t(adapted * m_a[j]) >> t(s_a[j] & shifts)))
        new = t(old - t(t(old * m[j]) >> t(s[j] & shifts)) + x[j])
        new = t(min(max(new, bottom), top))
        lower = t(min(max(t(new - limit), bottom), top))
        spike = (new > t(limit + adapted)) & active
        after = lower if lowers else fixed
        after = after if spike else new
        v[j] = after if active else old
        x[j] = adapted
        spikes[j] = spike


@kernel
def recover(x: Array, a: Array, refractory: Array, constants: Array, high: int, spikes: Array) -> None:
    """Adaptive parts of thresholds, from their decayed values x, and refractory counters."""
    t = x.dtype.type
    top, bottom = t(high), t(-high - 1)
    rise, period = constants[RAISE], constants[PERIOD]
    for j in range(x.size):
        spike, left, old, decayed, wait = spikes[j] != 0, t(refractory[j]), t(a[j]), x[j], period[j]
        raised = t(min(max(t(decayed + rise[j]), bottom), top))
        adapted = raised if spike else decayed
        wait = wait if spike else t(0)
        a[j] = adapted if left == 0 else old
        refractory[j] = wait if left == 0 else t(left - t(1))


@kernel
def clamped_sum(a: Number, b: Number, bottom: Number, top: Number) -> Number:
    """The sum of two int16, saturated; in this form one vector instruction adds."""
    exact = np.int32(a) + np.int32(b)
    short = np.int16(min(max(exact, np.int32(-32768)), np.int32(32767)))
    return min(max(short, bottom), top)


@kernel
def clamped_difference(a: Number, b: Number, bottom: Number, top: Number) -> Number:
    """As `clamped_sum`, for a - b."""
    exact = np.int32(a) - np.int32(b)
    short = np.int16(min(max(exact, np.int32(-32768)), np.int32(32767)))
    return min(max(short, bottom), top)


@inlined_kernel
def fire_short(
    accumulators: Array, begin: int, v: Array, threshold: Array, bias: Array, constants: Array, high: int, spikes: Array
) -> None:
    """Read, leak, fire and reset at once, in 16 bits: twice as many neurons per vector, and nothing goes in between.

    For neurons of one type that leak by a shift or not at all, with no option but a bias, whose input and bias sum to
    16 bits.
    """
    t = np.int16
    top, bottom = t(high), t(-high - 1)
    leaks, s = t(-constants[M_V, 0]), t(constants[S_V, 0] & 15)
    fixed, lowers = t(constants[V_RESET, 0]), constants[SUBTRACT, 0] != 0
    inputs = accumulators[0, begin : begin + v.size]
    for part in range(1, accumulators.shape[0]):
        other = accumulators[part, begin : begin + v.size]
        for j in range(v.size):
            inputs[j] += other[j]
        other[:] = 0
    for j in range(v.size):
        old, limit = t(v[j]), t(threshold[j])
        kept = t(old - t(t(old >> s) & leaks))
        new = clamped_sum(kept, t(inputs[j] + bias[j]), bottom, top)
        lower = clamped_difference(new, limit, bottom, top)
        spike = new > limit
        after = lower if lowers else fixed
        v[j] = after if spike else new
        inputs[j] = 0
        spikes[j] = spike


@inlined_kernel
def list_spikes(spikes: Array, first: int, fired: Array, count: int) -> int:
    """Append the neurons of a block that fired to `fired`, which holds `count`; the new count."""
    words = spikes.view(np.uint64)
    for k in range(words.size):
        word = words[k]
        while word:
            fired[count] = first + 8 * k + np.int64(trailing_zeros(word) >> np.uint64(3))
            count += 1
            word &= word - np.uint64(1)
    return count


@inlined_kernel
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

    The neurons that fired go to `scratch.fired` from `begin` on; how many, and how many overflows there were, go to
    `scratch.totals`.
    """
    count, overflows, keyed = begin, 0, False
    all_v, all_u, all_a, all_left = state.fields[V], state.fields[U], state.fields[A], state.fields[LEFT]
    for low in range(begin, end, BLOCK):
        high = min(low + BLOCK, end)
        block, size = low // BLOCK, high - low
        flags = neurons.flags[block]
        constants = neurons.constants[neurons.page[block]]
        x = scratch.values[part, 0, :size]
        spikes = scratch.spikes[part, :size]
        if flags & SHORT:
            v, bias, threshold = all_v[low:high], neurons.bias[low:high], neurons.threshold[low:high]
            fire_short(state.accumulators, slot + low, v, threshold, bias, constants, neurons.membrane_high, spikes)
            count = list_spikes(spikes, low, scratch.fired, count)
            continue
        refractory = all_left[low:high]
        read_inputs(state.accumulators, slot + low, x)
        if guard_bits >= 0:
            overflows += wrap_inputs(x, neurons.accumulator_bits, guard_bits)
        if flags & CURRENT:
            charge_currents(x, all_u[low:high], refractory, constants, neurons.current_high)
        if flags & BIAS:
            add_bias(x, neurons.bias[low:high])
        if flags & NOISE:
            if not keyed:
                step_keys(neurons.seed, state.clock[0], scratch.keys[part])
                keyed = True
            older, newer = scratch.values[part, 1, :size], scratch.values[part, 2, :size]
            add_noise(x, older, newer, scratch.keys[part], neurons.first + low, constants[NOISE_BITS])
        threshold = neurons.threshold[low:high]
        if flags & (REFRACTORY | ADAPTATION):
            a = all_a[low:high]
            fire_if_active(x, all_v[low:high], a, refractory, threshold, constants, neurons.membrane_high, spikes)
            recover(x, a, refractory, constants, neurons.adaptation_high, spikes)
        else:
            fire(x, all_v[low:high], threshold, constants, neurons.membrane_high, spikes)
        count = list_spikes(spikes, low, scratch.fired, count)
    scratch.totals[part, 0] = count - begin
    scratch.totals[part, 2] = overflows
