"""A link with fewer wires than a packet has bits: a stream of packets, cut into pieces and put together again."""

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.model.spec.packets import PACKET_BITS


class Narrow(wiring.Component):
    """Packets in, their pieces of `wires` bits out, lowest bits first."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, wires: int) -> None:
        self.wires = wires
        super().__init__({"i": In(stream.Signature(PACKET_BITS)), "o": Out(stream.Signature(wires))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        left, rest = Signal(range(PACKET_BITS // self.wires + 1)), Signal(PACKET_BITS)
        m.d.comb += [self.o.payload.eq(rest), self.o.valid.eq(left != 0), self.i.ready.eq(left == 0)]
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += [rest.eq(self.i.payload), left.eq(PACKET_BITS // self.wires)]
        with m.If(self.o.valid & self.o.ready):
            m.d.sync += [rest.eq(rest >> self.wires), left.eq(left - 1)]
        return m


class Widen(wiring.Component):
    """Pieces of `wires` bits in, packets out: the other end of `Narrow`."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, wires: int) -> None:
        self.wires = wires
        super().__init__({"i": In(stream.Signature(wires)), "o": Out(stream.Signature(PACKET_BITS))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        pieces = PACKET_BITS // self.wires
        count = Signal(range(pieces + 1))
        m.d.comb += [self.i.ready.eq(count != pieces), self.o.valid.eq(count == pieces)]
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += [
                self.o.payload.eq(self.o.payload >> self.wires | self.i.payload << (PACKET_BITS - self.wires)),
                count.eq(count + 1),
            ]
        with m.If(self.o.valid & self.o.ready):
            m.d.sync += count.eq(0)
        return m


class Link(wiring.Component):
    """One direction of a link: lossless, in order, 64 / `wires` + 1 cycles a packet.

    `busy` while a packet is on its way.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, wires: int) -> None:
        self.wires = wires
        packets = stream.Signature(PACKET_BITS)
        super().__init__({"i": In(packets), "o": Out(packets), "busy": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.narrow = narrow = Narrow(self.wires)
        m.submodules.widen = widen = Widen(self.wires)
        connect(m, flipped(self.i), narrow.i)
        connect(m, narrow.o, widen.i)
        connect(m, widen.o, flipped(self.o))
        received = Signal()
        with m.If(widen.i.valid & widen.i.ready):
            m.d.sync += received.eq(1)
        with m.If(widen.o.valid & widen.o.ready):
            m.d.sync += received.eq(0)
        m.d.comb += self.busy.eq(narrow.o.valid | received)
        return m
