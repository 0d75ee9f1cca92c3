"""From a header and bytes of a ring to a frame on the line."""

from amaranth.hdl import Module, Signal, Value, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.fpga.uart_link.cobs import CobsEncoder
from ganglion.hdl.lib.layouts import struct
from ganglion.model.spec.frames import CRC_BYTES, HEADER, HEADER_BYTES, OFFSET_BITS


class FrameSender(wiring.Component):
    """Sends a frame: takes a header, fetches its payload from the ring by offset, adds the CRC.

    `read_data` is wanted in the cycle after `read`. No header is taken until the one before is off to the line.
    """

    headers: stream.Interface
    read: Value
    read_offset: Value
    read_data: Value
    o: stream.Interface

    def __init__(self) -> None:
        super().__init__(
            {
                "headers": In(stream.Signature(struct(HEADER))),
                "read": Out(1),
                "read_offset": Out(unsigned(OFFSET_BITS)),
                "read_data": In(8),
                "o": Out(stream.Signature(8)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.encoder = encoder = CobsEncoder()
        m.submodules.checksum = crc = CRC32_ISO_HDLC(data_width=8).create()
        connect(m, encoder.o, flipped(self.o))

        # Header, bytes of the ring and CRC leave through one shift register.
        bits, left = Signal(HEADER.width), Signal(8)
        length, offset = Signal(8), Signal(OFFSET_BITS)
        covered = Signal()
        m.d.comb += [
            crc.data.eq(encoder.i.payload),
            crc.valid.eq(encoder.i.valid & covered),
            self.read_offset.eq(offset),
            encoder.i.payload.eq(bits[:8]),
        ]
        with m.FSM():
            with m.State("Idle"):
                m.d.comb += [self.headers.ready.eq(encoder.i.ready), crc.start.eq(1)]
                m.d.sync += [
                    bits.eq(self.headers.payload),
                    length.eq(self.headers.payload.length),
                    offset.eq(self.headers.payload.offset),
                    left.eq(HEADER_BYTES - 1),
                ]
                with m.If(self.headers.valid & self.headers.ready):
                    m.next = "Header"
            with m.State("Header"):
                m.d.comb += [encoder.i.valid.eq(1), covered.eq(1)]
                m.d.sync += [bits.eq(bits >> 8), left.eq(left - 1)]
                with m.If(left == 0):
                    m.d.sync += left.eq(length - 1)
                    m.next = "Fetch"
                    with m.If(length == 0):
                        m.next = "Checksum"
            with m.State("Fetch"):
                m.d.comb += self.read.eq(1)
                m.d.sync += offset.eq(offset + 1)
                m.next = "Take"
            with m.State("Take"):
                m.d.sync += bits.eq(self.read_data)
                m.next = "Payload"
            with m.State("Payload"):
                m.d.comb += [encoder.i.valid.eq(1), covered.eq(1)]
                m.d.sync += left.eq(left - 1)
                m.next = "Fetch"
                with m.If(left == 0):
                    m.next = "Checksum"
            with m.State("Checksum"):
                m.d.sync += [bits.eq(crc.crc), left.eq(CRC_BYTES - 1)]
                m.next = "Tail"
            with m.State("Tail"):
                m.d.comb += encoder.i.valid.eq(1)
                m.d.sync += [bits.eq(bits >> 8), left.eq(left - 1)]
                with m.If(left == 0):
                    m.next = "End"
            with m.State("End"):
                m.d.comb += encoder.last.eq(1)
                m.next = "Idle"
        return m
