"""The registers and counters of a core, and the counters of a router."""

from enum import IntEnum

from ganglion.model.spec.formats import Field, Layout
from ganglion.model.spec.packets import MEMORY_BITS
from ganglion.model.spec.params import Params

REGISTER_BITS = 32
"""Width of a register."""

COUNTER_BITS = 32
"""Width of a counter; it wraps, and the host keeps the totals."""


FAULT_LAYOUT = Layout(
    "FAULT",
    (
        Field("memory", MEMORY_BITS, "which memory; 0 is no fault"),
        Field("row", REGISTER_BITS - MEMORY_BITS, "its row; behind those of FANOUT: of the list of groups that fired"),
    ),
)
"""Register FAULT."""


class Register(IntEnum):
    """Rows of REGISTERS. A write to one that is read only does nothing. Those from EPOCH_STEPS on are of chips that
    learn, and read as 0 on others that have FAULT."""

    VERSION = 0
    """Version of this format (read only)."""
    STEP = 1
    """Number of the step that comes next; its low bits are the slot that is updated."""
    SEED = 2
    """Seed of the noise."""
    CLEAR = 3
    """Writing any value sets all state, all accumulators and the step to zero; reads as 0."""
    EPOCH_STEPS = 4
    """Steps T of an epoch."""
    PRE_TRACE_1 = 5
    """Kernel, jump and mode of trace x1."""
    PRE_TRACE_2 = 6
    """Kernel, jump and mode of trace x2."""
    LEARNING = 7
    """1: the chip learns; 0: nothing of learning moves."""
    LEARNED = 8
    """Steps done while the chip learned; zero after CLEAR, as all that follow."""
    PHASE = 9
    """LEARNED modulo T."""
    EPOCH = 10
    """LEARNED divided by T: the number of the epoch, for rounding."""
    MODULATOR_0 = 11
    """Modulator r0, signed."""
    MODULATOR_1 = 12
    """Modulator r1, signed."""
    MODULATOR_2 = 13
    """Modulator r2, signed."""
    MODULATOR_3 = 14
    """Modulator r3, signed."""
    FAULT = 15
    """Of chips with parity: the first row that was read with a wrong parity bit; 0 is none. Writing any value forgets
    it."""


class Counter(IntEnum):
    """Rows of COUNTERS (read only, modulo 2^32). Those from VISITS on are of chips that learn, and stay 0 on others
    that have FAULTS."""

    STEPS = 0
    """Steps completed."""
    EVENTS = 1
    """Events taken in: spikes from the host, from other cores and from this core."""
    SPIKES = 2
    """Neurons that fired."""
    PACKETS = 3
    """Spike packets sent out of the core."""
    SYNOPS = 4
    """Nonzero weights added to accumulators."""
    WORDS = 5
    """Synapse words walked."""
    UPDATE_CYCLES = 6
    """Cycles spent in the update phase."""
    DELIVER_CYCLES = 7
    """Cycles in which an event, a row or a synapse word was waiting or being walked, and no update went on."""
    OVERFLOWS = 8
    """Neurons updated with an accumulator whose sum had left its W bits."""
    BAD_PACKETS = 9
    """Packets dropped: unknown kind, or an axon, memory, row or chunk that does not exist. Entries of FANOUT dropped:
    an axon that does not exist, or lists that do not end. Chains of AXONS cut at the end of the table."""
    VISITS = 10
    """Synapses that a rule visited and that its sources, their traces or its tag could have changed."""
    CHANGES = 11
    """Weights that a rule changed."""
    SATURATIONS = 12
    """Weights and tags that a rule would have taken out of their range."""
    LEARN_CYCLES = 13
    """Cycles spent visiting synapses."""
    FAULTS = 14
    """Of chips with parity: rows that the core itself read with a wrong parity bit; those of a lane in one cycle count
    as one."""


class RouterCounter(IntEnum):
    """Rows of COUNTERS of a router (read only, modulo 2^32): SPIKE packets through each of its ports."""

    FROM_CHILD_0 = 0
    """Come up from child 0."""
    FROM_CHILD_1 = 1
    """Come up from child 1."""
    FROM_CHILD_2 = 2
    """Come up from child 2."""
    FROM_CHILD_3 = 3
    """Come up from child 3."""
    TO_CHILD_0 = 4
    """Sent down to child 0."""
    TO_CHILD_1 = 5
    """Sent down to child 1."""
    TO_CHILD_2 = 6
    """Sent down to child 2."""
    TO_CHILD_3 = 7
    """Sent down to child 3."""
    TO_PARENT = 8
    """Sent up."""
    FROM_PARENT = 9
    """Come down from above."""
    TURNED = 10
    """Come up and sent down again by this router."""
    BAD_PACKETS = 11
    """Packets dropped: no child in the mask exists, or an access to what a router does not have."""


def registers(params: Params) -> tuple[Register, ...]:
    """Registers of a chip of these parameters."""
    count = len(Register) if params.parity else Register.FAULT if params.products else Register.EPOCH_STEPS
    return tuple(Register)[:count]


def counters(params: Params) -> tuple[Counter, ...]:
    """Counters of a core of a chip of these parameters."""
    count = len(Counter) if params.parity else Counter.FAULTS if params.products else Counter.VISITS
    return tuple(Counter)[:count]
