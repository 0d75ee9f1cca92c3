"""From a board to the file that it is loaded with: Amaranth writes the design, Yosys and nextpnr do the rest."""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amaranth.build import Resource

from ganglion.fpga.board_spec import BoardSpec, family
from ganglion.fpga.floorplan import apply_floorplan
from ganglion.fpga.progress import watcher
from ganglion.fpga.synthesis import DELAY, DONT_CARE, NO_CHECKS
from ganglion.fpga.tools import PROGRAMS, run_program
from ganglion.fpga.top import BoardTop
from ganglion.model.extras import require
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import ToolError
from ganglion.model.spec.memories import check_buildable

SCRIPTS = {"ice40": f"{NO_CHECKS}\n{DONT_CARE}", "ecp5": f"{NO_CHECKS}\n{DONT_CARE}\n{DELAY}"}
"""What Yosys does before synthesis."""

OPTIONS = {"ice40": "-abc9", "ecp5": ""}
"""Of the synthesis."""

SUFFIX = {"ice40": "bin", "ecp5": "bit"}
"""Of the bitstream."""


@dataclass(frozen=True)
class Built:
    """What a build left in its folder."""

    board: BoardSpec
    bitstream: Path
    cells: dict[str, int]
    """Cells by type, after synthesis."""
    timing: dict[str, Any]
    """nextpnr's report: `fmax`, `utilization`, `critical_paths`."""


def design_files(
    board: BoardSpec, top: BoardTop | None = None, *, pins: Sequence[Resource] = (), verilog: bool = False
) -> dict[str, str]:
    """The files of a board's top level, by name: netlist, constraints, scripts.

    Args:
        board: which.
        top: its top level; None makes the board's own.
        pins: that the top level asks for besides those of the board.
        verilog: the design as `top.debug.v` too.
    """
    check_buildable(board.params)
    platform = board.create_platform()
    platform.add_resources(pins)
    kind = family(platform) or ""
    options = OPTIONS[kind] + (" -dsp -device u" if platform.device == "iCE40UP5K" else "")
    with _tools_are_here(platform):
        plan = platform.build(
            top or BoardTop(board),
            do_build=False,
            debug_verilog=verilog,
            script_after_read=SCRIPTS[kind],
            synth_opts=options,
        )
    return {name: text if isinstance(text, str) else text.decode() for name, text in plan.files.items()}


def build_bitstream(board: BoardSpec, folder: Path, *, seed: int | None = None, progress: Progress = SILENT) -> Built:
    """Synthesises, places, routes and packs a board's top level.

    Args:
        board: which.
        folder: where all files go, in place of those of an earlier build; until all is done, they are in a folder
            beside it, whose name ends in .part, and which stays there where a tool failed.
        seed: of the placement; None is the board's own.
        progress: told what is going on; the whole takes minutes to an hour.

    Raises:
        ToolError: a tool is missing or failed: the design does not fit, say. The message says where its logs are.
        BoardError: the PLL or the serial line cannot have the board's clock.
    """
    for program in ("yosys", f"nextpnr-{family(board.create_platform())}"):
        require(PROGRAMS[program][0], f"the bitstream of {board.name}")
    scratch = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        _build(board, scratch, board.seed if seed is None else seed, progress)
    except ToolError as error:
        raise ToolError(f"{error}\nlogs: {scratch}") from error
    except BaseException:
        shutil.rmtree(scratch)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    scratch.rename(folder)
    return read_build(board, folder)


def _build(board: BoardSpec, folder: Path, seed: int, progress: Progress) -> None:
    """Fills an empty folder."""
    platform = board.create_platform()
    kind = family(platform) or ""
    for name, text in design_files(board).items():
        (folder / name).write_text(text)
    what = f"{board.name}: synthesis"
    with progress.task(what) as task:
        script = (folder / "top.ys").read_text() + "\ntee -q -o cells.json stat -json\n"
        (folder / "top.ys").write_text(script)
        watch = watcher(folder / "top.rpt", task, what)
        run_program("yosys", folder, ["-q", "-l", "top.rpt", "top.ys"], watch=watch)
    if kind == "ecp5":
        apply_floorplan(folder / "top.json", platform.device)
    common = ["--quiet", "--log", "top.tim", "--report", "timing.json", "--json", "top.json", "--seed", str(seed)]
    common += ["--timing-allow-fail"]
    if kind == "ice40":
        place = [platform._nextpnr_device_options[platform.device], "--pcf", "top.pcf", "--asc", "top.asc"]
        package = platform.package.lower() + platform._nextpnr_package_options.get(platform.device, "")
        pack = ("icepack", ["top.asc", "top.bin"])
    else:
        place = [platform._nextpnr_device_options[platform.device], "--lpf", "top.lpf", "--textcfg", "top.config"]
        package = platform._nextpnr_package_options[platform.package].upper()
        place += ["--speed", str(platform.speed)]
        pack = ("ecppack", ["--input", "top.config", "--bit", "top.bit"])
    what = f"{board.name}: placing and routing for {board.clock / 1e6:g} MHz, seed {seed}"
    with progress.task(what) as task:
        watch = watcher(folder / "top.tim", task, what)
        run_program(f"nextpnr-{kind}", folder, [*place, "--package", package, *common], watch=watch)
    run_program(pack[0], folder, pack[1])


def read_build(board: BoardSpec, folder: Path) -> Built:
    """What an earlier build left in its folder.

    Raises:
        ToolError: there is none, or it did not come to its end.
    """
    bitstream = bitstream_path(board, folder)
    if not bitstream.exists():
        raise ToolError(f"there is no bitstream {bitstream}; make it: ganglion bitstream {board.command_name}")
    cells = json.loads((folder / "cells.json").read_text())["design"]["num_cells_by_type"]
    timing = json.loads((folder / "timing.json").read_text())
    return Built(board, bitstream, cells, timing)


def bitstream_path(board: BoardSpec, folder: Path) -> Path:
    """The bitstream in the folder that it was built in."""
    return folder / f"top.{SUFFIX[family(board.create_platform()) or '']}"


@contextmanager
def _tools_are_here(platform: Any) -> Iterator[None]:
    """Amaranth wants to find the programs of a flow even where it does not run them: it is shown one that exists."""
    names = [tool.upper().replace("-", "_").replace("+", "X") for tool in platform.required_tools]
    names += ["OPENFPGALOADER"]
    before = {name: os.environ.get(name) for name in names}
    os.environ.update({name: value or sys.executable for name, value in before.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
