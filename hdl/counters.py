"""What the core did, in numbers."""

from amaranth.hdl import Array, Cat, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.memory import Ram
from ganglion.model.spec.memories import COUNTER_BITS, Counter, Memory, memories
from ganglion.model.spec.params import Params, bits_for


class Counters(wiring.Component):
    """Counters modulo 2^32 in one memory, each raised by its entry of `add` in every cycle.

    What comes in is gathered in a few bits per counter. A visitor goes round, adds what one counter has gathered to
    its row, and is back before the bits can run over. While `reading`, once everything is `settled`, `value` is the
    counter of `row`, one cycle later.
    """

    add: "data.View[data.ArrayLayout]"
    row: Value
    reading: Value
    settled: Value
    value: Value

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(
            {
                "add": In(data.ArrayLayout(bits_for(params.lanes + 1), len(Counter))),
                "row": In(range(len(Counter))),
                "reading": In(1),
                "settled": Out(1),
                "value": Out(COUNTER_BITS),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.totals = totals = Ram(memories(self.params)[Memory.COUNTERS].layout, len(Counter))

        visited, previous = Signal(range(len(Counter))), Signal(range(len(Counter)))
        gathered = Array(
            Signal(range(len(Counter) * self.most(counter) + 1), name=f"{counter.name.lower()}_gathered")
            for counter in Counter
        )
        for counter in Counter:
            kept = Mux(visited == counter, 0, gathered[counter])
            m.d.sync += gathered[counter].eq(kept + self.add[counter])
        amount = Signal(range(len(Counter) * self.params.lanes + 1))
        m.d.sync += [
            visited.eq(Mux(visited == len(Counter) - 1, 0, visited + 1)),
            previous.eq(visited),
            amount.eq(gathered[visited]),
            self.settled.eq(~(Cat(gathered).any() | amount.any())),
        ]
        m.d.comb += [
            totals.read.eq(1),
            totals.read_row.eq(Mux(self.reading & self.settled, self.row, visited)),
            totals.write.eq(amount.any()),
            totals.write_row.eq(previous),
            totals.write_data.eq(totals.read_data.value + amount),
            self.value.eq(totals.read_data.value),
        ]
        return m

    def most(self, counter: Counter) -> int:
        """The most that a counter is raised by in a cycle."""
        return self.params.lanes if counter in (Counter.SPIKES, Counter.SYNOPS, Counter.OVERFLOWS) else 1
