"""A serializer and a deserializer: packets over fewer wires than they have bits, and the link that is one of each."""

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.hdl.lib.streams import transfers
from ganglion.model.spec.packets import PACKET_BITS


class Serializer(wiring.Component):
    """Packets in, their pieces of `wires` bits out, lowest bits first.

    Args:
        wires: bits of a piece, which divide those of a packet.
    """

    i: stream.Interface
    """Packets."""
    o: stream.Interface
    """Pieces."""

    def __init__(self, wires: int) -> None:
        self.wires = wires
        super().__init__({"i": In(stream.Signature(PACKET_BITS)), "o": Out(stream.Signature(wires))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        left, rest = Signal(range(PACKET_BITS // self.wires + 1)), Signal(PACKET_BITS)
        m.d.comb += [self.o.payload.eq(rest), self.o.valid.eq(left != 0), self.i.ready.eq(left == 0)]
        with m.If(transfers(self.i)):
            m.d.sync += [rest.eq(self.i.payload), left.eq(PACKET_BITS // self.wires)]
        with m.If(transfers(self.o)):
            m.d.sync += [rest.eq(rest >> self.wires), left.eq(left - 1)]
        return m


class Deserializer(wiring.Component):
    """Pieces of `wires` bits in, packets out: the other end of `Serializer`.

    Args:
        wires: bits of a piece, which divide those of a packet.
    """

    i: stream.Interface
    """Pieces, lowest bits first."""
    o: stream.Interface
    """Packets."""

    def __init__(self, wires: int) -> None:
        self.wires = wires
        super().__init__({"i": In(stream.Signature(wires)), "o": Out(stream.Signature(PACKET_BITS))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        pieces = PACKET_BITS // self.wires
        count = Signal(range(pieces + 1))
        m.d.comb += [self.i.ready.eq(count != pieces), self.o.valid.eq(count == pieces)]
        with m.If(transfers(self.i)):
            m.d.sync += [
                self.o.payload.eq(self.o.payload >> self.wires | self.i.payload << (PACKET_BITS - self.wires)),
                count.eq(count + 1),
            ]
        with m.If(transfers(self.o)):
            m.d.sync += count.eq(0)
        return m


class Link(wiring.Component):
    """One direction of a link between routers: lossless, in order, 64 / `wires` + 1 cycles a packet.

    Args:
        wires: bits of a piece, which divide those of a packet.
    """

    i: stream.Interface
    """Packets at the near end."""
    o: stream.Interface
    """The same at the far end."""
    busy: Value
    """A packet is on its way."""

    def __init__(self, wires: int) -> None:
        self.wires = wires
        packets = stream.Signature(PACKET_BITS)
        super().__init__({"i": In(packets), "o": Out(packets), "busy": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.serializer = serializer = Serializer(self.wires)
        m.submodules.deserializer = deserializer = Deserializer(self.wires)
        connect(m, flipped(self.i), serializer.i)
        connect(m, serializer.o, deserializer.i)
        connect(m, deserializer.o, flipped(self.o))
        arriving = Signal()
        with m.If(transfers(deserializer.i)):
            m.d.sync += arriving.eq(1)
        with m.If(transfers(deserializer.o)):
            m.d.sync += arriving.eq(0)
        m.d.comb += self.busy.eq(serializer.o.valid | arriving)
        return m
