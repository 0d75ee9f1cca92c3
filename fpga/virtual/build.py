"""From a board's top level to a program that behaves like the board."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from amaranth.build import ResourceError
from jinja2 import Environment, PackageLoader, StrictUndefined

from ganglion.fpga.bitstream import design_files
from ganglion.fpga.board_spec import BoardSpec
from ganglion.fpga.line import BULK_PINS, BulkLine, SerialLine
from ganglion.fpga.top import BoardTop
from ganglion.fpga.uart_link.sizes import LinkSizes
from ganglion.fpga.uart_link.uart import BITS
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import BoardError, ToolError
from ganglion.sim.cache import cached_build
from ganglion.sim.toolchain import COVERAGE, find_toolchain, run_tool

HERE = Path(__file__).parent

DIVIDER = 2
"""Cycles per bit on the line of a virtual board: as fast as the pins can, since each cycle is simulated."""

SOURCES = ("board.cpp", "line.h", "serial.h", "bulk.h")

SERIAL = ("rx", "tx")
BULK = ("data", "arrived", "byte", "valid", "ready")
"""Pins of a line, by what their resource calls them."""

USB_BYTES = 1_500_000
"""Bytes per second on the bus of USB at full speed."""

BLINK = 1 << 16
"""Cycles for which a light of a virtual board stays on."""

VERILATOR = (
    "--cc",
    "--exe",
    "--top-module",
    "top",
    "--prefix",
    "Vtop",
    "--Mdir",
    ".",
    "--flatten",
    "--assert",
    "-Wall",
)
VERILATOR_FAST = ("-O3", "--x-assign", "fast", "--x-initial", "fast")
OPTIMISE = "-O3 -march=native"


@dataclass(frozen=True)
class VirtualTop:
    """What is simulated: Verilog with a top module `top`, and which of its pins are what."""

    name: str
    verilog: str
    pins: Mapping[str, str]
    """The clock, and what `serial.h` or `bulk.h` drives and looks at."""
    activity: str
    """C++ for whether `top` is at work, though nothing may be on the line."""
    patience: int
    """Cycles after which it sends again."""
    divider: int = 0
    """Cycles per bit on the wires of a serial line."""
    usb_byte: int = 0
    """Cycles in which a byte passes over USB, where that is the line."""
    serial_byte: int = 0
    """Cycles in which a byte passes over a serial line without wires."""


def virtual_board(board: BoardSpec, *, timed: bool = False) -> VirtualTop:
    """A board's own top level, as it goes to synthesis, but for the speed of the line and of the lights, and for a USB
    device: packets of USB, their time on the bus, and bytes at the link are simulated in its place.

    Args:
        board: which.
        timed: the line is as fast as the board's own; a serial one is then simulated by its bytes too, not by wires.

    Raises:
        BoardError: it has no second light, by which a simulation sees that the chip works.
    """
    platform = board.create_platform()
    try:
        light = platform.lookup("led", 1)
    except ResourceError:
        raise BoardError(
            f"{board.name} has fewer than two lights, and the second one shows a simulation that the chip works; "
            "a board described by a file can name any two free pins as its lights"
        ) from None
    bulk = timed or board.usb
    sizes = board.link if bulk else LinkSizes.of_line(DIVIDER, board.receive, board.send)
    top = BoardTop(board, line=BulkLine() if bulk else SerialLine(DIVIDER), sizes=sizes, blink=BLINK)
    verilog = design_files(board, top, pins=[BULK_PINS] if bulk else [], verilog=True)["top.debug.v"]
    inverted = "!" if light.ios[0].invert else ""
    ports = set(re.findall(r"^  (?:input|output|inout) (?:wire )?(?:\[\d+:0\] )?(\w+);", verilog, re.MULTILINE))
    resource, names = ("bulk", BULK) if bulk else ("uart", SERIAL)
    pins = {name: f"{resource}_0__{name}__io" for name in names}
    pins |= {"clock": f"{platform.default_clk}_0__io", "light": "led_1__io"}
    if missing := [pin for pin in pins.values() if pin not in ports]:
        raise ToolError(f"the top level of {board.name} has no pin {', '.join(missing)}; it has {', '.join(ports)}")
    cpp = {name: pin.replace("__", "___05F") for name, pin in pins.items()}
    return VirtualTop(
        name=board.name,
        verilog=verilog,
        pins=cpp,
        activity=f"{inverted}(top).{cpp['light']}",
        patience=sizes.patience,
        divider=0 if bulk else DIVIDER,
        usb_byte=round(board.clock / USB_BYTES) if board.usb else 0,
        serial_byte=BITS * board.divider if bulk and not board.usb else 0,
    )


def build_virtual(top: VirtualTop, progress: Progress = SILENT, *, covered: bool = False) -> Path:
    """The program; made once and kept.

    Args:
        top: what to build.
        progress: told of the build.
        covered: a slower program, which counts what of the Verilog was reached.

    Raises:
        ToolError: a tool is missing, or failed: a lint warning, say.
    """
    tools = find_toolchain()
    environment = Environment(loader=PackageLoader("ganglion.fpga.virtual", "."), undefined=StrictUndefined)
    pins = environment.get_template("pins.h.j2").render(
        pins=top.pins,
        activity=top.activity,
        divider=top.divider,
        usb_byte=top.usb_byte,
        serial_byte=top.serial_byte,
        patience=top.patience,
    )
    sources = {name: (HERE / name).read_text() for name in (*SOURCES, "cells.v", "waivers.vlt")}
    sources |= {"top.v": top.verilog, "pins.h": pins}
    verilate = [str(tools.verilator), *VERILATOR, *VERILATOR_FAST, "-CFLAGS", "-std=c++20", "-LDFLAGS", "-lutil"]
    verilate += COVERAGE if covered else ()
    verilate += ["-o", "board", "waivers.vlt", "cells.v", "top.v", "board.cpp"]
    optimise = "-O1" if covered else OPTIMISE
    make = [str(tools.make), "-f", "Vtop.mk", "-j2", f"OPT_FAST={optimise}", *tools.make_variables]

    def build(folder: Path) -> None:
        for name, text in sources.items():
            (folder / name).write_text(text)
        run_tool(verilate, "translating the board to C++", cwd=folder, environment=tools.environment)
        run_tool(make, "compiling the board", cwd=folder, environment=tools.environment)

    inputs = [*sources.values(), *verilate, *make, tools.versions]
    kind = "covered" if covered else "board"
    return cached_build(f"{kind}-{top.name}", inputs, build, progress) / "board"
