"""The one memory of the chip: RAM with a read port and a write port."""

from collections.abc import Mapping

from amaranth.hdl import Assert, Module, Value, unsigned
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.layouts import struct
from ganglion.model.spec.formats import Layout
from ganglion.model.spec.params import bits_for


class Ram(wiring.Component):
    """A simple dual-port RAM: rows of one layout; a row is read in one cycle and written in one.

    Same-address rule: what is read from a row that is written in the same cycle is undefined. FPGAs differ here and
    emulating either answer costs tens of cells per memory, so nobody may depend on it: the simulation asserts that it
    does not happen, unless the owner states with `collisions` that it ignores the data then.

    A platform with a method `get_ram` is asked what the memory becomes: given this `Ram`, it returns a module that
    drives `read_data`. Elsewhere it is one array.

    Args:
        layout: of a row.
        rows: how many there are.
        collisions: a row may be read while it is written; what is read then is ignored.
        single_port: no two rows are ever read and written in one cycle, so a memory of one port will do.
        block: a block RAM is wanted, however few the rows.
    """

    LATENCY = 1
    """Cycles from `read` to `read_data`."""

    read_row: Value
    """Which row to read."""
    read: Value
    """Read it."""
    read_data: Value
    """The row, from the cycle after `read` until the next read."""
    write_row: Value
    """Which row to write."""
    write: Value
    """Write it."""
    write_data: Value
    """What to write."""

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
        get_ram = getattr(platform, "get_ram", None)
        m: Module = get_ram(self) if get_ram else self.in_arrays()
        if self.single_port:
            m.d.sync += Assert(~(self.read & self.write), "a memory of one port was read while it was written")
        elif not self.collisions:
            collide = self.read & self.write & (self.read_row == self.write_row)
            m.d.sync += Assert(~collide, "a row was read in the cycle in which it was written")
        return m

    def in_arrays(self, width: int | None = None, attrs: Mapping[str, str] | None = None) -> Module:
        """The rows in arrays side by side.

        Args:
            width: bits of a row that an array holds; None is all of them.
            attrs: of each array, for synthesis.
        """
        m = Module()
        for first in range(0, self.layout.width, width or self.layout.width):
            column = slice(first, min(first + (width or self.layout.width), self.layout.width))
            array = memory.Memory(
                shape=unsigned(column.stop - column.start), depth=self.rows, init=[], attrs=dict(attrs or {})
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
        return m
