"""Every field of state that learning adds: declared once.

The table is to a chip that learns what those of `ganglion.model.spec.fields` are to all. Chips without learning have
none of these bits, and a `State` of a network without learning none of these arrays.
"""

from dataclasses import dataclass
from enum import Enum

from ganglion.model.spec.fields import CONSTANTS, STATE_FIELDS, TYPES, FieldSpec, Option
from ganglion.model.spec.formats import Layout
from ganglion.model.spec.learning_memories import SLOTS
from ganglion.model.spec.params import GUARD_BITS, RECEPTOR, SPIKES, Params, bits_for


class Of(Enum):
    """What has a field of learning."""

    SOURCE = "source"
    """Each input and neuron, numbered as the presynaptic ends of synapses are."""
    NEURON = "neuron"
    """Each neuron."""
    SYNAPSE = "synapse"
    """Each synapse that has a rule, in the order of the program."""


@dataclass(frozen=True, kw_only=True)
class LearningField(FieldSpec):
    """One field of state that learning adds."""

    of: Of
    per_slot: bool = False
    """Whether it is there once per slot of delay: its array has shape (D, neurons)."""


def _slot_option(slot: int, feeds: int, parts: str) -> Option:
    return Option(f"y{slot}", parts, lambda p: p.y_feeds[slot - 1] & feeds)


LEARNS = Option("learning", "learning", lambda p: p.products)
X1 = Option("x1", "trace x1", lambda p: p.pre_traces)
X2 = Option("x2", "trace x2", lambda p: p.pre_traces > 1)
KEPT = tuple(_slot_option(slot, SPIKES | RECEPTOR, f"trace y{slot} with a memory") for slot in SLOTS)
AGES = Option("ages", "traces of own spikes", lambda p: p.has_ages)
ERRORS = Option("receptor 1", "receptor 1", lambda p: p.feeds & RECEPTOR)
TAGS = Option("tags", "tags", lambda p: p.tag_bits)


LEARNING_STATE = (
    LearningField(
        name="x0",
        of=Of.SOURCE,
        width=lambda p: 1,
        doc="1: fired in this epoch",
        memory="PRE",
        option=LEARNS,
    ),
    LearningField(
        name="x1",
        of=Of.SOURCE,
        width=lambda p: p.trace_bits,
        doc="presynaptic trace at the last spike",
        memory="PRE",
        option=X1,
    ),
    LearningField(
        name="x2",
        of=Of.SOURCE,
        width=lambda p: p.trace_bits,
        doc="second presynaptic trace at the last spike",
        memory="PRE",
        option=X2,
    ),
    LearningField(
        name="xg",
        of=Of.SOURCE,
        width=lambda p: bits_for(p.trace_ages),
        doc="steps since the last spike, at most G - 1; PRE has the time of the spike instead",
        memory="PRE",
        column="stamp",
        option=X1,
    ),
    LearningField(
        name="y0",
        of=Of.NEURON,
        width=lambda p: 1,
        doc="1: fired in this epoch",
        memory="STATE",
        option=LEARNS,
    ),
    *(
        LearningField(
            name=f"y{slot}",
            of=Of.NEURON,
            width=lambda p: p.trace_bits + 1,
            doc=f"postsynaptic trace {slot}: of spikes, at the last spike",
            memory="STATE",
            signed=True,
            option=KEPT[slot - 1],
        )
        for slot in SLOTS
    ),
    LearningField(
        name="yg",
        of=Of.NEURON,
        width=lambda p: bits_for(p.trace_ages),
        doc="steps since the last spike, at most G - 1",
        memory="STATE",
        option=AGES,
    ),
    LearningField(
        name="receptor",
        of=Of.NEURON,
        width=lambda p: p.accumulator_bits + GUARD_BITS,
        doc="sum at receptor 1, modulo 2^(W + guard bits)",
        memory="RECEPTOR",
        column="value",
        signed=True,
        option=ERRORS,
        per_slot=True,
    ),
    LearningField(
        name="e",
        of=Of.SYNAPSE,
        width=lambda p: p.tag_bits,
        doc="tag",
        memory="TAGS",
        column="tag",
        signed=True,
        option=TAGS,
    ),
    LearningField(
        name="w",
        of=Of.SYNAPSE,
        width=lambda p: p.weight_bits,
        doc="weight",
        memory="SYNAPSES",
        column="weight",
        signed=True,
        option=LEARNS,
    ),
)
"""What a network that learns remembers, besides its neurons' own state, the modulators and the steps learned."""


def layout(memory: str, params: Params) -> Layout:
    """A row of a memory of a chip of these parameters: the fields that are declared for it."""
    specs = [spec for spec in (*STATE_FIELDS, *CONSTANTS, *TYPES) if spec.memory == memory]
    found = [spec.field(params) for spec in specs]
    return Layout(memory, (*found, *(spec.field(params) for spec in LEARNING_STATE if spec.memory == memory)))
