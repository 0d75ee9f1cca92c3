"""Bits of a chip that cannot change: Yosys shows that they are constant, over all instances, from the reset on."""

import json
import re
from pathlib import Path

from ganglion.fpga.tools import run_program
from ganglion.sim.cache import cached_build

OPTIMISE = "proc; flatten; setattr -set keep 1 w:*.$*; opt -full; memory; opt -full"
"""Folds constants through the whole chip and its memories: a flip-flop whose input is always its initial value is one.
Signals that Yosys would drop as its own, such as `$signal.last`, are kept."""

CHILD = re.compile(r"\bchild_\d+\b")
"""A child of a router. Verilator counts those that are instances of one module together, as `child_*`."""


def constants(verilog: str, name: str, top: str, opaque: str = "") -> set[tuple[str, int]]:
    """The bits that are constant: path of the signal from the top, and number of the bit. With `child_*` in the path,
    the bit is constant in all of them.

    Args:
        verilog: of the chip.
        name: of the chip, for the cache.
        top: its top module.
        opaque: a module in which nothing is looked for, and which may send anything.

    Raises:
        ToolError: Yosys is missing or failed.
    """

    def build(folder: Path) -> None:
        (folder / "chip.v").write_text(verilog)
        read = f"read_verilog -sv -noassert chip.v; hierarchy -top {top}; " + (f"blackbox {opaque}; " if opaque else "")
        script = f"{read}{OPTIMISE}; write_json flat.json"
        run_program("yosys", folder, ["-q", "-p", script])
        nets = json.loads((folder / "flat.json").read_text())["modules"][top]["netnames"]
        still: dict[tuple[str, int], bool] = {}
        for net, it in nets.items():
            for bit, of in enumerate(it["bits"]):
                for path in {net, CHILD.sub("child_*", net)}:
                    still[path, bit] = still.get((path, bit), True) and isinstance(of, str)
        (folder / "constants.json").write_text(
            json.dumps([place for place, is_constant in still.items() if is_constant])
        )
        for path in ("chip.v", "flat.json"):
            (folder / path).unlink()

    folder = cached_build(f"constants-{name}", [verilog, OPTIMISE, CHILD.pattern, top, opaque], build, compiled=False)
    return {(net, bit) for net, bit in json.loads((folder / "constants.json").read_text())}
