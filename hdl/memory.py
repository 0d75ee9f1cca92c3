"""The one memory of the chip: RAM with a read port and a write port."""

from amaranth.hdl import Assert, Module, Mux, Value, unsigned
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.layouts import struct
from ganglion.hdl.spram import Spram, has_spram
from ganglion.model.spec.formats import Layout
from ganglion.model.spec.params import bits_for

BLOCK_BITS = 16384
"""Bits of a block RAM of the ECP5, its parity bits not counted."""

LUT_ROWS = {"ecp5": 64}
"""Rows up to which a memory goes to look-up tables, where these can be RAM: a block RAM would be mostly empty."""

FEW_ROWS = 8
"""Rows up to which synthesis is free to take flip-flops."""


class Ram(wiring.Component):
    """Rows of one layout; a row is read in one cycle and written in one.

    `read_data` holds the row from the cycle after `read` until the next read.

    Same-address rule: what is read from a row that is written in the same cycle is undefined. FPGAs differ here and
    emulating either answer costs tens of cells per memory, so nobody may depend on it: the simulation asserts that it
    does not happen, unless the owner states with `collisions` that it ignores the data then.

    A memory of few rows goes to look-up tables where these can be RAM, unless its owner wants it in a `block`.
    """

    read_row: Value
    read: Value
    read_data: Value
    write_row: Value
    write: Value
    write_data: Value

    def __init__(
        self,
        layout: Layout,
        rows: int,
        *,
        collisions: bool = False,
        single_port: bool = False,
        block: bool = False,
    ) -> None:
        self.layout = layout
        self.rows = rows
        self.collisions = collisions
        self.single_port = single_port
        self.block = block
        row = unsigned(bits_for(rows))
        super().__init__(
            {
                "read_row": In(row),
                "read": In(1),
                "read_data": Out(struct(layout)),
                "write_row": In(row),
                "write": In(1),
                "write_data": In(layout.width),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        if self.single_port:
            m.d.sync += Assert(~(self.read & self.write), "a memory of one port was read while it was written")
            if has_spram(platform):
                m.submodules.spram = spram = Spram(self.layout.width, self.rows)
                m.d.comb += [
                    spram.row.eq(Mux(self.write, self.write_row, self.read_row)),
                    spram.read.eq(self.read),
                    spram.write.eq(self.write),
                    spram.write_data.eq(self.write_data),
                    self.read_data.eq(spram.read_data),
                ]
                return m
        for first in range(0, self.layout.width, self.column(platform)):
            column = slice(first, min(first + self.column(platform), self.layout.width))
            array = memory.Memory(
                shape=unsigned(column.stop - column.start),
                depth=self.rows,
                init=[],
                attrs=self.style(platform),
            )
            m.submodules[f"array_{first}" if first else "array"] = array
            reader, writer = array.read_port(), array.write_port()
            m.d.comb += [
                reader.addr.eq(self.read_row),
                reader.en.eq(self.read),
                self.read_data.as_value()[column].eq(reader.data),
                writer.addr.eq(self.write_row),
                writer.en.eq(self.write),
                writer.data.eq(self.write_data[column]),
            ]
        if not self.collisions:
            collide = self.read & self.write & (self.read_row == self.write_row)
            m.d.sync += Assert(~collide, "a row was read in the cycle in which it was written")
        return m

    def style(self, platform: object) -> dict[str, str]:
        """What tells synthesis where an array goes."""
        if not self.block and self.rows <= LUT_ROWS.get(str(getattr(platform, "family", platform)), 0):
            return {"ram_style": "distributed"}
        return {"ram_style": "block"} if self.rows > FEW_ROWS else {}

    def column(self, platform: object) -> int:
        """Bits of a row that one array holds: all of them in simulation; on an FPGA what a block RAM is wide if it has
        as many rows, since a deep memory of stacked blocks would have a multiplexer behind it.
        """
        if platform is None or self.rows <= BLOCK_BITS // 16:
            return self.layout.width
        return max(1, BLOCK_BITS >> (self.rows - 1).bit_length())
