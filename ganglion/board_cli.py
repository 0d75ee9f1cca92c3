"""The commands for boards: parse, call, print."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(name="board", help="Boards: list, load, ask, test and emulate them.", no_args_is_help=True)

console = Console()

BUILDS = Path("build/boards")
"""Where bitstreams go."""

BoardName = Annotated[str, typer.Argument(help="icebreaker, ulx3s, or a platform of amaranth-boards as module:class")]
Device = Annotated[str, typer.Argument(help="serial device, such as /dev/ttyUSB1")]
Baud = Annotated[int | None, typer.Option(help="bits per second on the line; what boards are built for unless given")]


@app.command("list")
def list_boards() -> None:
    """Boards that Ganglion is built for, serial ports of this machine, and other boards that may be tried.

    Example: ganglion board list
    """
    from serial.tools.list_ports import comports

    from ganglion.fpga.boards import BOARDS, generic_boards

    table = Table()
    for column in ("board", "chip", "clock", "line"):
        table.add_column(column)
    for board in BOARDS.values():
        p = board.params
        chip = f"{p.cores} core(s) of {p.neurons} neurons, {p.lanes} lane(s)"
        table.add_row(board.name, chip, f"{board.clock / 1e6:g} MHz", f"{board.baud:,} baud")
    console.print(table)
    for port in comports():
        console.print(f"{port.device}: {port.description}", soft_wrap=True)
    console.print(f"other boards with a UART: {', '.join(generic_boards())}", soft_wrap=True)


@app.command()
def info(device: Device, baud: Baud = None) -> None:
    """Ask a board what it is.

    Example: ganglion board info /dev/ttyUSB1
    """
    from ganglion.fpga.host.driver import BoardDriver

    bench = BoardDriver(device, baud=baud)
    greeting, params = bench.port.greeting, bench.params
    bench.close()
    console.print(f"{greeting.name}, link version {greeting.version}, chip at {greeting.clock / 1e6:g} MHz")
    table = Table("parameter", "value")
    for name, value in params.to_dict().items():
        table.add_row(name, str(value))
    console.print(table)


@app.command()
def selftest(
    device: Device,
    networks: Annotated[int, typer.Option(help="random networks")] = 3,
    images: Annotated[int, typer.Option(help="handwritten digits")] = 10,
    baud: Baud = None,
) -> None:
    """Run networks on a board and on the golden model, and compare every bit of every step.

    Example: ganglion board selftest /dev/ttyUSB1
    """
    from ganglion.fpga.host.selftest import selftest as run
    from ganglion.progress import TerminalProgress

    run(device, baud=baud, networks=networks, images=images, console=console, progress=TerminalProgress())


@app.command()
def load(
    board: BoardName,
    flash: Annotated[bool, typer.Option("--flash", help="into the flash, to stay when power goes")] = False,
    bitstream: Annotated[Path | None, typer.Option(help="file; what `ganglion bitstream` made unless given")] = None,
) -> None:
    """Load a board with its bitstream.

    Example: ganglion board load icebreaker --flash
    """
    from ganglion.fpga.bitstream import bitstream_path
    from ganglion.fpga.boards import find_board
    from ganglion.fpga.host.loader import load_bitstream

    spec = find_board(board)
    load_bitstream(spec, bitstream or bitstream_path(spec, BUILDS / spec.name), flash=flash)


@app.command()
def emulate(
    board: Annotated[str, typer.Option(help="icebreaker or ulx3s")] = "icebreaker",
    noise: Annotated[float, typer.Option(help="chance that a byte on the line is damaged")] = 0.0,
    seed: Annotated[int, typer.Option(help="of the noise")] = 0,
) -> None:
    """A board without the board: its top level, pins and all, simulated behind a serial device.

    Prints the device, for the other commands, and runs until it is interrupted. Its line is faster than a real one, at
    2 cycles per bit whatever baud rate the host sets.

    Example: ganglion board emulate --board icebreaker
    """
    from ganglion.fpga.boards import find_board
    from ganglion.fpga.virtual.build import build_virtual, virtual_board
    from ganglion.fpga.virtual.emulator import VirtualBoard
    from ganglion.progress import TerminalProgress

    program = build_virtual(virtual_board(find_board(board)), TerminalProgress())
    with VirtualBoard(program, noise=noise, seed=seed) as virtual:
        console.print(f"{board} is behind {virtual.device}; stop it with Ctrl-C", soft_wrap=True)
        virtual.wait()


def bitstream(
    board: BoardName,
    seed: Annotated[int | None, typer.Option(help="of the placement; the board's own unless given")] = None,
    preset: Annotated[str | None, typer.Option(help="sizes of the chip; the board's own unless given")] = None,
    clock: Annotated[float | None, typer.Option(help="of the chip, MHz; the board's own unless given")] = None,
    report_only: Annotated[
        bool, typer.Option("--report-only", help="report on the bitstream that is there, and make none")
    ] = False,
    update: Annotated[bool, typer.Option("--update", help="make what is measured the new baseline")] = False,
) -> None:
    """Make the bitstream of a board with open tools, and report what it takes and what it can do; takes minutes.

    Example: ganglion bitstream icebreaker
    """
    from ganglion.fpga.bitstream import build_bitstream, read_build
    from ganglion.fpga.boards import adjusted, find_board
    from ganglion.fpga.report import make_report, settle
    from ganglion.fpga.workload import workloads
    from ganglion.progress import TerminalProgress

    spec = adjusted(find_board(board), preset, clock)
    folder = BUILDS / spec.name
    progress = TerminalProgress()
    built = read_build(spec, folder) if report_only else build_bitstream(spec, folder, seed=seed, progress=progress)
    console.print(f"bitstream: {built.bitstream}", soft_wrap=True)
    settle(make_report(built, workloads(spec, console)), built.bitstream.parent, update=update, console=console)
