"""What the C++ side knows of the chip, generated from the specification and from the Verilog itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from ganglion.model.spec.errors import ToolError
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packets import KIND_BITS, PACKET_BITS, Kind
from ganglion.model.spec.params import Params

SNAPSHOT = (Memory.STATE, Memory.ACCUMULATORS)
"""Memories of which a snapshot is taken: all that a network remembers."""

PORTS = ("clk", "rst", "busy", *(f"{s}__{part}" for s in "io" for part in ("payload", "valid", "ready")))
"""Ports of the chip."""


@dataclass(frozen=True)
class Array:
    """The memory of one lane in the Verilog."""

    memory: Memory
    lane: int
    module: str
    variable: str
    rows: int
    itemsize: int
    """Bytes in which Verilator keeps a row: 1, 2, 4, 8, or 4 for each 32 bits of a wider row."""

    @property
    def path(self) -> str:
        """Name of the array as a member of Verilator's root class."""
        parts = [*self.module.split("."), self.variable]
        return "__DOT__".join(part.replace("__", "___05F").replace("$", "__024") for part in parts)

    @property
    def size(self) -> int:
        """Bytes of the array."""
        return self.rows * self.itemsize


def find_arrays(params: Params, verilog: str, modules: Mapping[tuple[Memory, int], str]) -> tuple[Array, ...]:
    """The memories of a snapshot in the Verilog, memory by memory and lane by lane.

    Args:
        params: the chip.
        verilog: its Verilog.
        modules: path of the module that holds each memory of each lane.

    Raises:
        ToolError: a memory is not where the chip should have it, or not of the shape that the specification says.
    """
    declared = {}
    module = ""
    lines = re.compile(r"^module \\?(\S+?) ?\(|^  reg (?:\[(\d+):0\] )?(\S+) \[(\d+):0\];", re.MULTILINE)
    for match in lines.finditer(verilog):
        if match[1]:
            module = match[1]
        else:
            declared[module] = (match[3], int(match[2] or 0) + 1, int(match[4]) + 1)
    arrays = []
    for memory in SNAPSHOT:
        spec = memories(params)[memory]
        for lane in range(params.lanes):
            name, wanted = modules[memory, lane], (spec.layout.width, spec.rows // params.lanes)
            # Yosys numbers a module whose name is taken, by a signal, say.
            name = next((module for module in declared if module.partition("$")[0] == name), name)
            variable, *got = declared.get(name, ("", 0, 0))
            if tuple(got) != wanted:
                raise ToolError(
                    f"module {name} of the chip should hold one memory of {wanted[1]} rows of {wanted[0]} bits; "
                    f"it has {got[1]} rows of {got[0]} bits"
                )
            itemsize = next((size for size in (1, 2, 4, 8) if wanted[0] <= 8 * size), -(-wanted[0] // 32) * 4)
            arrays.append(Array(memory, lane, name, variable, wanted[1], itemsize))
    return tuple(arrays)


def native_header(arrays: tuple[Array, ...]) -> str:
    """The header that native.cpp is compiled with."""
    environment = Environment(loader=PackageLoader("ganglion.sim", "."), undefined=StrictUndefined)
    template = environment.get_template("native.h.j2")
    return template.render(arrays=arrays, kinds=Kind, kind_mask=(1 << KIND_BITS) - 1, packet_bits=PACKET_BITS)


def control_file(arrays: tuple[Array, ...], *, ports: bool) -> str:
    """What Verilator keeps readable from outside: the arrays of a snapshot, and for cocotb the ports."""
    lines = ["`verilator_config"]
    lines += [f'public_flat_rd -module "{a.module}" -var "{a.variable}"' for a in arrays]
    if ports:
        lines += [f'public_flat_rw -module "chip" -var "{port}"' for port in PORTS]
    return "\n".join(lines) + "\n"
