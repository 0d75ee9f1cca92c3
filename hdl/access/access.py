"""Reading and writing of every memory through the packet stream."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any

from amaranth.hdl import Array, Cat, Module, Mux, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.arith import below
from ganglion.hdl.lib.layouts import struct
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory, Where, memories
from ganglion.model.spec.packets import ACCESS, ROW_BITS, Kind
from ganglion.model.spec.params import Params


def access_bus(params: Params) -> data.StructLayout:
    """What the access unit tells the memories, out of registers.

    While `reading`, each memory reads `row`; the one bit of `pick` that is set chooses the chunk that is sent back. A
    bit of `write` writes `data` into `row` of that memory. Both are meant for the lanes in `lanes`.
    """
    specs = memories(params)
    return data.StructLayout(
        {
            "reading": 1,
            "row": ROW_BITS,
            "lanes": params.lanes,
            "pick": data.StructLayout({memory.name: spec.layout.chunks for memory, spec in specs.items()}),
            "write": data.ArrayLayout(1, len(Memory)),
            "data": max(spec.layout.chunks for spec in specs.values()) * CHUNK_BITS,
        }
    )


def picked(bus: Any, rows: Mapping[Memory, Value]) -> Value:
    """The chunk that the bus picks out of these rows, or 0.

    Gates and one wide OR: half the LUTs of a multiplexer, and the results of several places are joined by OR again.
    """
    chunks = [
        row[k * CHUNK_BITS : (k + 1) * CHUNK_BITS] & bus.pick[memory.name][k].replicate(CHUNK_BITS)
        for memory, row in rows.items()
        for k in range(-(-len(row) // CHUNK_BITS))
    ]
    return reduce(or_, chunks)


class Access(wiring.Component):
    """Serves WRITE and READ packets, one at a time.

    A WRITE stores its chunk; the last chunk of a row writes the row three cycles later. A READ is answered on `replies`
    READ_CYCLES cycles after the counters have `settled`, and nothing else is taken before the reply is. A packet for a
    memory, row or chunk that does not exist, or a WRITE to what cannot be written, is dropped and pulses `bad`.
    `clear`, given in the cycle of a write, sets all memories that CLEAR clears to zero afterwards, side by side, a row
    of all lanes per cycle.
    """

    READ_CYCLES = 7

    packets: stream.Interface
    replies: stream.Interface
    bus: "data.View[data.StructLayout]"
    data: Value
    settled: Value
    clear: Value
    bad: Value
    busy: Value

    def __init__(self, params: Params) -> None:
        self.params = params
        self.specs = memories(params)
        super().__init__(
            {
                "packets": In(stream.Signature(struct(ACCESS))),
                "replies": Out(stream.Signature(struct(ACCESS))),
                "bus": Out(access_bus(params)),
                "data": In(CHUNK_BITS),  # what the memories picked
                "settled": In(1),  # the counters are up to date
                "clear": In(1),
                "bad": Out(1),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p = self.params
        packet, held = self.packets.payload, Signal(struct(ACCESS))
        hold = Array(Signal(CHUNK_BITS, name=f"hold_{k}") for k in range(len(self.bus.data) // CHUNK_BITS))
        lane_bits = p.lanes.bit_length() - 1
        laned, last, exists, writable = Signal(), Signal(), Signal(), Signal()
        cycles = Signal(range(self.READ_CYCLES))
        cleared = [spec for spec in self.specs.values() if spec.cleared]
        rows = Signal(range(max(spec.depth for spec in cleared)))
        told = Signal(self.bus.shape())
        late = Signal(self.bus.shape(), reset_less=True)
        reading, write = Signal(), Signal.like(self.bus.write)

        with m.Switch(packet.memory):
            for memory, spec in self.specs.items():
                with m.Case(memory):
                    m.d.comb += [
                        exists.eq(below(packet.row, spec.rows) & below(packet.chunk, spec.layout.chunks)),
                        last.eq(packet.chunk == spec.layout.chunks - 1),
                        writable.eq(spec.writable),
                    ]
        with m.Switch(held.memory):
            for memory, spec in self.specs.items():
                with m.Case(memory):
                    m.d.comb += [laned.eq(spec.where is Where.LANES), told.pick[memory.name].eq(1 << held.chunk)]

        m.d.comb += [
            told.row.eq(Mux(laned, held.row >> lane_bits, held.row)),
            told.lanes.eq(Mux(laned, 1 << held.row[:lane_bits], (1 << p.lanes) - 1)),
            told.data.eq(Cat(hold)),
            self.replies.payload.eq(held),
            self.replies.payload.kind.eq(Kind.REPLY),
        ]
        # Of what the bus tells, only these two mean anything after a reset.
        m.d.sync += [late.eq(told), reading.eq(told.reading), write.eq(told.write)]
        m.d.comb += [self.bus.eq(late), self.bus.reading.eq(reading), self.bus.write.eq(write)]
        storing = Signal()
        m.d.sync += storing.eq(0)
        with m.If(storing):
            m.d.sync += hold[held.chunk].eq(held.data)
        with m.FSM():
            with m.State("Idle"):
                m.d.comb += self.packets.ready.eq(1)
                m.d.sync += [held.eq(packet), cycles.eq(0)]
                with m.If(self.packets.valid):
                    with m.If(~exists | ((packet.kind == Kind.WRITE) & ~writable)):
                        m.d.comb += self.bad.eq(1)
                    with m.Elif(packet.kind == Kind.READ):
                        m.next = "Read"
                    with m.Else():
                        m.d.sync += storing.eq(1)
                        with m.If(last):
                            m.next = "Store"
            with m.State("Store"):
                m.d.comb += self.busy.eq(1)
                m.next = "Write"
            with m.State("Write"):
                m.d.comb += [self.busy.eq(1), told.write[held.memory].eq(1)]
                m.next = "Written"
            with m.State("Written"):
                m.d.comb += self.busy.eq(1)
                m.next = "Idle"
                with m.If(self.clear):
                    m.d.sync += [word.eq(0) for word in hold]
                    m.next = "Clear"
            with m.State("Read"):
                m.d.comb += [self.busy.eq(1), told.reading.eq(1)]
                m.d.sync += held.data.eq(self.data)
                with m.If(self.settled):
                    m.d.sync += cycles.eq(cycles + 1)
                    with m.If(cycles == self.READ_CYCLES - 1):
                        m.next = "Reply"
            with m.State("Reply"):
                m.d.comb += [self.busy.eq(1), self.replies.valid.eq(1)]
                with m.If(self.replies.ready):
                    m.next = "Idle"
            with m.State("Clear"):
                # The deepest one sets the time; the address of a shallower one goes round.
                m.d.comb += [self.busy.eq(1), told.row.eq(rows), told.lanes.eq((1 << p.lanes) - 1)]
                m.d.comb += [told.write[spec.memory].eq(1) for spec in cleared]
                m.d.sync += rows.eq(rows + 1)
                with m.If(rows == max(spec.depth for spec in cleared) - 1):
                    m.d.sync += rows.eq(0)
                    m.next = "Cleared"
            with m.State("Cleared"):
                m.d.comb += self.busy.eq(1)
                m.next = "Idle"
        return m
