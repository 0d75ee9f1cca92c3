"""Single-event upsets on any target: a bit of what it stores is inverted between two steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.formats import Field
from ganglion.model.spec.learning_fields import layout
from ganglion.model.spec.limits import READABLE
from ganglion.model.spec.params import Params
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace

WEIGHT = "w"
"""What the weights of synapses are called here, among the fields of neurons."""

MEMORIES = ("STATE", "NEURONS")
"""The memories that have fields of neurons."""


@dataclass(frozen=True)
class Upset:
    """One inverted bit."""

    step: int
    """Before which step of a run."""
    field: str
    """A field of neurons that can be written, or WEIGHT."""
    index: int
    """Which neuron, or which synapse."""
    bit: int
    """From the least significant one on."""


def stored_fields(params: Params) -> dict[str, Field]:
    """What a bit can be inverted of, by name, as the chip stores it."""
    fields = [field for memory in MEMORIES for field in layout(memory, params).fields if field.name in READABLE]
    return {field.name: field for field in fields} | {WEIGHT: Field(WEIGHT, params.weight_bits, "", signed=True)}


def upset(target: Target, field: str, index: int, bit: int) -> None:
    """Inverts a bit, now.

    Args:
        target: of any kind.
        field: as `Upset` has it, and so on.

    Raises:
        ProgramError: there is no such field, bit, neuron or synapse, or the target cannot hold what comes of it (a type
            that there is not, say); nothing was written.
    """
    fields = stored_fields(target.program.params)
    if field not in fields:
        raise ProgramError(f"'{field}' is not stored; {', '.join(fields)} are")
    if not 0 <= bit < (width := fields[field].width):
        raise ProgramError(f"bit {bit} of '{field}': it has {width}, from 0 on")
    old = int((target.weights([index]) if field == WEIGHT else target.read(field, [index]))[0])
    new = (old ^ 1 << bit) & (1 << width) - 1
    if fields[field].signed and new >> width - 1:
        new -= 1 << width
    if field == WEIGHT:
        target.write_weights([index], new)
    else:
        target.write(field, [index], new)


def run_with_upsets(target: Target, events: Events, upsets: Sequence[Upset]) -> list[Trace]:
    """A run in which bits are inverted, each before its step.

    Args:
        target: stands at the beginning of the run.
        events: of the run.
        upsets: in any order.

    Returns:
        the run in parts, one up to each upset, and the rest.

    Raises:
        ProgramError: as `upset`, or one is before a step that the run has not; nothing more was run.
    """
    if late := [one for one in upsets if not 0 <= one.step < events.steps]:
        raise ProgramError(f"{late[0]}: the run has {events.steps} steps")
    bounds = [0, *sorted({one.step for one in upsets} - {0}), events.steps]
    parts = []
    for begin, end in pairwise(bounds):
        for one in upsets:
            if one.step == begin:
                upset(target, one.field, one.index, one.bit)
        parts.append(target.run(events.part(begin, end)))
    return parts
