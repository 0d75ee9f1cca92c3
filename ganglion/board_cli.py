"""The verbs for boards: parse, call, print."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ganglion import options

app = typer.Typer(name="board", help="Boards: list, load, ask, test and emulate them.", no_args_is_help=True)

Device = Annotated[str, typer.Argument(help="serial device, such as /dev/ttyUSB1")]


@app.command("list")
def list_boards(as_json: options.Json = False) -> None:
    """Boards that Ganglion is built for, serial ports of this machine, and other boards that may be tried.

    Example: ganglion board list
    """
    from ganglion.console import show
    from ganglion.jobs.boards import list_boards as job

    show(job(), as_json=as_json)


@app.command()
def info(device: Device, baud: options.Baud = None, as_json: options.Json = False) -> None:
    """Ask a board what it is.

    Example: ganglion board info /dev/ttyUSB1
    """
    from ganglion.console import show
    from ganglion.jobs.boards import ask_board

    show(ask_board(device, baud=baud), as_json=as_json)


@app.command()
def selftest(
    device: Device,
    networks: Annotated[int, typer.Option(min=0, help="how many random networks")] = 3,
    samples: Annotated[int, typer.Option(min=0, help="how many handwritten digits")] = 10,
    baud: options.Baud = None,
    as_json: options.Json = False,
) -> None:
    """Run networks on a board and on the golden model, and compare every bit of every step.

    Example: ganglion board selftest /dev/ttyUSB1
    """
    from ganglion.console import show
    from ganglion.jobs.selftest import selftest as job
    from ganglion.progress import TerminalProgress

    found = job(device, baud=baud, networks=networks, samples=samples, progress=TerminalProgress())
    show(found, as_json=as_json)


@app.command()
def load(
    board: options.BoardName,
    flash: Annotated[bool, typer.Option("--flash", help="into the flash, to stay when power goes")] = False,
    bitstream: Annotated[
        Path | None, typer.Option(metavar="FILE", help="what `ganglion bitstream` made unless given")
    ] = None,
) -> None:
    """Load a board with its bitstream.

    Example: ganglion board load icebreaker --flash
    """
    from ganglion.fpga.bitstream import bitstream_path
    from ganglion.fpga.boards import find_board
    from ganglion.fpga.host.loader import load_bitstream
    from ganglion.jobs.bitstream import FOLDER

    spec = find_board(board)
    load_bitstream(spec, bitstream or bitstream_path(spec, FOLDER / spec.name), flash=flash)


@app.command()
def throughput(
    board: options.BoardName,
    network: Annotated[str, typer.Argument(help="one that ships with Ganglion")] = "mnist",
    samples: Annotated[int, typer.Option(min=1, help="how many test samples")] = 20,
    compact: Annotated[
        bool | None, typer.Option("--compact/--plain", help="one coding of packets alone, not both")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Samples per second of a board, by the clock of the virtual one, whose line is as fast as the real one.

    Loads the network, runs the samples one behind the other, and compares their spikes with those of the reference.

    Example: ganglion board throughput ulx3s mnist --samples 20 --compact
    """
    from ganglion.console import show
    from ganglion.jobs.throughput import throughput as job
    from ganglion.progress import TerminalProgress

    found = job(board, network, samples=samples, compact=compact, progress=TerminalProgress())
    show(found, as_json=as_json)


@app.command()
def emulate(
    board: Annotated[
        str, typer.Option(metavar="BOARD", help="icebreaker, ulx3s, ulx3s-usb, ulx3s-learning, or your own file")
    ] = "icebreaker",
    damage: Annotated[
        Any,
        typer.Option(
            metavar="CHANCE",
            parser=options.typed(lambda values, text: values.number("--damage", text, 0, 1)),
            help="chance that a byte on the line is damaged",
        ),
    ] = 0.0,
    seed: Annotated[int, typer.Option(min=0, max=options.SEEDS, help="seed of the damage")] = 0,
) -> None:
    """A board without the board: its top level, pins and all, simulated behind a serial device.

    Prints the device, for the other verbs, and runs until it is interrupted. Its line is faster than a real one, at
    2 cycles per bit whatever baud rate the host sets.

    Example: ganglion board emulate --board icebreaker
    """
    from ganglion.fpga.boards import find_board
    from ganglion.fpga.virtual.build import build_virtual, virtual_board
    from ganglion.fpga.virtual.emulator import VirtualBoard
    from ganglion.progress import TerminalProgress

    program = build_virtual(virtual_board(find_board(board)), progress=TerminalProgress())
    with VirtualBoard(program, noise=damage, seed=seed) as virtual:
        print(f"{board} is behind {virtual.device}; stop it with Ctrl-C", flush=True)
        virtual.wait()
