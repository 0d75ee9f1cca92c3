"""What the C++ side knows of the chip, generated from the specification and from the Verilog itself."""

import re
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from ganglion.hdl.names import CHIP, CORE, cluster, core_path, memory_path
from ganglion.model.spec.errors import ToolError
from ganglion.model.spec.memories import Memory, state_memories
from ganglion.model.spec.packets import KIND_BITS, PACKET_BITS, Kind
from ganglion.model.spec.params import Params
from ganglion.model.spec.tree import places_in

HANDLE = "handle__V"
"""Verilator's variable that points to the model of a block."""

PORTS = ("clk", "rst", "busy", *(f"{s}__{part}" for s in "io" for part in ("payload", "valid", "ready")))
"""Ports of the chip."""


@dataclass(frozen=True)
class Array:
    """A part of a memory in the Verilog of a core: that of one lane, where it is divided among them."""

    memory: Memory
    part: int
    module: str
    variable: str
    rows: int
    itemsize: int
    """Bytes in which Verilator keeps a row: 1, 2, 4, 8, or 4 for each 32 bits of a wider row."""

    @property
    def path(self) -> str:
        """Name of the array below its core, in a root class of Verilator."""
        return _member(*self.module.split(".")[1:], self.variable)

    @property
    def size(self) -> int:
        """Bytes of the array."""
        return self.rows * self.itemsize


def find_arrays(params: Params, verilog: str) -> tuple[Array, ...]:
    """The memories of a snapshot in the Verilog, memory by memory and part by part.

    Args:
        params: the chip.
        verilog: its Verilog.

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
    for memory, spec in state_memories(params).items():
        for part in range(spec.parts):
            name, wanted = ".".join((CORE, *memory_path(memory, part))), (spec.layout.width, spec.depth)
            # Yosys numbers an instance whose name is taken, by a signal, say.
            name = next((module for module in declared if re.sub(r"\$\d+", "", module) == name), name)
            variable, *got = declared.get(name, ("", 0, 0))
            if tuple(got) != wanted:
                raise ToolError(
                    f"module {name} of the chip should hold one memory of {wanted[1]} rows of {wanted[0]} bits; "
                    f"it has {got[1]} rows of {got[0]} bits"
                )
            itemsize = next((size for size in (1, 2, 4, 8) if wanted[0] <= 8 * size), -(-wanted[0] // 32) * 4)
            arrays.append(Array(memory, part, name, variable, wanted[1], itemsize))
    return tuple(arrays)


def block_of(params: Params, *, quick: bool = False) -> str | None:
    """The module that Verilator translates once and on its own, as a block, and all else around it; None where the chip
    is one piece.

    That is the cluster of level 1, where there are routers above it. So the time of a build is the same for any number
    of clusters, and the chip the fastest of what was tried: as one piece, code for 16 cores no longer fits the
    processor's cache. Where the build is to be quick, it is the core: built in half the time, and slower.
    """
    if quick and params.levels:
        return CORE
    return cluster(1) if len(params.levels) > 1 else None


def native_header(params: Params, arrays: tuple[Array, ...], block: str | None) -> str:
    """The header that native.cpp is compiled with.

    Args:
        params: the chip.
        arrays: the memories of a snapshot in each core.
        block: the module that Verilator translates as a block, if any.
    """
    environment = Environment(loader=PackageLoader("ganglion.sim", "."), undefined=StrictUndefined, trim_blocks=True)
    template = environment.get_template("native.h.j2")
    return template.render(
        arrays=arrays,
        cores=[_place(params, core, block) for core in range(params.cores)] if arrays else [],
        block=block,
        kinds=Kind,
        kind_mask=(1 << KIND_BITS) - 1,
        packet_bits=PACKET_BITS,
    )


def control_file(arrays: tuple[Array, ...], block: str | None) -> str:
    """What Verilator translates as a block, and what it keeps readable from outside: the arrays of a snapshot."""
    lines = ["`verilator_config"]
    lines += [f'public_flat_rd -module "{a.module}" -var "{a.variable}"' for a in arrays]
    if block:
        lines += [f'hier_block -module "{block}"', f'public_flat_rd -module "{block}" -var "{HANDLE}"']
    return "\n".join(lines) + "\n"


def public_ports() -> str:
    """The control file that keeps the ports of the chip readable and writable, for cocotb."""
    return "\n".join(["`verilator_config", *(f'public_flat_rw -module "{CHIP}" -var "{port}"' for port in PORTS), ""])


def _place(params: Params, core: int, block: str | None) -> dict[str, str]:
    """Where the arrays of a core are: the expression of the root class that has them, and what their names begin with.

    In a block, the root class is its own, and the chip's one holds a handle to it.
    """
    path = core_path(places_in(params.levels, core))
    if block is None:
        return {"handle": "", "prefix": _member(CHIP, *path, "")}
    below = len(path) if block == CORE else len(path) - 1
    return {"handle": _member(CHIP, *path[:below], HANDLE), "prefix": _member(block, *path[below:], "")}


def _member(*parts: str) -> str:
    """Name of a signal as a member of Verilator's root class."""
    return "__DOT__".join(part.replace("__", "___05F").replace("$", "__024") for part in parts)
