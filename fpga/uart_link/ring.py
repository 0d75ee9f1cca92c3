"""Bytes on their way, in a ring of memory: numbered as in the stream that they are of."""

from amaranth.hdl import Module, Value, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ganglion.fpga.uart_link.cobs import BYTES
from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.frames import OFFSET_BITS
from ganglion.model.spec.params import bits_for


class Ring(wiring.Component):
    """`size` bytes, a power of two; byte k of the stream lies in row k mod size.

    `read_data` is the byte of `read_offset` one cycle later. A byte that is read while its row is written is undefined.
    """

    write: Value
    write_offset: Value
    write_data: Value
    read: Value
    read_offset: Value
    read_data: Value

    def __init__(self, size: int) -> None:
        self.size = size
        offset = unsigned(OFFSET_BITS)
        super().__init__(
            {
                "write": In(1),
                "write_offset": In(offset),
                "write_data": In(8),
                "read": In(1),
                "read_offset": In(offset),
                "read_data": Out(8),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.ram = ram = Ram(BYTES, self.size, collisions=True)
        row = slice(0, bits_for(self.size))
        m.d.comb += [
            ram.write.eq(self.write),
            ram.write_row.eq(self.write_offset[row]),
            ram.write_data.eq(self.write_data),
            ram.read.eq(self.read),
            ram.read_row.eq(self.read_offset[row]),
            self.read_data.eq(ram.read_data.byte),
        ]
        return m


def ahead(later: Value, earlier: Value) -> Value:
    """How many bytes one number of the stream is ahead of another, modulo the numbering."""
    return (later - earlier)[:OFFSET_BITS]
