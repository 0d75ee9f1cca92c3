"""What a core takes of an FPGA, by the open flow: Yosys and nextpnr, as they come from PyPI."""

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from amaranth.back import rtlil

from ganglion.fpga.memories import ECP5
from ganglion.fpga.tools import run_program
from ganglion.hdl.core import Core
from ganglion.hdl.lib.memory import ARRAY
from ganglion.model.spec.memories import check_buildable
from ganglion.model.spec.params import Params

DONT_CARE = f"setparam -set COLLISION_X_MASK 1'1 t:$memrd_v2 r:MEMID=*{ARRAY}* %i"
"""The same-address rule of `ganglion.hdl.lib.memory.Ram`, told to Yosys: what nobody looks at need not be emulated.
Memories of others, which have other names, may rest on what they read then."""

DELAY = "scratchpad -set abc9.D 11000"
"""The delay in ps that the mapping to LUTs aims at. Without it every path is made as short as can be, which takes a
third more LUTs where no speed is won."""

NO_CHECKS = "delete t:$check t:$print"
"""Assertions are for simulation."""

SPEED = 6
"""Speed grade of the ECP5 on a ULX3S."""


@dataclass(frozen=True)
class Resources:
    """Cells of an ECP5 that a core takes after synthesis."""

    lut4: int
    """Look-up tables of four inputs, those of carry chains not counted."""
    ccu2c: int
    """Carry cells, two bits each."""
    ff: int
    dp16kd: int
    """Block RAMs of 18 kbit."""
    mult18: int
    dpr16x4: int
    """RAM in look-up tables, 16 rows of 4 bits: memories of few rows."""

    def to_dict(self) -> dict[str, int]:
        """All counts by name."""
        return asdict(self)


def synthesise(params: Params, netlist: Path | None = None) -> Resources:
    """Synthesises one core for ECP5; takes about a minute for the preset `board`.

    Args:
        params: the core.
        netlist: where to leave the netlist for `route`; None keeps none.

    Raises:
        ToolError: Yosys is missing or failed; the message has its last words.
        ParamsError: the core is so large that this would take hours.
    """
    check_buildable(params)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "core.il").write_text(rtlil.convert(Core(params), name="core", platform=ECP5, emit_src=False))
        script = f"read_rtlil core.il; {NO_CHECKS}; {DONT_CARE}; {DELAY}; synth_ecp5 -top core -json core.json"
        run_program("yosys", folder, ["-q", "-p", f"{script}; tee -q -o cells.json stat -json"])
        cells = json.loads((folder / "cells.json").read_text())["design"]["num_cells_by_type"]
        if netlist:
            shutil.copy(folder / "core.json", netlist)
    names = {"lut4": "LUT4", "ff": "TRELLIS_FF", "mult18": "MULT18X18D", "dpr16x4": "TRELLIS_DPR16X4"}
    return Resources(**{field: cells.get(names.get(field, field.upper()), 0) for field in Resources.__annotations__})


def route(netlist: Path, *, seed: int = 1, megahertz: float = 80.0) -> float:
    """Places and routes a netlist on an ECP5-85F; takes some minutes.

    Args:
        netlist: from `synthesise`.
        seed: of the placement.
        megahertz: clock to aim at.

    Returns:
        The highest clock in MHz between flip-flops, block RAMs and multipliers of the core.

    Raises:
        ToolError: nextpnr is missing or failed.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(netlist, folder / "core.json")
        device = ["--85k", "--package", "CABGA381", "--speed", str(SPEED), "--lpf-allow-unconstrained"]
        goal = ["--freq", str(megahertz), "--timing-allow-fail", "--seed", str(seed), "--quiet"]
        files = ["--json", "core.json", "--report", "report.json"]
        run_program("nextpnr-ecp5", folder, [*device, *goal, *files])
        clocks = json.loads((folder / "report.json").read_text())["fmax"]
    return float(min(clock["achieved"] for clock in clocks.values()))
