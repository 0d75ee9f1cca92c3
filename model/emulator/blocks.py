"""Constants of neuron types as the update wants them: spelt out per neuron, for a block of neurons at a time."""

from collections.abc import Sequence

import numpy as np

from ganglion.model.emulator.kernels.arrays import (
    ADAPTATION,
    BIAS,
    BLOCK,
    CONSTANTS,
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
    State,
)
from ganglion.model.spec.arithmetic import lowest_terms
from ganglion.model.spec.arrays import Array
from ganglion.model.spec.decay import NEVER
from ganglion.model.spec.neuron import NeuronType


def constants_of(neuron_type: NeuronType) -> list[int]:
    """The column of a page that a neuron of this type has."""
    column = [0] * CONSTANTS
    column[M_V], column[S_V] = lowest_terms(*neuron_type.decay)
    column[M_U], column[S_U] = lowest_terms(*(neuron_type.current_decay or NEVER))
    column[M_A], column[S_A] = lowest_terms(*neuron_type.adaptation_decay)
    column[RAISE], column[V_RESET] = neuron_type.adaptation_raise, neuron_type.v_reset
    column[SUBTRACT], column[PERIOD] = neuron_type.reset == "subtract", neuron_type.refractory
    column[HAS_CURRENT], column[NOISE_BITS] = neuron_type.current_decay is not None, neuron_type.noise
    return column


def pages(types: Sequence[NeuronType], type_of: Array, dtype: np.dtype[np.integer]) -> tuple[Array, Array]:
    """The pages of a network, and the page of each block.

    Args:
        types: neuron types.
        type_of: index into them, shape (padded,).
        dtype: type of the arithmetic.

    Returns:
        pages, of shape (pages, CONSTANTS, BLOCK): one per type, then one per block with neurons of several types; and
        the number of each block's page, int64.
    """
    table = np.array([constants_of(t) for t in types], dtype=dtype)
    spelt = [np.repeat(column[:, None], BLOCK, axis=1) for column in table]
    page = np.empty(-(-type_of.size // BLOCK), dtype=np.int64)
    for block in range(page.size):
        types_here = type_of[block * BLOCK : (block + 1) * BLOCK]
        page[block] = types_here[0]
        if (types_here != types_here[0]).any():
            page[block] = len(spelt)
            mixed = np.zeros((CONSTANTS, BLOCK), dtype=dtype)
            mixed[:, : types_here.size] = table[types_here].T
            spelt.append(mixed)
    return np.stack(spelt), page


FLAGGED = {"bias", "refractory", "a"}
"""What the flags of a block depend on, besides the types of its neurons."""


def set_flags(neurons: Neurons, state: State, block: int, largest_input: int) -> None:
    """Set what the neurons of a block use. A written state counts: it has to run down whatever the type says.

    Args:
        largest_input: what no input can pass; sys.maxsize where inputs may wrap.
    """
    here = slice(block * BLOCK, (block + 1) * BLOCK)
    size = neurons.threshold[here].size
    constants = neurons.constants[neurons.page[block], :, :size]
    used = {
        CURRENT: constants[HAS_CURRENT].any(),
        BIAS: neurons.bias[here].any(),
        NOISE: constants[NOISE_BITS].any(),
        REFRACTORY: constants[PERIOD].any() or state.fields[LEFT, here].any(),
        ADAPTATION: constants[RAISE].any() or state.fields[A, here].any(),
    }
    flags = sum(flag for flag, on in used.items() if on)
    column = constants[:, 0]
    alike = (constants == column[:, None]).all()
    leaks_by_shift = column[M_V] == 0 or (column[M_V] == 1 and column[S_V] <= 15)
    room = np.iinfo(np.int16).max - np.abs(neurons.bias[here].astype(np.int64)).max()
    fits = neurons.bias.dtype == np.int16 and largest_input <= room
    if alike and leaks_by_shift and fits and flags in (0, BIAS):
        flags |= SHORT
    neurons.flags[block] = flags
