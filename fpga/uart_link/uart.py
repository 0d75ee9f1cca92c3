"""A serial line: bytes to and from a wire, 8 bits, no parity, one stop bit."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

BITS = 10
"""Bits of a byte on the line: start, eight of data, stop."""


class UartReceiver(wiring.Component):
    """Bytes from the wire. `valid` is high for the one cycle in which `data` is a byte; a byte without its stop bit is
    passed on too, for the frame around it to fail.

    Each bit is sampled once, in its middle as the first low sample of the start bit tells it: that may be a cycle late.
    With that, a sender may be 2 % faster or slower where a bit is three cycles or more. The wire low for less than half
    a bit is no start.
    """

    rx: Value
    data: Value
    valid: Value

    def __init__(self, divider: int) -> None:
        self.divider = divider
        super().__init__({"rx": In(1, init=1), "data": Out(8), "valid": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        wire = Signal(init=1)
        m.submodules.synchronizer = FFSynchronizer(self.rx, wire, init=1)
        wait, left, bits = Signal(range(self.divider)), Signal(range(BITS + 1)), Signal(BITS - 1)
        m.d.comb += self.data.eq(bits[:8])
        m.d.sync += self.valid.eq(0)
        with m.If(left == 0):
            # To the middle of the start bit, counted from the first sample that is low.
            m.d.sync += [left.eq(Mux(wire, 0, BITS)), wait.eq(self.divider // 2 - 1)]
        with m.Elif(wait != 0):
            m.d.sync += wait.eq(wait - 1)
        with m.Else():
            m.d.sync += [
                bits.eq(Cat(bits[1:], wire)),
                left.eq(Mux((left == BITS) & wire, 0, left - 1)),
                wait.eq(self.divider - 1),
                self.valid.eq(left == 1),
            ]
        return m


class UartSender(wiring.Component):
    """Bytes to the wire, one behind the other: a stop bit, in which the next byte is taken, has a cycle more."""

    i: stream.Interface
    tx: Value

    def __init__(self, divider: int) -> None:
        self.divider = divider
        super().__init__({"i": In(stream.Signature(8)), "tx": Out(1, init=1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        wait, left, bits = Signal(range(self.divider)), Signal(range(BITS + 1)), Signal(BITS, init=(1 << BITS) - 1)
        m.d.comb += [self.tx.eq(bits[0]), self.i.ready.eq(left == 0)]
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += [bits.eq(Cat(Const(0, 1), self.i.payload, Const(1, 1))), left.eq(BITS)]
            m.d.sync += wait.eq(self.divider - 1)
        with m.Elif(wait != 0):
            m.d.sync += wait.eq(wait - 1)
        with m.Elif(left != 0):
            m.d.sync += [bits.eq(Cat(bits[1:], Const(1, 1))), left.eq(left - 1), wait.eq(self.divider - 1)]
        return m
