"""`ganglion board list` and `info`: which boards there are, and what one of them says of itself."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from ganglion.fpga.boards import BOARDS, generic_boards
from ganglion.fpga.host.driver import BoardDriver
from ganglion.jobs.result import Result, table
from ganglion.model.spec.params import Params


@dataclass(frozen=True, kw_only=True)
class BoardList(Result):
    """Boards, and where one may be plugged in."""

    ports: Sequence[tuple[str, str]]
    """Serial devices of this machine, and what they say they are."""
    others: Sequence[str]
    """Platforms of amaranth-boards that may be tried, as module:class."""

    def to_dict(self) -> dict[str, Any]:
        boards = {
            board.name: {
                "chip": board.params.to_dict(),
                "clock_mhz": board.clock / 1e6,
                "baud": None if board.usb else board.baud,
                "usb": board.usb,
            }
            for board in BOARDS.values()
        }
        return {"boards": boards, "ports": dict(self.ports), "others": list(self.others)}

    def shown(self) -> Iterator[str | Table]:
        rows = table("board", "chip", "clock", "line")
        for board in BOARDS.values():
            p = board.params
            chip = f"{p.cores} core(s) of {p.neurons} neurons, {p.lanes} lane(s)"
            rows.add_row(board.name, chip, f"{board.clock / 1e6:g} MHz", board.line)
        yield rows
        for device, description in self.ports:
            yield f"{device}: {description}"
        yield f"other boards with a UART: {', '.join(self.others)}"
        yield "a board of your own: a file, ganglion bitstream my_board.toml (docs/reference/board_file.md)"


def list_boards() -> BoardList:
    """Boards that Ganglion is built for, serial ports of this machine, and other boards that may be tried."""
    from serial.tools.list_ports import comports

    ports = [(port.device, port.description) for port in comports()]
    return BoardList(ports=ports, others=generic_boards())


@dataclass(frozen=True, kw_only=True)
class BoardInfo(Result):
    """What a board says of itself."""

    name: str
    version: int
    """Of the link."""
    clock_mhz: float
    params: Params

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "link_version": self.version,
            "clock_mhz": self.clock_mhz,
            "chip": self.params.to_dict(),
        }

    def shown(self) -> Iterator[str | Table]:
        yield f"{self.name}, link version {self.version}, chip at {self.clock_mhz:g} MHz"
        rows = table("parameter", "value")
        for name, value in self.params.to_dict().items():
            rows.add_row(name, str(value))
        yield rows


def ask_board(device: str, *, baud: int | None = None) -> BoardInfo:
    """Asks the board behind a serial device what it is.

    Args:
        device: such as /dev/ttyUSB1.
        baud: bits per second; None is that of all boards.

    Raises:
        BoardError: nothing answers.
    """
    with closing(BoardDriver(device, baud=baud)) as driver:
        greeting = driver.port.greeting
        return BoardInfo(
            name=greeting.name, version=greeting.version, clock_mhz=greeting.clock / 1e6, params=driver.params
        )
