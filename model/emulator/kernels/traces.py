"""Traces: what spikes, and what arrives at receptor 1, leave behind for a sweep to see."""

import numpy as np

from ganglion.model.emulator.kernels.arrays import Neurons, Number, State
from ganglion.model.emulator.kernels.compile import inlined_kernel, kernel
from ganglion.model.emulator.kernels.plastic import (
    ACTIVE,
    BOUND,
    DECAY_M,
    DECAY_S,
    EVERY,
    FEED,
    FIRED,
    JUMP,
    KERNEL,
    LEARNED,
    SET,
    VALUE,
    Plastic,
)
from ganglion.model.emulator.kernels.update import wrap_inputs
from ganglion.model.spec.arrays import Array
from ganglion.model.spec.learning_memories import BOUNDS, Feed

NONE, SPIKES, RECEPTOR, TRACE = int(Feed.NONE), int(Feed.SPIKES), int(Feed.RECEPTOR), int(Feed.TRACE)


@kernel
def seen(plastic: Plastic, value: int, age: int, constants: Array) -> int:
    """What is left of a trace of spikes at an age."""
    left: int = (value * plastic.kernels[constants[KERNEL], age]) >> 8
    return left


@kernel
def jumped(plastic: Plastic, value: int, age: int, constants: Array) -> int:
    """A trace of spikes after one more spike."""
    jump: int = constants[JUMP]
    return jump if constants[SET] else min(seen(plastic, value, age, constants) + jump, plastic.most)


@kernel
def sources_fire(plastic: Plastic, sources: Array, offset: int) -> None:
    """These sources, `offset` added to each, fire in the step that comes next: once, however often they are named."""
    now = plastic.clock[LEARNED] + 1
    for k in range(sources.size):
        source = sources[k] + offset
        before = plastic.x_time[source]
        if before == now or not plastic.traced[source]:
            continue
        for trace in range(plastic.x.shape[0]):
            constants = plastic.pre[trace]
            if constants[FEED] != NONE:
                age = min(now - before, plastic.ages - 1)
                plastic.x[trace, source] = jumped(plastic, plastic.x[trace, source], age, constants)
        plastic.x_time[source] = now
        plastic.x0[source] = 1


@kernel
def neurons_fire(plastic: Plastic, fired: Array) -> None:
    """These neurons fire in the step that comes next."""
    now = plastic.clock[LEARNED] + 1
    for k in range(fired.size):
        neuron = fired[k]
        age = min(now - plastic.y_time[neuron], plastic.ages - 1)
        for slot in range(3):
            constants = plastic.post[plastic.type[neuron], slot]
            if constants[FEED] == SPIKES:
                plastic.y[slot, neuron] = jumped(plastic, plastic.y[slot, neuron], age, constants)
        plastic.y_time[neuron] = now
        plastic.y0[neuron] = 1


@inlined_kernel
def read_receptors(
    neurons: Neurons, state: State, plastic: Plastic, begin: int, guard_bits: int, values: Array, learns: bool
) -> int:
    """Read and clear the accumulators of receptor 1 from `begin` on; traces take them if the network learns.

    Args:
        values: int32 or int64, room for a few.

    Returns:
        Overflows.
    """
    overflows = 0
    for low in range(0, neurons.size, values.size):
        x = values[: min(values.size, neurons.size - low)]
        x[:] = 0
        for part in range(state.accumulators.shape[0]):
            sums = state.accumulators[part, begin + low : begin + low + x.size]
            for j in range(x.size):
                x[j] += sums[j]
            sums[:] = 0
        if guard_bits >= 0:
            overflows += wrap_inputs(x, neurons.accumulator_bits, guard_bits)
        if learns:
            take_errors(plastic, x, low)
    return overflows


@kernel
def take_errors(plastic: Plastic, errors: Array, first: int) -> None:
    """The traces of neurons first, first + 1, … that receptor 1 feeds."""
    for j in range(errors.size):
        for slot in range(3):
            constants = plastic.post[plastic.type[first + j], slot]
            if constants[FEED] == RECEPTOR:
                old = plastic.y[slot, first + j]
                new = old - ((old * constants[DECAY_M]) >> constants[DECAY_S]) + np.int64(errors[j])
                plastic.y[slot, first + j] = min(max(new, -plastic.most - 1), plastic.most)


@kernel
def see_neurons(plastic: Plastic, v: Array) -> None:
    """What a sweep sees of every neuron, at the end of an epoch, and which neurons terms reach.

    Args:
        v: membranes.
    """
    for slot in range(plastic.slots):
        see_slot(plastic, slot, v)
    fired, active = 0, 0
    for neuron in range(plastic.type.size):
        y0 = plastic.y0[neuron]
        any_of = y0 | plastic.seen[1, neuron] | plastic.seen[2, neuron] | plastic.seen[3, neuron]
        plastic.seen[0, neuron] = y0
        plastic.reached[FIRED - 1, fired] = neuron
        plastic.reached[ACTIVE - 1, active] = neuron
        fired += y0
        active += any_of != 0
        plastic.near[neuron] = FIRED if y0 else ACTIVE if any_of else EVERY
    plastic.listed[FIRED - 1] = fired
    plastic.listed[ACTIVE - 1] = active


@kernel
def see_slot(plastic: Plastic, slot: int, v: Array) -> None:
    """What a sweep sees of one of the traces y1 to y3 of every neuron."""
    now = plastic.clock[LEARNED]
    for neuron in range(plastic.type.size):
        constants = plastic.post[plastic.type[neuron], slot]
        feed, value = constants[FEED], plastic.y[slot, neuron]
        if feed == NONE:
            value = 0
        elif feed == SPIKES:
            value = seen(plastic, value, min(now - plastic.y_time[neuron], plastic.ages - 1), constants)
        elif feed != RECEPTOR:
            value = look_up(plastic.seen[1, neuron] if feed == TRACE else np.int64(v[neuron]), constants)
        plastic.seen[1 + slot, neuron] = value


@kernel
def look_up(value: Number, constants: Array) -> int:
    """The trace of a table."""
    segment = 0
    for bound in range(BOUNDS):
        segment += constants[BOUND + bound] <= value
    found: int = constants[VALUE + segment]
    return found
