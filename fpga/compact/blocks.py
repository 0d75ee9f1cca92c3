"""Bytes out of blocks: as they are, or in a Huffman code."""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.formats import Field, Layout
from ganglion.model.spec.tokens import BLOCK, LONGEST_CODE, Block

BYTES = Layout("BYTES", (Field("byte", 8, ""),))

SYMBOLS = 256
"""Row of the first byte of a table, behind those of the numbers of codes."""


class BlockReader(wiring.Component):
    """A decoder of canonical Huffman codes, for the blocks that are in one.

    A code is read bit by bit, three cycles each. Codes of one length follow each other, and so do their bytes in the
    table: a code is told by how far it is behind the first of its length. One that is in no table gives any byte.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self) -> None:
        super().__init__({"i": In(stream.Signature(8)), "o": Out(stream.Signature(8))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        # Row k has the number of codes of k bits; from SYMBOLS on there are the bytes.
        m.submodules.table = table = Ram(BYTES, 2 * SYMBOLS)
        head = Signal(struct(BLOCK))
        low, left, form = Signal(8), Signal(head.length.shape()), Signal(head.form.shape())
        rest, bits = Signal(8), Signal(range(9))
        place, more = Signal(range(2 * SYMBOLS)), Signal(range(SYMBOLS + 1))
        length, behind, index = Signal(range(LONGEST_CODE + 1)), Signal(10), Signal(9)
        count, bit = Signal(8), rest[0]
        offset = Cat(bit, behind)[: len(behind)]
        m.d.comb += [
            head.as_value().eq(Cat(low, self.i.payload)),
            table.write_row.eq(place),
            table.write_data.eq(self.i.payload),
        ]
        with m.FSM():
            with m.State("Low"):
                m.d.comb += self.i.ready.eq(1)
                m.d.sync += low.eq(self.i.payload)
                with m.If(self.i.valid):
                    m.next = "High"
            with m.State("High"):
                m.d.comb += self.i.ready.eq(1)
                m.d.sync += [left.eq(head.length), form.eq(head.form), place.eq(1), more.eq(0), bits.eq(0)]
                with m.If(self.i.valid):
                    m.next = "Plain"
                    with m.If(head.form == Block.TABLE):
                        m.next = "Counts"
                    with m.Elif(head.form == Block.CODED):
                        m.next = "Start"
            with m.State("Plain"):
                with m.If(left == 0):
                    m.next = "Low"
                with m.Else():
                    m.d.comb += [
                        self.o.valid.eq(self.i.valid),
                        self.o.payload.eq(self.i.payload),
                        self.i.ready.eq(self.o.ready),
                    ]
                    m.d.sync += left.eq(left - (self.i.valid & self.o.ready))
            with m.State("Counts"):
                m.d.comb += [self.i.ready.eq(1), table.write.eq(self.i.valid)]
                with m.If(self.i.valid):
                    m.d.sync += [place.eq(place + 1), more.eq(more + self.i.payload)]
                    with m.If(place == LONGEST_CODE):
                        m.d.sync += place.eq(SYMBOLS)
                        m.next = "Symbols"
            with m.State("Symbols"):
                m.d.comb += [self.i.ready.eq(more != 0), table.write.eq(self.i.valid & (more != 0))]
                with m.If(more == 0):
                    m.next = "Start"
                with m.Elif(self.i.valid):
                    m.d.sync += [place.eq(place + 1), more.eq(more - 1)]
            with m.State("Start"):
                m.d.sync += [length.eq(1), behind.eq(0), index.eq(0)]
                m.next = "Count"
                with m.If(left == 0):
                    m.next = "Low"
            with m.State("Count"):
                m.d.comb += [table.read_row.eq(length), table.read.eq(1), self.i.ready.eq(bits == 0)]
                with m.If((bits != 0) | self.i.valid):
                    m.next = "Number"
                with m.If((bits == 0) & self.i.valid):
                    m.d.sync += [rest.eq(self.i.payload), bits.eq(8)]
            with m.State("Number"):
                m.d.sync += count.eq(table.read_data.byte)
                m.next = "Bit"
            with m.State("Bit"):
                m.d.sync += [rest.eq(rest >> 1), bits.eq(bits - 1), length.eq(length + 1)]
                m.d.comb += table.read_row.eq(SYMBOLS | (index + offset)[:8])
                m.next = "Count"
                with m.If((offset < count) | (length == LONGEST_CODE)):
                    m.d.comb += table.read.eq(1)
                    m.next = "Symbol"
                with m.Else():
                    m.d.sync += [behind.eq(offset - count), index.eq(index + count)]
            with m.State("Symbol"):
                m.d.comb += [self.o.valid.eq(1), self.o.payload.eq(table.read_data.byte)]
                with m.If(self.o.ready):
                    m.d.sync += left.eq(left - 1)
                    m.next = "Start"
        return m
