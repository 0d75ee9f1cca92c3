"""What a core or a router did, in numbers."""

from collections.abc import Mapping
from enum import IntEnum

from amaranth.hdl import Array, Cat, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.memory import Ram, fault_layout
from ganglion.model.spec.formats import Layout
from ganglion.model.spec.params import bits_for
from ganglion.model.spec.registers import COUNTER_BITS


class Counters(wiring.Component):
    """Counters modulo 2^32 in one memory, each raised by its entry of `add` in every cycle.

    What comes in is gathered in a few bits per counter. A visitor goes round, adds what one counter has gathered to
    its row, and is back before the bits can run over. With parity it writes each row that it reads, so that a wrong one
    is told once.

    Args:
        layout: of a row.
        most: the counters, in the order of their rows, and the most that each is raised by in a cycle.
        parity: the rows have a parity bit.
    """

    add: "data.View[data.ArrayLayout]"
    """By how much to raise each counter in this cycle."""
    row: Value
    """The counter to read."""
    reading: Value
    """Read it, once everything is settled."""
    settled: Value
    """Nothing waits to be added."""
    value: Value
    """The counter, one cycle after it was read."""
    fault: "data.View[data.StructLayout]"
    """With parity: of the memory."""

    def __init__(self, layout: Layout, most: Mapping[IntEnum, int], *, parity: bool = False) -> None:
        self.layout = layout
        self.parity = parity
        self.most = dict(most)
        super().__init__(
            {
                "add": In(data.ArrayLayout(bits_for(max(most.values()) + 1), len(most))),
                "row": In(range(len(most))),
                "reading": In(1),
                "settled": Out(1),
                "value": Out(COUNTER_BITS),
                **({"fault": Out(fault_layout(len(most)))} if parity else {}),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        count = len(self.most)
        # With parity a row may be read for the first time while it is written; it is read again before it is wanted.
        m.submodules.totals = totals = Ram(self.layout, count, parity=self.parity, collisions=self.parity)

        visited, previous = Signal(range(count)), Signal(range(count))
        gathered = Array(
            Signal(range(count * most + 1), name=f"{counter.name.lower()}_gathered")
            for counter, most in self.most.items()
        )
        for counter in self.most:
            kept = Mux(visited == counter, 0, gathered[counter])
            m.d.sync += gathered[counter].eq(kept + self.add[counter])
        amount = Signal(range(count * max(self.most.values()) + 1))
        m.d.sync += [
            visited.eq(Mux(visited == count - 1, 0, visited + 1)),
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
        if self.parity:
            visits = Signal()
            m.d.sync += visits.eq(~(self.reading & self.settled))
            m.d.comb += [totals.write.eq(visits), self.fault.eq(totals.fault)]
        return m
