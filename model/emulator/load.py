"""The arrays that a stored network runs in."""

from functools import cache

import numpy as np

from ganglion.model.emulator.blocks import pages, set_flags
from ganglion.model.emulator.kernels.arrays import BLOCK, FIELDS, LINE, TOGETHER, Neurons, Scratch, State
from ganglion.model.emulator.network import StoredNetwork
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import Array
from ganglion.model.spec.fields import CONSTANTS, NEURON_STATE
from ganglion.model.spec.noise_constants import KEYED_ROUNDS
from ganglion.model.spec.params import GUARD_BITS, Params

UNCHECKED = -1
"""Guard bits of accumulators whose sums provably stay within W bits."""


@cache
def is_narrow(params: Params) -> bool:
    """Whether state fits 16 bits and the arithmetic 32: products of state and decay, and sums of all that drives v."""
    short = np.iinfo(np.int16)
    held = (spec.field(params) for spec in (*NEURON_STATE, *CONSTANTS) if spec.writable)
    narrow = all(short.min <= field.low and field.high <= short.max for field in held if field.width)
    return narrow and params.decay_bits <= 16 and params.accumulator_bits <= 28


def padded(count: int) -> int:
    """Length of the neuron arrays of so many neurons."""
    return -(-count // LINE) * LINE


def accumulator_form(params: Params, bound: int) -> tuple[np.dtype[np.integer], int]:
    """The narrowest accumulators that keep all the bits, and their guard bits, where no sum is beyond `bound`."""
    bits, guard = params.accumulator_bits, UNCHECKED
    if bound > signed_range(bits)[1]:
        bits, guard = bits + GUARD_BITS, GUARD_BITS
    else:
        bits = bound.bit_length() + 1
    if not is_narrow(params):
        return np.dtype(np.int64), guard
    return np.dtype(np.int16 if bits <= 16 else np.int32), guard


def neurons_of(network: StoredNetwork, type_of: Array, threshold: Array, bias: Array) -> Neurons:
    """Constants of the neurons held here, from arrays of shape (count,); the flags are 0."""
    params = network.neurons.params
    narrow = is_narrow(params)
    dtype = np.dtype(np.int16 if narrow else np.int64)
    size = padded(network.count)
    padded_types = np.pad(type_of, (0, size - network.count), mode="edge")
    constants, page = pages(network.neurons.types, padded_types, np.dtype(np.int32 if narrow else np.int64))
    _, highest = signed_range(params.membrane_bits)
    return Neurons(
        size=network.count,
        first=network.first,
        inputs=network.neurons.inputs,
        threshold=np.pad(threshold, (0, size - network.count), constant_values=highest).astype(dtype),
        bias=np.pad(bias, (0, size - network.count)).astype(dtype),
        constants=constants,
        page=page,
        flags=np.zeros(page.size, dtype=np.int64),
        membrane_high=highest,
        current_high=(1 << max(0, params.current_bits - 1)) - 1,
        adaptation_high=(1 << max(0, params.adaptation_bits - 1)) - 1,
        accumulator_bits=params.accumulator_bits,
        seed=network.neurons.seed,
    )


def state_of(network: StoredNetwork, accumulators: np.dtype[np.integer]) -> State:
    """State of a network that has just been loaded."""
    params = network.neurons.params
    dtype = np.int16 if is_narrow(params) else np.int64
    size = padded(network.count)
    fields = np.zeros((len(FIELDS), size), dtype=dtype)
    ring = np.zeros((1, params.delay_slots * network.pitch), dtype=accumulators)
    return State(np.zeros(4, dtype=np.int64), fields, ring)


def scratch_of(network: StoredNetwork, parts: int) -> Scratch:
    """Room for one step of a network."""
    return Scratch(
        values=np.empty((parts, 3, BLOCK), dtype=np.int32 if is_narrow(network.neurons.params) else np.int64),
        keys=np.zeros((parts, len(KEYED_ROUNDS)), dtype=np.int64),
        spikes=np.zeros((parts, BLOCK), dtype=np.uint8),
        fired=np.empty(padded(network.count), dtype=np.int64),
        totals=np.zeros((parts, 8), dtype=np.int64),
        starts=np.empty((parts, TOGETHER), dtype=np.int64),
    )


def flag_all(neurons: Neurons, state: State, largest_input: int) -> None:
    """Set the flags of every block; see `set_flags`."""
    for block in range(neurons.page.size):
        set_flags(neurons, state, block, largest_input)
