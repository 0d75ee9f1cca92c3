"""The one memory of the chip: block RAM with a read port and a write port."""

from amaranth.hdl import Assert, Module, Value, unsigned
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.layouts import struct
from ganglion.model.spec.formats import Layout
from ganglion.model.spec.params import bits_for


class Ram(wiring.Component):
    """Rows of one layout; a row is read in one cycle and written in one.

    `read_data` holds the row from the cycle after `read` until the next read.

    Same-address rule: what is read from a row that is written in the same cycle is undefined. FPGAs differ here and
    emulating either answer costs tens of cells per memory, so nobody may depend on it: the simulation asserts that it
    does not happen, unless the owner states with `collisions` that it ignores the data then.
    """

    read_row: Value
    read: Value
    read_data: Value
    write_row: Value
    write: Value
    write_data: Value

    def __init__(self, layout: Layout, rows: int, *, collisions: bool = False) -> None:
        self.layout = layout
        self.rows = rows
        self.collisions = collisions
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
        m.submodules.array = array = memory.Memory(
            shape=unsigned(self.layout.width),
            depth=self.rows,
            init=[],
            attrs={"ram_style": "block", "no_rw_check": 1},
        )
        reader, writer = array.read_port(), array.write_port()
        m.d.comb += [
            reader.addr.eq(self.read_row),
            reader.en.eq(self.read),
            self.read_data.eq(reader.data),
            writer.addr.eq(self.write_row),
            writer.en.eq(self.write),
            writer.data.eq(self.write_data),
        ]
        if not self.collisions:
            collide = self.read & self.write & (self.read_row == self.write_row)
            m.d.sync += Assert(~collide, "a row was read in the cycle in which it was written")
        return m
