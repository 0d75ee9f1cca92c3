"""What can run a program, by the names that the command line knows them by, and how each is opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ganglion.fpga.host.board import Board
from ganglion.fpga.host.driver import BoardDriver
from ganglion.model.compiler import Image, compile_program
from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.progress import Progress
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.registers import Counter
from ganglion.model.spec.target import Target
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from ganglion.sim.target import COUNTERS

BOARD = "board"
"""The target that needs a device, and for whose sizes a network must be made."""

ACCOUNTED = (*COUNTERS, Counter.EVENTS, Counter.WORDS)
"""Counters of a simulated chip that an account of its energy rests on."""


@dataclass(frozen=True, kw_only=True)
class TargetKind:
    """One kind of target."""

    open: Callable[[Program | Image, BoardDriver | None, Progress], Target]
    """Makes one of a program or an image; of the board, behind this driver. The last is told of what that takes."""
    batch: int = 1
    """Samples that it had better be given at a time."""
    compiles: bool = False
    """Whether its first run takes longer than others, as it compiles what it runs."""


def _reference(program: Program | Image, driver: BoardDriver | None, progress: Progress) -> Target:
    return Reference(_network(program))


def _emulator(program: Program | Image, driver: BoardDriver | None, progress: Progress) -> Target:
    """Imported when it is asked for: its kernels take seconds to load."""
    from ganglion.model.emulator.emulator import Emulator

    return Emulator(_network(program), progress=progress)


def _array(program: Program | Image, driver: BoardDriver | None, progress: Progress) -> Target:
    return ArrayEmulator(_network(program), progress=progress)


def _rtl(program: Program | Image, driver: BoardDriver | None, progress: Progress) -> Target:
    image = _placed(program, progress)
    return Rtl(image, NativeDriver(image.params, progress=progress), counters=ACCOUNTED)


def _board(program: Program | Image, driver: BoardDriver | None, progress: Progress) -> Target:
    assert driver is not None, "whoever asks for the board has opened one: see `check_targets`"
    return Board(_placed(program, progress), driver)


def _network(program: Program | Image) -> Program:
    return program.program if isinstance(program, Image) else program


def _placed(program: Program | Image, progress: Progress) -> Image:
    return program if isinstance(program, Image) else compile_program(program, progress=progress)


TARGETS: dict[str, TargetKind] = {
    "reference": TargetKind(open=_reference),
    "emulator": TargetKind(open=_emulator, batch=200, compiles=True),
    "array": TargetKind(open=_array, batch=200),
    "rtl": TargetKind(open=_rtl),
    BOARD: TargetKind(open=_board),
}


def check_targets(names: Sequence[str], device: str | None, baud: int | None = None) -> None:
    """Whether these targets can be opened.

    Args:
        names: of targets.
        device: serial device of the board.
        baud: bits per second of its line.

    Raises:
        GanglionError: a target unknown or named twice, none at all, a board without a device, or a device or its line
            without the board.
    """
    if not names or len(set(names)) < len(names) or any(name not in TARGETS for name in names):
        raise GanglionError(f"targets must be one or more of {', '.join(TARGETS)}, each once, not {', '.join(names)!r}")
    if BOARD in names and device is None:
        raise GanglionError("the target board needs its --device, such as /dev/ttyUSB1; see: ganglion board list")
    for option, value in (("--device", device), ("--baud", baud)):
        if value is not None and BOARD not in names:
            raise GanglionError(f"{option} {value} is for the target {BOARD}, which is not among the targets")
