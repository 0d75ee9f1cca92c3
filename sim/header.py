"""What the C++ side knows of the chip, generated from the specification and from the Verilog itself."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from ganglion.hdl.names import CHIP, CORE, core_path, memory_path
from ganglion.model.spec.errors import ToolError
from ganglion.model.spec.memories import Memory, protects, state_memories
from ganglion.model.spec.packets import KIND_BITS, PACKET_BITS, Kind
from ganglion.model.spec.params import Params
from ganglion.model.spec.tree import places_in

HANDLE = "handle__V"
"""Verilator's variable that points to the model of a block."""

PORTS = ("clk", "rst", "busy", *(f"{s}__{part}" for s in "io" for part in ("payload", "valid", "ready")))
"""Ports of the chip."""


@dataclass(frozen=True)
class Stored:
    """An array in the Verilog of a core."""

    module: str
    variable: str
    rows: int
    width: int
    """Bits of a row."""

    @property
    def name(self) -> str:
        """What the array is called, the same in every lane: `neurons.state`."""
        path = re.sub(r"\$\d+", "", self.module.removeprefix(f"{CORE}."))
        return re.sub(r"\blane_\d+\.|_\d+$", "", path)

    @property
    def itemsize(self) -> int:
        """Bytes in which Verilator keeps a row: 1, 2, 4, 8, or 4 for each 32 bits of a wider row."""
        return next((size for size in (1, 2, 4, 8) if self.width <= 8 * size), -(-self.width // 32) * 4)

    @property
    def path(self) -> str:
        """Name of the array below its core, in a root class of Verilator."""
        return _member(*self.module.split(".")[1:], self.variable)

    @property
    def size(self) -> int:
        """Bytes of the array."""
        return self.rows * self.itemsize


@dataclass(frozen=True)
class Array(Stored):
    """A part of a memory: that of one lane, where it is divided among them."""

    memory: Memory
    part: int


def stored_arrays(verilog: str) -> tuple[Stored, ...]:
    """All arrays in the Verilog of a core, which has one in each module that has any."""
    stored, module = [], ""
    lines = re.compile(r"^module \\?(\S+?) ?\(|^  reg (?:\[(\d+):0\] )?(\S+) \[(\d+):0\];", re.MULTILINE)
    for match in lines.finditer(verilog):
        if match[1]:
            module = match[1]
        elif module.startswith(f"{CORE}."):
            stored.append(Stored(module, match[3], int(match[4]) + 1, int(match[2] or 0) + 1))
    return tuple(stored)


def find_arrays(params: Params, verilog: str) -> tuple[Array, ...]:
    """The memories of a snapshot in the Verilog, memory by memory and part by part.

    Args:
        params: the chip.
        verilog: its Verilog.

    Raises:
        ToolError: a memory is not where the chip should have it, or not of the shape that the specification says.
    """
    declared = {array.module: array for array in stored_arrays(verilog)}
    arrays = []
    for memory, spec in state_memories(params).items():
        for part in range(spec.parts):
            name = ".".join((CORE, *memory_path(memory, part)))
            wanted = (spec.array.width + protects(params, memory), spec.array_rows)
            # Yosys numbers an instance whose name is taken, by a signal, say.
            name = next((module for module in declared if re.sub(r"\$\d+", "", module) == name), name)
            got = declared.get(name, Stored(name, "", 0, 0))
            if (got.width, got.rows) != wanted:
                raise ToolError(
                    f"module {name} of the chip should hold one memory of {wanted[1]} rows of {wanted[0]} bits; "
                    f"it has {got.rows} rows of {got.width} bits"
                )
            arrays.append(Array(**asdict(got), memory=memory, part=part))
    return tuple(arrays)


def block_of(params: Params, *, quick: bool = False) -> str | None:
    """The module that Verilator translates once and on its own, as a block, and all else around it; None where the chip
    is one piece.

    That is the core, where there is more than one level of routers: code for 16 cores does not fit the processor's
    cache, and that of one core does. So the time of a build is the same for any number of cores. To be quick, chips
    of one level are built so too, and are slower.
    """
    return CORE if len(params.levels) > (0 if quick else 1) else None


def native_header(
    params: Params, arrays: Sequence[Array], block: str | None, open_arrays: Sequence[Stored] = ()
) -> str:
    """The header that native.cpp is compiled with.

    Args:
        params: the chip.
        arrays: the memories of a snapshot in each core.
        block: the module that Verilator translates as a block, if any.
        open_arrays: those in each core whose bits may be flipped.
    """
    environment = Environment(loader=PackageLoader("ganglion.sim", "."), undefined=StrictUndefined, trim_blocks=True)
    template = environment.get_template("native.h.j2")
    return template.render(
        arrays=arrays,
        open_arrays=open_arrays,
        cores=[_place(params, core, block) for core in range(params.cores)],
        block=block,
        kinds=Kind,
        kind_mask=(1 << KIND_BITS) - 1,
        packet_bits=PACKET_BITS,
    )


def control_file(
    arrays: Sequence[Array],
    block: str | None,
    open_arrays: Sequence[Stored] = (),
    uncounted: Sequence[tuple[int, int]] = (),
) -> str:
    """What Verilator translates as a block, and what it keeps readable from outside: the arrays of a snapshot; and what
    writable: those whose bits may be flipped; and the lines of Verilog whose coverage it does not count."""
    lines = ["`verilator_config"]
    lines += [f'coverage_off -file "chip.v" -lines {first}-{last}' for first, last in uncounted]
    lines += [f'public_flat_rw -module "{a.module}" -var "{a.variable}"' for a in open_arrays]
    lines += [f'public_flat_rd -module "{a.module}" -var "{a.variable}"' for a in arrays]
    if block:
        lines += [f'hier_block -module "{block}"', f'public_flat_rd -module "{block}" -var "{HANDLE}"']
    return "\n".join(lines) + "\n"


def core_lines(verilog: str) -> tuple[int, int]:
    """The first and the last line of the Verilog of a core, whose modules come before all others."""
    lines = verilog.splitlines()
    others = (k for k, line in enumerate(lines) if re.match(rf"module (?!\\?{CORE}[ .(])", line))
    return 1, next(others) + 1


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
    return {"handle": _member(CHIP, *path, HANDLE), "prefix": _member(block, "")}


def _member(*parts: str) -> str:
    """Name of a signal as a member of Verilator's root class."""
    return "__DOT__".join(part.replace("__", "___05F").replace("$", "__024") for part in parts)
