"""A trace that is read from a table: up to four bounds divide what is looked at into segments with a value each."""

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.layouts import struct
from ganglion.model.spec.learning_memories import BOUNDS
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import Params


class TableLookup(wiring.Component):
    """A piecewise constant function: the value of the segment that a number lies in, one number per cycle.

    A segment begins at its bound, so that its number is how many bounds are not above what is looked at.

    Args:
        params: sizes of the core.
    """

    LATENCY = 1
    """Cycles from `value` to `segment`."""

    type: "data.View[data.StructLayout]"
    """The row of TRACES that has the bounds and values."""
    value: Value
    """What is looked at."""
    segment: Value
    """The value of its segment."""

    def __init__(self, params: Params) -> None:
        self.params = params
        row = struct(memories(params)[Memory.TRACES].layout)
        bound, value = (row.members[name] for name in ("bound0", "value0"))
        super().__init__({"type": In(row), "value": In(bound), "segment": Out(value)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        passed = [self.value >= self.type[f"bound{k}"] for k in range(BOUNDS)]
        # The bounds ascend, so the last that is passed decides.
        chosen = self.type.value0
        segment = Signal(self.segment.shape(), reset_less=True)
        m.d.comb += self.segment.eq(segment)
        m.d.sync += segment.eq(chosen)
        for k, is_passed in enumerate(passed):
            with m.If(is_passed):
                m.d.sync += segment.eq(self.type[f"value{k + 1}"])
        return m
