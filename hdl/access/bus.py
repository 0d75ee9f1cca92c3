"""The access bus: how READ and WRITE come to every memory, beside what its owner does with it."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any

from amaranth.hdl import Const, Module, Value
from amaranth.lib import data

from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory, MemorySpec, memories
from ganglion.model.spec.packets import ROW_BITS
from ganglion.model.spec.params import Params


def access_bus(params: Params) -> data.StructLayout:
    """What the access unit asks of the memories, out of registers.

    While `reading`, each memory reads `row`; the one bit of `pick` that is set chooses the chunk that is sent back. A
    bit of `write` writes `data` into `row` of that memory. Both are meant for the lanes in `lanes`.
    """
    specs = memories(params)
    return data.StructLayout(
        {
            "reading": 1,
            "row": ROW_BITS,
            "lanes": params.lanes,
            "pick": data.StructLayout({memory.name: spec.layout.chunks for memory, spec in specs.items()}),
            "write": data.ArrayLayout(1, max(specs) + 1),
            "data": most_chunks(params) * CHUNK_BITS,
        }
    )


def most_chunks(params: Params) -> int:
    """Chunks of the widest row there is."""
    return max(spec.layout.chunks for spec in memories(params).values())


def serve(m: Module, bus: Any, spec: MemorySpec, ram: Ram) -> None:
    """Gives the bus the ports of a memory, whatever its owner has assigned to them before.

    Args:
        m: the owner's module.
        bus: of `access_bus`.
        spec: the memory.
        ram: what it is kept in.
    """
    with m.If(bus.reading):
        m.d.comb += [ram.read.eq(1), ram.read_row.eq(bus.row)]
    serve_writes(m, bus, spec, ram)


def serve_writes(m: Module, bus: Any, spec: MemorySpec, ram: Ram, *, selected: Value | None = None) -> None:
    """The same, where the owner reads for the bus: through a register, say, that its own addresses come out of.

    Args:
        m: the owner's module.
        bus: of `access_bus`.
        spec: the memory.
        ram: what it is kept in.
        selected: the bus means this one of several parts; None is the only one.
    """
    write = bus.write[spec.memory] & (Const(1) if selected is None else selected)
    if spec.changes:
        with m.If(write):
            m.d.comb += [ram.write.eq(1), ram.write_row.eq(bus.row), ram.write_data.eq(bus.data)]
    else:
        # Nobody else writes it, and the row needs no multiplexer.
        m.d.comb += [ram.write.eq(write), ram.write_row.eq(bus.row), ram.write_data.eq(bus.data)]


def rows_of(params: Params, *of: Memory) -> data.StructLayout:
    """A row of each of these memories, by name: what an owner gives for the bus to pick from."""
    return data.StructLayout({memory.name: memories(params)[memory].layout.width for memory in of})


def pick(bus: Any, rows: Mapping[Memory, Value]) -> Value:
    """The chunk that the bus chooses out of these rows, or 0.

    A one-hot multiplexer of gates and one wide OR: half the LUTs of one by number, and the results of several places
    are joined by OR again.
    """
    chunks = [
        row[k * CHUNK_BITS : (k + 1) * CHUNK_BITS] & bus.pick[memory.name][k].replicate(CHUNK_BITS)
        for memory, row in rows.items()
        for k in range(-(-len(row) // CHUNK_BITS))
    ]
    return reduce(or_, chunks)
