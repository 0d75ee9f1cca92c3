"""What stands in for a `Ram` in a proof: every behaviour that its contract allows, and no array of rows."""

from collections.abc import Callable
from typing import Any

from amaranth.hdl import Assert, Module, Mux, Signal

from ganglion.hdl.lib.memory import Ram
from tests.formal.spec import Spec


def any_rows(spec: Spec, ram: Ram) -> Module:
    """A memory whose rows are anything at every read: what holds with it holds whatever is in the memory."""
    m = Module()
    m.d.comb += ram.read_data.as_value().eq(_answer(spec, ram, m, _free_row(spec, ram)))
    return m


def one_row(row: Any, held: Any) -> Callable[[Spec, Ram], Module]:
    """A memory that is right in one row and anything in the others: what holds of any one row holds of each.

    Args:
        row: which one, a number that stays the same.
        held: a signal that this drives: what the row holds.
    """

    def stand_in(spec: Spec, ram: Ram) -> Module:
        m = Module()
        with m.If(ram.write & (ram.write_row == row)):
            m.d.sync += held.eq(ram.write_data)
        answer = Mux(ram.read_row == row, held, _free_row(spec, ram))
        m.d.comb += ram.read_data.as_value().eq(_answer(spec, ram, m, answer))
        return m

    return stand_in


def _answer(spec: Spec, ram: Ram, m: Module, row: Any) -> Any:
    """What the read port shows, where `row` is read: it holds from read to read. After a collision it is anything, in
    every cycle anew, where the owner says that it ignores it; elsewhere there must be none."""
    shown, undefined = Signal(ram.layout.width), Signal()
    collides = ram.read & ram.write & (ram.read_row == ram.write_row)
    with m.If(ram.read):
        m.d.sync += [shown.eq(row), undefined.eq(collides)]
    if ram.collisions:
        return Mux(undefined, _free_row(spec, ram), shown)
    m.d.comb += Assert(~collides, f"{ram.layout.name}: no row is read in the cycle in which it is written")
    return shown


def _free_row(spec: Spec, ram: Ram) -> Any:
    return spec.free(ram.layout.width, f"any_{ram.layout.name.lower()}")
