"""Between the bytes of the link and the packets of the chip."""

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal, Value, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.model.spec.frames import PACKET_BYTES
from ganglion.model.spec.packets import KIND_BITS, PACKET_BITS

WIDTH = PACKET_BITS // 8


def packet_length(word: Value) -> Value:
    """Bytes in which a packet travels."""
    return Array(Const(count, range(WIDTH + 1)) for count in PACKET_BYTES)[word[:KIND_BITS]]


class PacketReader(wiring.Component):
    """Packets out of bytes, which are offered one per cycle at most."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self) -> None:
        super().__init__({"i": In(stream.Signature(8)), "o": Out(stream.Signature(PACKET_BITS))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        word, count, length = Signal(PACKET_BITS), Signal(range(WIDTH + 1)), Signal(range(WIDTH + 1))
        m.d.comb += [self.i.ready.eq(~self.o.valid), self.o.payload.eq(word)]
        m.d.comb += [length.eq(packet_length(word)), self.o.valid.eq((count != 0) & (count == length))]
        with m.If(self.o.valid & self.o.ready):
            m.d.sync += [count.eq(0), word.eq(0)]
        with m.Elif(self.i.valid & self.i.ready):
            m.d.sync += [word.word_select(count[: WIDTH.bit_length() - 1], 8).eq(self.i.payload), count.eq(count + 1)]
        return m


class PacketWriter(wiring.Component):
    """Bytes out of packets."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self) -> None:
        super().__init__({"i": In(stream.Signature(PACKET_BITS)), "o": Out(stream.Signature(8))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        word, left = Signal(PACKET_BITS), Signal(range(WIDTH + 1))
        m.d.comb += [self.i.ready.eq(left == 0), self.o.valid.eq(left != 0), self.o.payload.eq(word[:8])]
        with m.If(self.o.valid & self.o.ready):
            m.d.sync += [word.eq(Cat(word[8:], Const(0, 8))), left.eq(left - 1)]
        with m.Elif(self.i.valid & self.i.ready):
            m.d.sync += [word.eq(self.i.payload), left.eq(packet_length(self.i.payload))]
        return m


class Greeter(wiring.Component):
    """Bytes behind those of a greeting."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, greeting: bytes) -> None:
        self.greeting = greeting
        super().__init__({"i": In(stream.Signature(8)), "o": Out(stream.Signature(8))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        greeted, letters = Signal(range(len(self.greeting) + 1)), Array(Const(k, unsigned(8)) for k in self.greeting)
        greeting = greeted != len(self.greeting)
        m.d.comb += [
            self.i.ready.eq(~greeting & self.o.ready),
            self.o.valid.eq(greeting | self.i.valid),
            self.o.payload.eq(Mux(greeting, letters[greeted], self.i.payload)),
        ]
        with m.If(greeting & self.o.ready):
            m.d.sync += greeted.eq(greeted + 1)
        return m
