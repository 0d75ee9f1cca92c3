"""Soft errors: how memories with a parity bit tell what is wrong, up to the core."""

from collections.abc import Iterable
from typing import Any, Protocol

from amaranth.hdl import Module
from amaranth.lib import data, wiring
from amaranth.lib.wiring import Out

from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packets import MEMORY_BITS
from ganglion.model.spec.params import Params, bits_for


class Watched(Protocol):
    """A memory, or what has one: whether that has parity, and then of `fault_layout`, what is wrong with it."""

    parity: bool
    fault: Any


def fault_report(params: Params) -> data.StructLayout:
    """What a part of a core tells of a row with a wrong parity bit: that it was read, whose it is, and which row."""
    most = max(spec.rows for spec in memories(params).values()) + params.groups
    return data.StructLayout({"there": 1, "memory": MEMORY_BITS, "row": bits_for(most)})


def fault_port(params: Params) -> dict[str, wiring.Member]:
    """The port `fault` of what has memories, or parts that have; none where no memory has parity."""
    return {"fault": Out(fault_report(params))} if params.parity else {}


def tell_first(
    m: Module, fault: Any, rams: Iterable[tuple[Memory, Watched, int]] = (), parts: Iterable[Any] = ()
) -> None:
    """A priority encoder: tells the first of the faults of this cycle.

    Args:
        m: the owner's module.
        fault: the owner's port.
        rams: its memories, which each is, and what to add to the number of a row.
        parts: its parts with a port `fault`, behind its memories.
    """
    told = [(ram.fault.there, memory, ram.fault.row + first) for memory, ram, first in rams if ram.parity]
    told += [(part.fault.there, part.fault.memory, part.fault.row) for part in parts]
    for there, memory, row in reversed(told):
        with m.If(there):
            m.d.comb += [fault.there.eq(1), fault.memory.eq(memory), fault.row.eq(row)]
