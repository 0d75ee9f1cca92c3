"""From bytes of the line to frames that are known to be whole."""

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC
from amaranth.lib.wiring import In, Out

from ganglion.fpga.uart_link.cobs import CobsDecoder
from ganglion.hdl.lib.layouts import struct
from ganglion.model.spec.frames import CRC_BYTES, HEADER, HEADER_BYTES, PAYLOAD


class FrameReceiver(wiring.Component):
    """Takes the line apart.

    `payload_valid` with each byte of payload and its `index`, before anyone knows whether the frame is whole. In the
    cycle after its end comes `good`, and `header` is then the frame's, or `bad`: a wrong CRC or length. Nothing between
    two bytes 0 is no frame.
    """

    data: Value
    arrived: Value
    header: "data.View[data.StructLayout]"
    payload: Value
    payload_valid: Value
    index: Value
    good: Value
    bad: Value

    def __init__(self) -> None:
        super().__init__(
            {
                "data": In(8),
                "arrived": In(1),
                "header": Out(struct(HEADER)),
                "payload": Out(8),
                "payload_valid": Out(1),
                "index": Out(8),
                "good": Out(1),
                "bad": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.decoder = decoder = CobsDecoder()
        m.submodules.checksum = crc = CRC32_ISO_HDLC(data_width=8).create()
        header = Signal(HEADER.width)
        count, whole = Signal(9), Signal()
        index = count - HEADER_BYTES
        m.d.comb += [
            decoder.data.eq(self.data),
            decoder.arrived.eq(self.arrived),
            crc.data.eq(decoder.byte),
            crc.valid.eq(decoder.valid),
            crc.start.eq(decoder.end),
            self.header.eq(header),
            self.payload.eq(decoder.byte),
            self.index.eq(index),
            self.payload_valid.eq(
                decoder.valid & (count >= HEADER_BYTES) & (count < HEADER_BYTES + self.header.length)
            ),
            whole.eq(
                crc.match_detected
                & ~decoder.broken
                & (count == HEADER_BYTES + CRC_BYTES + self.header.length)
                & (self.header.length <= PAYLOAD)
            ),
        ]
        m.d.sync += [self.good.eq(decoder.end & whole), self.bad.eq(decoder.end & ~whole & (count != 0))]
        with m.If(decoder.end):
            m.d.sync += count.eq(0)
        with m.Elif(decoder.valid & ~count.all()):
            m.d.sync += count.eq(count + 1)
        with m.If(decoder.valid & (count < HEADER_BYTES)):
            m.d.sync += header.eq(Cat(header[8:], decoder.byte))
        return m
