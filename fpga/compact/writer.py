"""Tokens out of packets."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.packets import as_access, as_spike
from ganglion.model.spec.packets import ACCESS, PACKET_BITS, SPIKE, Kind, Scope, end
from ganglion.model.spec.tokens import REPLY_TOKEN, TO_HOST, Advance, Up

MOST = 1 + TO_HOST[Up.PACKET].follow
"""Bytes of the longest token."""


class TokenWriter(wiring.Component):
    """An encoder of tokens: packets in, bytes out.

    An END is kept for those that may follow it, until another packet comes or `idle` tells that the line has nothing
    else to do: so ENDs that come faster than the line takes them are counted, and no other waits.
    """

    i: stream.Interface
    o: stream.Interface
    idle: Value

    def __init__(self) -> None:
        super().__init__({"i": In(stream.Signature(PACKET_BITS)), "o": Out(stream.Signature(8)), "idle": In(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        out, left = Signal(8 * MOST), Signal(range(MOST + 1))
        most = TO_HOST[Up.END].most + 1
        ends = Signal(range(most + 1))
        packet, held, placed = Signal(PACKET_BITS), Signal(), Signal()
        is_end = packet == end()
        m.d.comb += self.i.ready.eq(~held)
        m.d.sync += placed.eq(held)
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += [packet.eq(self.i.payload), held.eq(1), placed.eq(0)]
        spike, reply, before = as_spike(packet), as_access(packet), Signal(struct(ACCESS))
        m.d.comb += [self.o.valid.eq(left != 0), self.o.payload.eq(out[:8])]

        # Where a REPLY is, seen from the one before: in registers, since the clock has no time for its token as well.
        advance, size, routed = Signal(Advance), Signal(2), Signal()
        near = Signal()
        m.d.sync += [
            routed.eq(reply.route != before.route),
            size.eq(Mux(reply.data[8:] != 0, 2, reply.data != 0)),
            near.eq(reply.memory == before.memory),
        ]
        with m.If((reply.row == before.row) & (reply.chunk == before.chunk + 1)):
            m.d.sync += advance.eq(Advance.CHUNK)
        with m.Elif((reply.row == before.row + 1) & (reply.chunk == 0)):
            m.d.sync += advance.eq(Advance.ROW)
        with m.Elif((reply.row == before.row) & (reply.chunk == before.chunk)):
            m.d.sync += advance.eq(Advance.SAME)
        with m.Else():
            m.d.sync += advance.eq(Advance.AT)
            with m.If((reply.chunk != 0) | (reply.row >= 1 << 8)):
                m.d.sync += near.eq(0)
        at = advance == Advance.AT
        told = Mux(at, Cat(reply.row[:8], reply.data), reply.data)
        first = Cat(routed, size, advance, Const(Up.REPLY >> REPLY_TOKEN.width, 8 - REPLY_TOKEN.width))
        told = Cat(first, Mux(routed, Cat(reply.route, told), told))

        number = Cat(spike.axon, spike.route)
        output = (spike.kind == Kind.SPIKE) & (spike.scope == Scope.HOST) & (packet[SPIKE.width :] == 0)
        with m.If(left != 0), m.If(self.o.ready):
            m.d.sync += [out.eq(out >> 8), left.eq(left - 1)]
        with m.Elif((ends != 0) & ((held & ~is_end) | self.idle | (ends == most))):
            m.d.sync += [out.eq(Up.END | (ends - 1)[:4]), left.eq(1), ends.eq(0)]
        with m.Elif(held & placed):
            m.d.sync += held.eq(0)
            with m.If(is_end):
                m.d.sync += ends.eq(ends + 1)
            with m.Elif(output & (number <= TO_HOST[Up.NEAR].most)):
                m.d.sync += [out.eq(Up.NEAR | number[:7]), left.eq(1)]
            with m.Elif(output & (number >> 8 <= TO_HOST[Up.AT].most)):
                m.d.sync += [out.eq(Cat(Up.AT | number[8:14], number[:8])), left.eq(2)]
            with m.Elif((reply.kind == Kind.REPLY) & near):
                m.d.sync += [out.eq(told), left.eq(1 + Mux(routed, 2, 0) + at + size)]
            with m.Else():
                m.d.sync += [out.eq(Cat(Const(Up.PACKET, 8), packet)), left.eq(MOST)]
            with m.If(reply.kind == Kind.REPLY):
                m.d.sync += before.eq(reply)
        return m

