"""The one memory of the chip: RAM with a read port and a write port."""

from collections.abc import Mapping

from amaranth.hdl import Assert, Cat, Module, Signal, Value, unsigned
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.arith import below
from ganglion.hdl.lib.layouts import struct
from ganglion.model.spec.formats import Layout
from ganglion.model.spec.params import bits_for

ARRAY = "array"
"""How the names of its arrays begin, also in what synthesis reads."""


def fault_layout(rows: int) -> data.StructLayout:
    """What a memory with parity tells of a wrong row: that it was read, and which it is."""
    return data.StructLayout({"there": 1, "row": bits_for(rows)})


class Ram(wiring.Component):
    """A simple dual-port RAM: rows of one layout; a row is read in one cycle and written in one.

    Same-address rule: what is read from a row that is written in the same cycle is undefined. FPGAs differ here and
    emulating either answer costs tens of cells per memory, so nobody may depend on it: the simulation asserts that it
    does not happen, unless the owner states with `collisions` that it ignores the data then.

    With `parity`, a bit beside each row makes the number of ones even, so that one flipped bit of what is stored is
    seen when its row is read. Rows that were never written are all zero, and right.

    A platform with a method `get_ram` is asked what the memory becomes: given this `Ram`, it returns a module that
    drives `stored_data` and takes `new_data`, which are `width` bits wide. Elsewhere it is one array.

    Args:
        layout: of a row.
        rows: how many there are.
        collisions: a row may be read while it is written; what is read then is ignored.
        single_port: no two rows are ever read and written in one cycle, so a memory of one port will do.
        block: a block RAM is wanted, however few the rows.
        parity: rows have a parity bit.
    """

    LATENCY = 1
    """Cycles from `read` to `read_data`."""

    FAULT_LATENCY = 2
    """Cycles from `read` to `fault`."""

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
    fault: "data.View[data.StructLayout]"
    """With parity, of `fault_layout`: what was read has a wrong parity bit."""
    stored_data: Value
    """The row with its parity bit, as it comes out of the array."""
    new_data: Value
    """The same, as it goes into the array."""

    def __init__(
        self,
        layout: Layout,
        rows: int,
        *,
        collisions: bool = False,
        single_port: bool = False,
        block: bool = False,
        parity: bool = False,
    ) -> None:
        self.layout = layout
        self.rows = rows
        self.collisions = collisions
        self.single_port = single_port
        self.block = block
        self.parity = parity
        self.width = layout.width + parity
        row = unsigned(bits_for(rows))
        super().__init__(
            {
                "read_row": In(row),
                "read": In(1),
                "read_data": Out(struct(layout)),
                "write_row": In(row),
                "write": In(1),
                "write_data": In(layout.width),
                **({"fault": Out(fault_layout(rows))} if parity else {}),
            }
        )
        self.stored_data = Signal(self.width) if parity else self.read_data.as_value()
        self.new_data = Signal(self.width) if parity else self.write_data

    def elaborate(self, platform: object) -> Module:
        get_ram = getattr(platform, "get_ram", None)
        m: Module = get_ram(self) if get_ram else self.in_arrays()
        if self.parity:
            self._watch(m)
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
        for first in range(0, self.width, width or self.width):
            column = slice(first, min(first + (width or self.width), self.width))
            array = memory.Memory(
                shape=unsigned(column.stop - column.start), depth=self.rows, init=[], attrs=dict(attrs or {})
            )
            m.submodules[f"{ARRAY}_{first}" if first else ARRAY] = array
            reader, writer = array.read_port(), array.write_port()
            m.d.comb += [
                reader.addr.eq(self.read_row),
                reader.en.eq(self.read),
                self.stored_data[column].eq(reader.data),
                writer.addr.eq(self.write_row),
                writer.en.eq(self.write),
                writer.data.eq(self.new_data[column]),
            ]
        return m

    def _watch(self, m: Module) -> None:
        """Makes the parity bit of what is written, and looks at that of what was read."""
        m.d.comb += [
            self.read_data.eq(self.stored_data[:-1]),
            self.new_data.eq(Cat(self.write_data, self.write_data.xor())),
        ]
        # What is read of a row that there is not, or that is being written, is anything.
        meant = self.read & below(self.read_row, self.rows)
        if self.collisions:
            meant &= ~(self.write & (self.read_row == self.write_row))
        came, row = Signal(), Signal.like(self.read_row, reset_less=True)
        m.d.sync += [
            came.eq(meant),
            row.eq(self.read_row),
            self.fault.there.eq(came & self.stored_data.xor()),
            self.fault.row.eq(row),
        ]
