"""The arrays that kernels work on, in groups.

Two arithmetics exist. *Narrow*: state in int16, sums in int32. *Wide*: everything in int64. `S` below is the type of
state, `T` of arithmetic, `A` of accumulators (int16, int32 or int64). P is the pitch, neurons rounded up to a power of
two, so that the ring of accumulators wraps by a mask; neuron arrays are padded to a multiple of LINE with neurons that
never fire.
"""

from typing import Any, NamedTuple

import numpy as np

from ganglion.model.spec.arrays import Array
from ganglion.model.spec.fields import NEURON_STATE

"""Of whole numbers; the classes below say of which."""

Number = Any
"""A whole number of any machine type: kernels are compiled for each."""

ZERO: Number = np.int64(0)
"""0, as a kernel hands it to another: a plain 0 is a type of its own to Numba, and the other would be compiled for it
once more."""

LINE = 64
"""Neuron arrays are padded to a multiple of this."""

TOGETHER = 256
"""Dense rows that are added in one pass over their targets, at most. So many weights of 8 bits sum to 16 at most."""

BLOCK = 512
"""Neurons that an update takes at a time: its intermediate values stay in the nearest cache."""

CURRENT, BIAS, NOISE, REFRACTORY, ADAPTATION, SHORT = 1, 2, 4, 8, 16, 32
"""Flags of a block: what at least one of its neurons uses. SHORT: 16 bits hold all sums, `fire_short` may be used."""

M_V, S_V, M_U, S_U, M_A, S_A, RAISE, V_RESET, SUBTRACT, PERIOD, HAS_CURRENT, NOISE_BITS = range(12)
"""Rows of a page of constants: decays (m, s) of v, u and a, and the other fields of a neuron type."""

CONSTANTS = 12

FIELDS = tuple(spec.name for spec in NEURON_STATE)
"""State fields, in the order of their rows."""

V, U, A, LEFT = (FIELDS.index(name) for name in ("v", "u", "a", "refractory"))
"""Rows of state fields; LEFT has the steps of refractory period left."""

START, LENGTH, DENSE, NONZERO = range(4)
"""Columns of `Rows.table`."""


class Rows(NamedTuple):
    """The synapses of every source."""

    table: Array
    """int64 (sources, 4): a row's START (first entry, in `matrix` where the row is dense, else in `words`), LENGTH,
    DENSE (index of the first target of a dense row; -1 is a sparse row) and NONZERO (weights that are not 0). Side by
    side, since an event that finds them far apart waits for each."""
    words: Array
    """uint32 or uint64 (sparse synapses,), ascending by index in a row."""
    matrix: Array
    """int8 or int16 (dense synapses,)."""
    least_delay: int
    one_delay: bool
    """Whether all synapses have the same delay: then an index is a target and nothing wraps."""


class Neurons(NamedTuple):
    """Constants of every neuron."""

    size: int
    """Neurons here."""
    first: int
    """Number in the network of neuron 0 here."""
    inputs: int
    """Sources before this network's neurons: the spike of neuron n (of the network) is source inputs + n."""
    threshold: Array
    """S (padded,)."""
    bias: Array
    """S (padded,)."""
    constants: Array
    """T (pages, CONSTANTS, BLOCK): constants of types, spelt out per neuron of a block. Blocks whose neurons are all of
    one type share a page."""
    page: Array
    """int64 (blocks,)."""
    flags: Array
    """int64 (blocks,)."""
    membrane_high: int
    current_high: int
    adaptation_high: int
    accumulator_bits: int
    seed: int


class State(NamedTuple):
    """What changes in a step."""

    clock: Array
    """int64 (4,): the step that comes next, and the totals of spikes, SynOps and overflows."""
    fields: Array
    """S (fields, padded): a row for each of `ganglion.model.spec.fields.NEURON_STATE`, in its order."""
    accumulators: Array
    """A (parts, D * P): each thread has its own; their sum counts."""


class Scratch(NamedTuple):
    """Room for one step."""

    values: Array
    """T (parts, 3, BLOCK)."""
    keys: Array
    """int64 (parts, keys): of the noise of a step."""
    spikes: Array
    """uint8 (parts, BLOCK)."""
    fired: Array
    """int64 (padded,): part k of the neurons lists those that fired from its own first neuron on."""
    totals: Array
    """int64 (parts, 8): fired, SynOps and overflows of a step, and distance between the threads' cache lines."""
    starts: Array
    """int64 (parts, TOGETHER): of dense rows that are added together."""


class Loaded(NamedTuple):
    """A network in the arrays that it runs in: what every kernel of a step takes."""

    neurons: Neurons
    rows: Rows
    state: State
    scratch: Scratch
    pitch: int
    """P."""
    guard_bits: int
    """Of the accumulators; negative where no sum can leave W bits, which are then not looked at."""


class Log(NamedTuple):
    """What a run records."""

    spikes: Array
    """int32 (capacity,): neurons, step after step."""
    counts: Array
    """int64 (steps, 3): spikes, SynOps and overflows of each step."""
    probed: Array
    """int64 (2, probes): number of the state field, and neuron."""
    values: Array
    """int64 (steps, probes)."""
