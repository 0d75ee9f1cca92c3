"""`python -m ganglion.hs_api`: a HiAER-Spike program as it is, on any target."""

import argparse
import os
import runpy
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from ganglion.fpga.host.board import Board
from ganglion.fpga.host.driver import BoardDriver
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.interchange.cri.aliases import install
from ganglion.model.interchange.cri.backend import choose
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import GanglionError, ProgramError
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.registers import Counter
from ganglion.model.spec.target import Target
from ganglion.sim.rtl import Rtl
from ganglion.sim.target import COUNTERS

COUNTED = (*COUNTERS, Counter.WORDS)
"""Counters that an `Rtl` needs for what "CRI" returns."""

RTL = partial(Rtl, counters=COUNTED)
"""A `backend` for `CRI_network`: the chip on Verilator."""

TARGETS = ("emulator", "reference", "rtl", "board")
"""What `run_on` knows."""


class OnBoard:
    """A `backend` for `CRI_network`: a board. A network is made for its chip, which has the last one that was loaded.

    Args:
        device: such as /dev/ttyUSB1.
        baud: bits per second; that of all boards unless given.

    Raises:
        BoardError: nothing answers on the device; says what to check.
    """

    def __init__(self, device: str, baud: int | None = None) -> None:
        self._driver = BoardDriver(device, baud=baud)
        self.params: Params = self._driver.params

    def __call__(self, program: Program) -> Target:
        return Board(program, self._driver, counters=COUNTED)


def run_on(target: str, device: str | None = None, baud: int | None = None, *, progress: Progress = SILENT) -> None:
    """What networks run on that are made from now on, unless they name a backend.

    Args:
        target: one of `TARGETS`.
        device: of the board, such as /dev/ttyUSB1.
        baud: of the board: bits per second; that of all boards unless given.
        progress: told of the build of a chip for simulation.

    Raises:
        ProgramError: there is no such target, or no device for the board.
        BoardError: nothing answers on the device.
    """
    if target not in TARGETS:
        raise ProgramError(f"a program runs on {', '.join(TARGETS)}, not on {target!r}")
    if target == "board":
        if device is None:
            raise ProgramError("the board needs its device, such as /dev/ttyUSB1; see: ganglion board list")
        choose(OnBoard(device, baud))
    elif target == "rtl":
        choose(partial(RTL, progress=progress))
    else:
        choose(Emulator if target == "emulator" else Reference)


def main(arguments: Sequence[str] | None = None, *, progress: Progress = SILENT) -> None:
    """The command line: runs a program of theirs, unchanged.

    Args:
        arguments: of the command line; None are those of this process.
        progress: told of the build of a chip for simulation.
    """
    parser = argparse.ArgumentParser(
        prog="python -m ganglion.hs_api",
        usage="%(prog)s [--on TARGET] [--device DEVICE] [--baud BAUD] (program.py | -m module) [argument ...]",
        description="Run a HiAER-Spike program as it is: its hs_api and hs_bridge are Ganglion's.",
    )
    parser.add_argument(
        "--on", choices=TARGETS, default=os.environ.get("GANGLION_HS_ON", "emulator"), help="what its networks run on"
    )
    parser.add_argument("--device", default=os.environ.get("GANGLION_HS_DEVICE"), help="of the board, /dev/ttyUSB1 say")
    parser.add_argument("--baud", type=int, help="of the board: bits per second")
    parser.add_argument("-m", action="store_true", dest="module", help="the program is a module, such as pytest")
    parser.add_argument("program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="of the program")
    chosen = parser.parse_args(arguments)
    if not chosen.module and not Path(chosen.program).is_file():
        parser.error(f"there is no program {chosen.program}")
    try:
        run_on(chosen.on, chosen.device, chosen.baud, progress=progress)
    except GanglionError as error:
        parser.error(str(error))
    sys.argv = [chosen.program, *chosen.arguments]
    sys.path.insert(0, str(Path.cwd() if chosen.module else Path(chosen.program).resolve().parent))
    install()
    if chosen.module:
        runpy.run_module(chosen.program, run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(chosen.program, run_name="__main__")
