"""Consistent overhead byte stuffing of frames of up to 253 bytes: the byte 0 stands between frames and nowhere else.

A frame is cut at its zeros. Each piece is sent behind a code, one more than the bytes of the piece; the code takes the
place of the zero before it.
"""

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.formats import Field, Layout

BYTES = Layout("BYTES", (Field("byte", 8, ""),))

LONGEST = 255
"""The code behind which no zero was."""


class CobsDecoder(wiring.Component):
    """Bytes of the line to bytes of frames, at once and without waiting.

    `valid` with each byte of a frame; `end` with the byte 0 that ends it, and `broken` with `end` where the frame
    stopped within a piece. Both come in the cycle of the byte that caused them.
    """

    data: Value
    arrived: Value
    byte: Value
    valid: Value
    end: Value
    broken: Value

    def __init__(self) -> None:
        super().__init__(
            {"data": In(8), "arrived": In(1), "byte": Out(8), "valid": Out(1), "end": Out(1), "broken": Out(1)}
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        left, zero = Signal(8), Signal()
        m.d.comb += [self.byte.eq(Mux(left == 0, 0, self.data)), self.broken.eq(left != 0)]
        with m.If(self.arrived):
            with m.If(self.data == 0):
                m.d.comb += self.end.eq(1)
                m.d.sync += [left.eq(0), zero.eq(0)]
            with m.Elif(left == 0):
                m.d.comb += self.valid.eq(zero)
                m.d.sync += [left.eq(self.data - 1), zero.eq(self.data != LONGEST)]
            with m.Else():
                m.d.comb += self.valid.eq(1)
                m.d.sync += left.eq(left - 1)
        return m


class CobsEncoder(wiring.Component):
    """Frames to bytes of the line.

    Takes the bytes of a frame, one per cycle, and its end with `last` in a cycle after the last byte; sends codes and
    bytes on `o`, and a 0 behind them. Nothing is taken while it sends.
    """

    i: stream.Interface
    last: Value
    o: stream.Interface

    def __init__(self) -> None:
        super().__init__({"i": In(stream.Signature(8)), "last": In(1), "o": Out(stream.Signature(8))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.stage = stage = Ram(BYTES, 256)
        code, place, reading = Signal(8), Signal(8, init=1), Signal(8)
        m.d.comb += [
            stage.write_row.eq(Mux(self.last | (self.i.payload == 0), code, place)),
            stage.write_data.eq(Mux(self.last | (self.i.payload == 0), place - code, self.i.payload)),
            stage.read_row.eq(reading),
        ]
        with m.FSM():
            with m.State("Gather"):
                m.d.comb += [self.i.ready.eq(1), stage.write.eq(self.i.valid | self.last)]
                m.d.sync += reading.eq(0)
                with m.If(self.last):
                    m.next = "Fetch"
                with m.Elif(self.i.valid):
                    m.d.sync += place.eq(place + 1)
                    with m.If(self.i.payload == 0):
                        m.d.sync += code.eq(place)
            with m.State("Fetch"):
                m.d.comb += stage.read.eq(1)
                m.d.sync += reading.eq(reading + 1)
                m.next = "Send"
            with m.State("Send"):
                m.d.comb += [self.o.valid.eq(1), self.o.payload.eq(stage.read_data.byte)]
                with m.If(self.o.ready):
                    m.next = "Fetch"
                    with m.If(reading == place):
                        m.next = "End"
            with m.State("End"):
                m.d.comb += [self.o.valid.eq(1), self.o.payload.eq(0)]
                m.d.sync += [code.eq(0), place.eq(1)]
                with m.If(self.o.ready):
                    m.next = "Gather"
        return m
