"""Every field of a neuron's state, of its constants, and of a neuron type: declared once.

The memories of a core, what may be written and within which limits, snapshots, checkpoints, probes, comparisons and the
reference pages follow from these tables. `docs/developer/adding.md` tells how to add a field.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from ganglion.model.spec.formats import Field, Layout
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


@dataclass(frozen=True)
class FieldSpec:
    """One field."""

    name: str
    width: Bits
    """Where its option is on."""
    doc: str
    signed: bool = False
    option: Option | None = None
    """None is a field of every chip."""
    writable: bool = True
    """Whether a user may write it between two steps."""

    def field(self, params: Params) -> Field:
        """As a chip of these parameters has it."""
        there = self.option is None or bool(self.option.on(params))
        return Field(self.name, self.width(params) if there else 0, self.doc, self.signed)


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class TypeField(FieldSpec):
    """One field of a row of TYPES."""

    attribute: str = ""
    """Of `ganglion.model.spec.neuron.NeuronType`."""
    form: Form = Form.VALUE


STATE = (
    StateField("v", lambda p: p.membrane_bits, "membrane", signed=True),
    StateField("u", lambda p: p.current_bits, "synaptic current", signed=True, option=CURRENT),
    StateField("a", lambda p: p.adaptation_bits, "adaptive part of the threshold", signed=True, option=ADAPTATION),
    StateField("refractory", lambda p: p.refractory_bits, "steps of refractory period left"),
)
"""A row of the memory STATE."""

ACCUMULATORS = StateField(
    "accumulators",
    lambda p: p.accumulator_bits + GUARD_BITS,
    "sum, modulo 2^(W + guard bits)",
    signed=True,
    writable=False,
    per_slot=True,
)
"""A row of the memory ACCUMULATORS."""

STATE_FIELDS = (*STATE, ACCUMULATORS)
"""Everything a network remembers from one step to the next, besides the step's number."""

CONSTANTS = (
    FieldSpec("threshold", lambda p: p.membrane_bits, "spikes where v is greater", signed=True),
    FieldSpec("bias", lambda p: p.bias_bits, "added to v each step", signed=True),
    FieldSpec("type", lambda p: bits_for(p.types), "row of TYPES"),
    FieldSpec(
        "number",
        lambda p: NUMBER_BITS,
        "number of the neuron in the network, for the noise",
        option=NOISE,
        writable=False,
    ),
)
"""A row of the memory NEURONS."""

TYPES = (
    TypeField(
        "decay_v",
        lambda p: p.decay_bits + 1,
        "membrane decay, m * 2^(decay_bits - s)",
        attribute="decay",
        form=Form.DECAY,
    ),
    TypeField(
        "decay_u",
        lambda p: p.decay_bits + 1,
        "current decay, m * 2^(decay_bits - s); 0 without a current",
        option=CURRENT,
        attribute="current_decay",
        form=Form.DECAY,
    ),
    TypeField(
        "decay_a",
        lambda p: p.decay_bits + 1,
        "adaptation decay, m * 2^(decay_bits - s)",
        option=ADAPTATION,
        attribute="adaptation_decay",
        form=Form.DECAY,
    ),
    TypeField(
        "raise_a",
        lambda p: p.adaptation_bits,
        "added to the adaptation at each spike",
        signed=True,
        option=ADAPTATION,
        attribute="adaptation_raise",
    ),
    TypeField(
        "v_reset",
        lambda p: p.membrane_bits,
        "membrane after a spike, where reset is by value",
        signed=True,
        attribute="v_reset",
    ),
    TypeField(
        "subtract",
        lambda p: 1,
        "1: reset subtracts the threshold; 0: reset sets v_reset",
        attribute="reset",
        form=Form.SUBTRACT,
    ),
    TypeField(
        "current",
        lambda p: 1,
        "1: the type has a synaptic current; 0: u is the input of the step",
        option=CURRENT,
        attribute="current_decay",
        form=Form.GIVEN,
    ),
    TypeField("refractory", lambda p: p.refractory_bits, "refractory period, steps", attribute="refractory"),
    TypeField(
        "noise",
        lambda p: NOISE_BITS,
        "mask 2^n - 1 of the n bits of noise added per step; 0 is none",
        option=NOISE,
        attribute="noise",
        form=Form.MASK,
    ),
)
"""A row of the memory TYPES."""


def layout(name: str, table: tuple[FieldSpec, ...], params: Params) -> Layout:
    """The word that holds the fields of a table on a chip of these parameters."""
    return Layout(name, tuple(spec.field(params) for spec in table))


def limits(params: Params, types: int) -> dict[str, tuple[int, int]]:
    """Least and greatest value of every field that may be written.

    Args:
        params: of the chip; fields of options that it lacks are not there.
        types: neuron types of the network, which bound the field `type`.
    """
    found = {}
    for spec in (*STATE, *CONSTANTS):
        field = spec.field(params)
        if spec.writable and field.width:
            found[spec.name] = (field.low, field.high)
    return {**found, "type": (0, types - 1)}
