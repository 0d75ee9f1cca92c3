"""What the core did, in numbers."""

from amaranth.hdl import Array, Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.model.spec.memories import COUNTER_BITS, Counter
from ganglion.model.spec.params import Params, bits_for


class Counters(wiring.Component):
    """Counters modulo 2^32, each raised by its entry of `add` in every cycle. `value` is the one that `row` names."""

    add: "data.View[data.ArrayLayout]"
    row: Value
    value: Value

    def __init__(self, params: Params) -> None:
        super().__init__(
            {
                "add": In(data.ArrayLayout(bits_for(params.lanes + 1), len(Counter))),
                "row": In(range(len(Counter))),
                "value": Out(COUNTER_BITS),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        counts = Array(Signal(COUNTER_BITS, name=counter.name.lower()) for counter in Counter)
        m.d.sync += [counts[counter].eq(counts[counter] + self.add[counter]) for counter in Counter]
        m.d.comb += self.value.eq(counts[self.row])
        return m
