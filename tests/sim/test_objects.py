"""The runtime of Verilator is compiled once, and the rest of a simulation by the compiler itself."""

import os
import subprocess
import sys
from pathlib import Path

from ganglion.sim import objects

COMPILER = """#!/bin/sh
echo "$@" >> calls
test "$1" != --fail || exit 3
while test "$1" != -o; do shift; done
echo object > "$2"
"""


def run(folder: Path, *arguments: str) -> int:
    """The exit code of the launcher with a compiler that writes its calls to a file."""
    compiler = folder / "compiler"
    compiler.write_text(COMPILER)
    compiler.chmod(0o755)
    command = [sys.executable, "-I", "-S", objects.__file__, str(compiler), *arguments]
    environment = {**os.environ, "GANGLION_OBJECTS": str(folder / "objects of all")}
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


def calls(folder: Path) -> int:
    return len((folder / "calls").read_text().splitlines())


def test_the_runtime_is_compiled_once_for_the_same_command(tmp_path: Path) -> None:
    for made in range(2):
        assert run(tmp_path, "-O1", "-c", "-o", "verilated.o", "/include/verilated.cpp") == 0
        assert (tmp_path / "verilated.o").read_text() == "object\n"
        assert calls(tmp_path) == 1, made
        (tmp_path / "verilated.o").unlink()
    run(tmp_path, "-O2", "-c", "-o", "verilated.o", "/include/verilated.cpp")
    assert calls(tmp_path) == 2


def test_what_belongs_to_one_chip_is_compiled_each_time(tmp_path: Path) -> None:
    for _ in range(2):
        assert run(tmp_path, "-c", "-o", "Vchip.o", "Vchip.cpp") == 0
    assert calls(tmp_path) == 2


def test_a_compiler_that_fails_leaves_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, "--fail", "-o", "verilated.o", "/include/verilated.cpp") == 3
    assert run(tmp_path, "--fail", "-o", "verilated.o", "/include/verilated.cpp") == 3
    assert calls(tmp_path) == 2
