"""Every memory of a core: what one row of it holds, and what happens to it.

This is the one place that tells memories apart. What a snapshot holds, what CLEAR zeroes, what the host may write and
what an image loads follow from the flags of `MemorySpec`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from functools import cache
from types import MappingProxyType
from typing import Any

from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.formats import Field, Layout
from ganglion.model.spec.learning_fields import layout
from ganglion.model.spec.learning_memories import (
    SLOTS,
    axon_columns,
    kernels_layout,
    pre_layout,
    rules_layout,
    tags_layout,
    traces_layout,
)
from ganglion.model.spec.packets import AXON_BITS, ROUTE_BITS, SCOPE_BITS
from ganglion.model.spec.params import RECEPTOR, Params, bits_for
from ganglion.model.spec.registers import COUNTER_BITS, REGISTER_BITS, counters, registers

VERSION = 4
"""Version of the packets and memories; a chip tells it in register VERSION."""

LEARNS = 1 << 8
"""Added to the version that a chip tells where it learns, and so has more parameters, memories and registers."""

PROTECTED = 1 << 9
"""Likewise where it has parity."""


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
    RULES = 10
    TRACES = 11
    KERNELS = 12
    PRE = 13
    TAGS = 14
    RECEPTOR = 15


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


MOST_ROWS = 1 << 18
"""Of all memories of a core, in hardware: what writes and compiles a chip goes through its rows one by one."""


@dataclass(frozen=True, kw_only=True)
class MemorySpec:
    """One memory: its shape and its life."""

    memory: Memory
    layout: Layout
    rows: int
    """Over all lanes, where it is divided among them."""
    parts: int
    """Memories that share the rows: one per lane, or a single one."""
    beside: int = 1
    """Consecutive rows of a part that lie side by side in one row of its array, and are read and written together."""
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
    def array(self) -> Layout:
        """A row of the array of a part: `beside` rows, the first one in the low bits."""
        if self.beside == 1:
            return self.layout
        fields = [replace(field, name=f"{field.name}_{k}") for k in range(self.beside) for field in self.layout.fields]
        return Layout(self.layout.name, tuple(fields))

    @property
    def array_rows(self) -> int:
        """Rows of the array of a part."""
        return self.depth // self.beside

    @property
    def is_state(self) -> bool:
        """Whether a network remembers by it: it is in snapshots, and compared between targets."""
        return self.changes and self.where is not Where.CONTROL

    @property
    def cleared(self) -> bool:
        """Whether CLEAR sets it to zero: state, but for what an image gives a beginning of its own."""
        return self.is_state and not self.loaded


def version(params: Params) -> int:
    """What a chip of these parameters has in register VERSION."""
    return VERSION + (LEARNS if params.products else 0) + (PROTECTED if params.parity else 0)


def check_buildable(params: Params) -> None:
    """Whether a chip of these sizes is made into hardware, for simulation or for an FPGA.

    Raises:
        ParamsError: its memories are so large that this would take hours.
    """
    rows = {spec.memory: spec.depth * spec.parts for spec in memories(params).values()}
    if (total := sum(rows.values())) > MOST_ROWS:
        most = max(rows, key=lambda memory: rows[memory])
        raise ParamsError(
            f"the memories of a core of {params.name} have {total:,} rows, {rows[most]:,} of them {most.name}: to make "
            f"hardware of more than {MOST_ROWS:,} takes hours. The reference and the emulator run such a chip",
            python="for hardware give it smaller sizes, params.replace(synapse_words=…)",
            command="for hardware make it smaller, --set synapse_words=… --set axons=… --set fanout_entries=…",
        )


@explained(ParamsError)
@cache
def memories(params: Params) -> Mapping[Memory, MemorySpec]:
    """The memory map of a core with these parameters."""
    p = params
    group, slot, word = bits_for(p.groups), bits_for(p.delay_slots), bits_for(p.synapse_words)
    axons = (
        Field("first", word, "first synapse word of the row"),
        Field("length", bits_for(max(p.synapse_words, p.groups) + 1), "synapse words of the row; dense: strides"),
        Field("dense", 1, "1: weights only, for consecutive groups"),
        Field("group", group, "dense: first target group (neuron // lanes), at which a stride begins"),
        Field("delay", slot, "dense: delay of every synapse, steps"),
        Field("more", 1, "1: the next row of the table belongs to this axon too"),
        *(axon_columns(p) if p.products else ()),
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

    def spec(memory: Memory, layout: Layout, rows: int, where: Where, doc: str, **life: Any) -> MemorySpec:
        parts = p.lanes if where is Where.LANES else 1
        return MemorySpec(memory=memory, layout=layout, rows=rows, parts=parts, where=where, doc=doc, **life)

    table = (
        spec(
            Memory.REGISTERS,
            register,
            len(registers(p)),
            Where.CONTROL,
            "control registers",
            changes=True,
            loaded=True,
        ),
        spec(
            Memory.COUNTERS,
            counter,
            len(counters(p)),
            Where.CONTROL,
            "what the core did",
            changes=True,
            writable=False,
        ),
        spec(Memory.TYPES, layout("TYPES", p), p.types, Where.COPIES, "neuron types", loaded=True),
        spec(
            Memory.NEURONS,
            layout("NEURONS", p),
            p.neurons,
            Where.LANES,
            "constants of each neuron",
            loaded=True,
        ),
        spec(
            Memory.STATE,
            layout("STATE", p),
            p.neurons,
            Where.LANES,
            "state of each neuron",
            changes=True,
        ),
        spec(
            Memory.ACCUMULATORS,
            layout("ACCUMULATORS", p),
            p.accumulator_rows,
            Where.LANES,
            "row = slot * neurons + neuron",
            changes=True,
            beside=p.stride,
        ),
        spec(Memory.AXONS, Layout("AXONS", axons), p.axons, Where.CORE, "where the row of each axon lies", loaded=True),
        spec(
            Memory.SYNAPSES,
            Layout("SYNAPSES", synapses),
            p.synapse_rows,
            Where.LANES,
            f"sparse: one entry per lane; dense: {p.beats} weights per lane, lowest bits first",
            loaded=True,
            changes=p.products > 0,
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
    learning = (
        spec(
            Memory.RULES,
            rules_layout(p),
            p.rules * (p.terms + 1),
            Where.CORE,
            "learning rules, each with its terms behind it: rule k from row (k - 1) * (terms + 1) on",
            loaded=True,
        ),
        spec(
            Memory.TRACES,
            traces_layout(p),
            len(SLOTS) * p.types,
            Where.COPIES,
            "postsynaptic traces of neuron types; row = (slot - 1) * types + type",
            loaded=True,
        ),
        spec(
            Memory.KERNELS,
            kernels_layout(p),
            p.kernels * p.trace_ages,
            Where.COPIES,
            "kernels of traces; row = kernel * ages + age",
            loaded=True,
        ),
        spec(Memory.PRE, pre_layout(p), p.axons, Where.CORE, "traces of each row of AXONS", changes=True),
        spec(
            Memory.TAGS,
            tags_layout(p),
            p.synapse_rows,
            Where.LANES,
            f"tags of the row of SYNAPSES of the same number: {p.beats} each",
            changes=True,
        ),
        spec(
            Memory.RECEPTOR,
            layout("RECEPTOR", p),
            p.accumulator_rows,
            Where.LANES,
            "accumulators of receptor 1; row = slot * neurons + neuron",
            changes=True,
        ),
    )
    there = {
        Memory.RULES: p.products,
        Memory.TRACES: p.feeds,
        Memory.KERNELS: p.kernels,
        Memory.PRE: p.products,
        Memory.TAGS: p.tag_bits,
        Memory.RECEPTOR: p.feeds & RECEPTOR,
    }
    return MappingProxyType({one.memory: one for one in (*table, *(one for one in learning if there[one.memory]))})


def protects(params: Params, memory: Memory) -> bool:
    """Whether the rows of a memory have a parity bit."""
    return bool(params.parity >> memory & 1)


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
