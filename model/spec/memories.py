"""Every memory, register and counter of a core: what one row of it holds, and what happens to it.

This is the one place that tells memories apart. What a snapshot holds, what CLEAR zeroes, what the host may write and
what an image loads follow from the flags of `MemorySpec`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from functools import cache
from types import MappingProxyType

from ganglion.model.spec import fields
from ganglion.model.spec.formats import Field, Layout
from ganglion.model.spec.packets import AXON_BITS, ROUTE_BITS, SCOPE_BITS
from ganglion.model.spec.params import Params, bits_for

VERSION = 3
"""Version of the packets and memories; a chip tells it in register VERSION."""

REGISTER_BITS = 32
"""Width of a register."""

COUNTER_BITS = 32
"""Width of a counter; it wraps, and the host keeps the totals."""


class Memory(IntEnum):
    """Number of a memory in READ and WRITE packets."""

    REGISTERS = 0
    COUNTERS = 1
    TYPES = 2
    NEURONS = 3
    STATE = 4
    ACCUMULATORS = 5
    AXONS = 6
    SYNAPSES = 7
    FANOUT = 8
    PARAMETERS = 9


class Register(IntEnum):
    """Rows of REGISTERS. A write to one that is read only does nothing."""

    VERSION = 0
    """Version of this format (read only)."""
    STEP = 1
    """Number of the step that comes next; its low bits are the slot that is updated."""
    SEED = 2
    """Seed of the noise."""
    CLEAR = 3
    """Writing any value sets all state, all accumulators and the step to zero; reads as 0."""


class Counter(IntEnum):
    """Rows of COUNTERS (read only, modulo 2^32)."""

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
    """Cycles in which an event, a row or a synapse word was waiting or being walked."""
    OVERFLOWS = 8
    """Neurons updated with an accumulator whose sum had left its W bits."""
    BAD_PACKETS = 9
    """Packets dropped: unknown kind, or an axon, memory, row or chunk that does not exist. Entries of FANOUT dropped:
    an axon that does not exist, or lists that do not end. Chains of AXONS cut at the end of the table."""


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


class Where(Enum):
    """Where the rows of a memory are."""

    CONTROL = "control"
    """With what controls and watches the core: numbers that are no part of a network."""
    CORE = "core"
    """Once in the core."""
    COPIES = "every lane"
    """The same in every lane."""
    LANES = "by lane"
    """Divided among the lanes: row `r` of lane `k` is row `r * lanes + k`, so neuron n of a core is simply row n."""


@dataclass(frozen=True, kw_only=True)
class MemorySpec:
    """One memory: its shape and its life."""

    memory: Memory
    layout: Layout
    rows: int
    """Over all lanes, where it is divided among them."""
    parts: int
    """Memories that share the rows: one per lane, or a single one."""
    where: Where
    changes: bool = False
    """The chip itself changes it while it runs."""
    writable: bool = True
    """The host may write it."""
    loaded: bool = False
    """The image of a network says what is in it."""
    doc: str

    @property
    def depth(self) -> int:
        """Rows of each part."""
        return self.rows // self.parts

    @property
    def is_state(self) -> bool:
        """Whether a network remembers by it: it is in snapshots, and compared between targets."""
        return self.changes and self.where is not Where.CONTROL

    @property
    def cleared(self) -> bool:
        """Whether CLEAR sets it to zero: state, but for what an image gives a beginning of its own."""
        return self.is_state and not self.loaded


@cache
def memories(params: Params) -> Mapping[Memory, MemorySpec]:
    """The memory map of a core with these parameters."""
    p = params
    group, slot, word = bits_for(p.groups), bits_for(p.delay_slots), bits_for(p.synapse_words)
    axons = (
        Field("first", word, "first synapse word of the row"),
        Field("length", bits_for(max(p.synapse_words, p.groups) + 1), "synapse words of the row; dense: groups"),
        Field("dense", 1, "1: weights only, for consecutive groups"),
        Field("group", group, "dense: first target group (neuron // lanes)"),
        Field("delay", slot, "dense: delay of every synapse, steps"),
        Field("more", 1, "1: the next row of the table belongs to this axon too"),
    )
    synapses = (
        Field("weight", p.weight_bits, "added to the accumulator", signed=True),
        Field("group", group, "target neuron // lanes; the lane is the entry's own"),
        Field("delay", slot, "steps, 1 … D-1"),
        Field("unused", max(0, p.entry_bits - p.weight_bits - group - slot), "0; makes room for dense weights"),
    )
    fanout = (
        Field("scope", SCOPE_BITS, "how far the spike climbs"),
        Field("route", ROUTE_BITS, "child masks, or high bits of the number of the output"),
        Field("axon", AXON_BITS, "axon, or low bits of the number of the output at the host"),
        Field("next", bits_for(p.fanout_entries), "row of the neuron's next entry; 0 is none"),
    )
    register = Layout("REGISTERS", (Field("value", REGISTER_BITS, "see the register's row"),))
    parameter = Layout("PARAMETERS", (Field("value", REGISTER_BITS, "the parameter that its row numbers"),))
    counter = Layout("COUNTERS", (Field("value", COUNTER_BITS, "count, modulo 2^32"),))

    def spec(memory: Memory, layout: Layout, rows: int, where: Where, doc: str, **life: bool) -> MemorySpec:
        parts = p.lanes if where is Where.LANES else 1
        return MemorySpec(memory=memory, layout=layout, rows=rows, parts=parts, where=where, doc=doc, **life)

    table = (
        spec(Memory.REGISTERS, register, len(Register), Where.CONTROL, "control registers", changes=True, loaded=True),
        spec(Memory.COUNTERS, counter, len(Counter), Where.CONTROL, "what the core did", changes=True, writable=False),
        spec(Memory.TYPES, fields.layout("TYPES", p), p.types, Where.COPIES, "neuron types", loaded=True),
        spec(
            Memory.NEURONS,
            fields.layout("NEURONS", p),
            p.neurons,
            Where.LANES,
            "constants of each neuron",
            loaded=True,
        ),
        spec(
            Memory.STATE,
            fields.layout("STATE", p),
            p.neurons,
            Where.LANES,
            "state of each neuron",
            changes=True,
        ),
        spec(
            Memory.ACCUMULATORS,
            fields.layout("ACCUMULATORS", p),
            p.accumulator_rows,
            Where.LANES,
            "row = slot * neurons + neuron",
            changes=True,
        ),
        spec(Memory.AXONS, Layout("AXONS", axons), p.axons, Where.CORE, "where the row of each axon lies", loaded=True),
        spec(
            Memory.SYNAPSES,
            Layout("SYNAPSES", synapses),
            p.synapse_rows,
            Where.LANES,
            f"sparse: one entry per lane; dense: {p.beats} weights per lane, lowest bits first",
            loaded=True,
        ),
        spec(
            Memory.FANOUT,
            Layout("FANOUT", fanout),
            p.fanout_entries,
            Where.CORE,
            "where each neuron's spikes go",
            loaded=True,
        ),
        spec(Memory.PARAMETERS, parameter, len(p.to_numbers()), Where.CONTROL, "sizes of the chip", writable=False),
    )
    return MappingProxyType({one.memory: one for one in table})


def state_memories(params: Params) -> dict[Memory, MemorySpec]:
    """The memories by which a network remembers: what a snapshot of a core holds, in this order."""
    return {memory: spec for memory, spec in memories(params).items() if spec.is_state}


def dense_synapses(params: Params) -> Layout:
    """A row of SYNAPSES as a dense row of AXONS reads it: weights alone, of `beats` consecutive groups."""
    p = params
    sparse = memories(p)[Memory.SYNAPSES].layout
    weights = [
        Field(f"weight{k}", p.weight_bits, f"added to the accumulator of group + {k}", signed=True)
        for k in range(p.beats)
    ]
    rest = Field("unused", sparse.width - p.beats * p.weight_bits, "0")
    return Layout("SYNAPSES (dense)", (*weights, rest))
