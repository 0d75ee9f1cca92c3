"""Every field of a neuron's state, of its constants, and of a neuron type: declared once.

The memories of a core, what may be written and within which limits, snapshots, checkpoints, probes, comparisons and the
reference pages follow from these tables. `docs/developer/adding.md` tells how to add a field.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from ganglion.model.spec.formats import Field
from ganglion.model.spec.noise_constants import NOISE_BITS, NUMBER_BITS
from ganglion.model.spec.params import GUARD_BITS, Params, bits_for

Bits = Callable[[Params], int]
"""A width, from the parameters of the chip."""


@dataclass(frozen=True)
class Option:
    """What a chip may be built without. A field of an option that is off has no bits, and its value is 0."""

    name: str
    """As coverage calls it."""
    parts: str
    """What a chip without it lacks, for messages."""
    on: Bits
    """0 where it is off."""


CURRENT = Option("current", "synaptic currents", lambda p: p.current_bits)
ADAPTATION = Option("adaptation", "adaptive thresholds", lambda p: p.adaptation_bits)
NOISE = Option("noise", "noise generator", lambda p: int(p.noise))
DRAWS = Option("draws", "random numbers", lambda p: int(p.noise or p.stochastic))


@dataclass(frozen=True, kw_only=True)
class FieldSpec:
    """One field."""

    name: str
    width: Bits
    """Where its option is on."""
    doc: str
    memory: str
    """Of a core, by the name of `ganglion.model.spec.memories.Memory`."""
    column: str = ""
    """Its name in a row of that memory; that of the field unless given."""
    signed: bool = False
    option: Option | None = None
    """None is a field of every chip."""
    writable: bool = True
    """Whether a user may write it between two steps."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", self.column or self.name)

    def field(self, params: Params) -> Field:
        """As a chip of these parameters has it."""
        there = self.option is None or bool(self.option.on(params))
        return Field(self.column, self.width(params) if there else 0, self.doc, self.signed)


@dataclass(frozen=True, kw_only=True)
class StateField(FieldSpec):
    """One field of state: it changes in a step, and is part of `State`, of snapshots and of checkpoints."""

    per_slot: bool = False
    """Whether a neuron has it once per slot of delay: its array has shape (D, neurons), and not (neurons,)."""

    @property
    def probed(self) -> bool:
        """Whether a run can record it, neuron by neuron."""
        return not self.per_slot


class Form(Enum):
    """How a row of TYPES tells an attribute of a neuron type."""

    VALUE = "as it is"
    DECAY = "a decay (m, s) as its factor; None never leaks"
    GIVEN = "1 where it is not None"
    SUBTRACT = '1 where it is "subtract"'
    MASK = "a number of bits as as many ones"


@dataclass(frozen=True, kw_only=True)
class TypeField(FieldSpec):
    """One field of a row of TYPES."""

    memory: str = "TYPES"
    attribute: str
    """Of `ganglion.model.spec.neuron.NeuronType`."""
    form: Form = Form.VALUE


STATE_FIELDS = (
    StateField(
        name="v",
        width=lambda p: p.membrane_bits,
        doc="membrane",
        memory="STATE",
        signed=True,
    ),
    StateField(
        name="u",
        width=lambda p: p.current_bits,
        doc="synaptic current",
        memory="STATE",
        signed=True,
        option=CURRENT,
    ),
    StateField(
        name="a",
        width=lambda p: p.adaptation_bits,
        doc="adaptive part of the threshold",
        memory="STATE",
        signed=True,
        option=ADAPTATION,
    ),
    StateField(
        name="refractory",
        width=lambda p: p.refractory_bits,
        doc="steps of refractory period left",
        memory="STATE",
    ),
    StateField(
        name="accumulators",
        width=lambda p: p.accumulator_bits + GUARD_BITS,
        doc="sum, modulo 2^(W + guard bits)",
        memory="ACCUMULATORS",
        column="value",
        signed=True,
        writable=False,
        per_slot=True,
    ),
)
"""Everything a network remembers from one step to the next, besides the step's number."""

NEURON_STATE = tuple(spec for spec in STATE_FIELDS if not spec.per_slot)
"""State that a neuron has once."""

CONSTANTS = (
    FieldSpec(
        name="threshold",
        width=lambda p: p.membrane_bits,
        doc="spikes where v is greater",
        memory="NEURONS",
        signed=True,
    ),
    FieldSpec(
        name="bias",
        width=lambda p: p.bias_bits,
        doc="added to v each step",
        memory="NEURONS",
        signed=True,
    ),
    FieldSpec(
        name="type",
        width=lambda p: bits_for(p.types),
        doc="row of TYPES",
        memory="NEURONS",
    ),
    FieldSpec(
        name="number",
        width=lambda p: NUMBER_BITS,
        doc="number of the neuron in the network, for the noise",
        memory="NEURONS",
        option=DRAWS,
        writable=False,
    ),
)
"""What is told of each neuron."""

TYPES = (
    TypeField(
        name="decay_v",
        width=lambda p: p.decay_bits + 1,
        doc="membrane decay, m * 2^(decay_bits - s)",
        attribute="decay",
        form=Form.DECAY,
    ),
    TypeField(
        name="decay_u",
        width=lambda p: p.decay_bits + 1,
        doc="current decay, m * 2^(decay_bits - s); 0 without a current",
        option=CURRENT,
        attribute="current_decay",
        form=Form.DECAY,
    ),
    TypeField(
        name="decay_a",
        width=lambda p: p.decay_bits + 1,
        doc="adaptation decay, m * 2^(decay_bits - s)",
        option=ADAPTATION,
        attribute="adaptation_decay",
        form=Form.DECAY,
    ),
    TypeField(
        name="raise_a",
        width=lambda p: p.adaptation_bits,
        doc="added to the adaptation at each spike",
        signed=True,
        option=ADAPTATION,
        attribute="adaptation_raise",
    ),
    TypeField(
        name="v_reset",
        width=lambda p: p.membrane_bits,
        doc="membrane after a spike, where reset is by value",
        signed=True,
        attribute="v_reset",
    ),
    TypeField(
        name="subtract",
        width=lambda p: 1,
        doc="1: reset subtracts the threshold; 0: reset sets v_reset",
        attribute="reset",
        form=Form.SUBTRACT,
    ),
    TypeField(
        name="current",
        width=lambda p: 1,
        doc="1: the type has a synaptic current; 0: u is the input of the step",
        option=CURRENT,
        attribute="current_decay",
        form=Form.GIVEN,
    ),
    TypeField(
        name="refractory",
        width=lambda p: p.refractory_bits,
        doc="refractory period, steps",
        attribute="refractory",
    ),
    TypeField(
        name="noise",
        width=lambda p: NOISE_BITS,
        doc="mask 2^n - 1 of the n bits of noise added per step; 0 is none",
        option=NOISE,
        attribute="noise",
        form=Form.MASK,
    ),
)
"""What is told of each type of neuron."""


def limits(params: Params, types: int) -> dict[str, tuple[int, int]]:
    """Least and greatest value of every field that may be written.

    Args:
        params: of the chip; fields of options that it lacks are not there.
        types: neuron types of the network, which bound the field `type`.
    """
    found = {}
    for spec in (*STATE_FIELDS, *CONSTANTS):
        field = spec.field(params)
        if spec.writable and field.width:
            found[spec.name] = (field.low, field.high)
    return {**found, "type": (0, types - 1)}
