"""The chip on Verilator with the testbench in Python: cocotb, in a process of its own that serves exchanges."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

import cocotb_tools.runner

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import ChipError, ToolError
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.params import Params
from ganglion.sim.build import HERE, VERILATOR, Chip
from ganglion.sim.build import chip as make_chip
from ganglion.sim.cache import cached_build
from ganglion.sim.driver import NO_STALLS, Answer, Stalls
from ganglion.sim.header import public_ports
from ganglion.sim.toolchain import find_toolchain

TEST = "ganglion.sim.cocotb_server"
"""The module with the cocotb test; as a program it runs the simulator."""

ADDRESS = "GANGLION_COCOTB_ADDRESS"
"""Environment variable with the socket at which the simulator waits for us."""


class Runner(cocotb_tools.runner.Verilator):
    """cocotb's runner of Verilator, with our tools, and with no signals public but those of a control file."""

    def _simulator_in_path_build_only(self) -> None:
        self.executable = str(find_toolchain().verilator)

    def _set_env_build(self) -> None:
        super()._set_env_build()
        self.env.update(find_toolchain().environment)

    def _build_command(self) -> list[list[str]]:
        verilate, make = super()._build_command()
        verilate = [word for word in verilate if word != "--public-flat-rw"]
        return [verilate, [*make, "OPT_FAST=-O1", *find_toolchain().make_variables]]


def build_cocotb(chip: Chip, progress: Progress = SILENT) -> Path:
    """The chip as a simulator for cocotb; returns the folder that it is in.

    Raises:
        ToolError: a tool is missing, or failed. The message has what it printed.
    """
    tools = find_toolchain()
    sources = {
        "waivers.vlt": (HERE / "waivers.vlt").read_text(),
        "public.vlt": public_ports(),
        "chip.v": chip.verilog,
    }

    def build(folder: Path) -> None:
        for name, text in sources.items():
            (folder / name).write_text(text)
        log = folder / "build.log"
        try:
            Runner().build(
                sources=[folder / name for name in sources],
                hdl_toplevel="chip",
                build_dir=folder,
                build_args=list(VERILATOR),
                log_file=log,
            )
        except RuntimeError as error:
            said = "\n".join(log.read_text().splitlines()[-40:])
            raise ToolError(f"building the chip for cocotb failed: {error}\n{said}") from error

    recipe = Path(__file__).read_text()
    inputs = [*sources.values(), recipe, sys.prefix, tools.versions]
    return cached_build(f"cocotb-{chip.params.name}", inputs, build, progress)


class CocotbDriver:
    """A `Driver` whose clock edges run in Python. Stalls come from `random.Random`; states are read with packets.

    Simulated time stands still between exchanges.
    """

    name = "cocotb"

    def __init__(self, chip: Params | Chip, *, progress: Progress = SILENT) -> None:
        """Builds the chip where that has not been done, starts the simulator, and resets the chip.

        Args:
            chip: what to simulate.
            progress: told of the build.

        Raises:
            ToolError: as `build_cocotb`, or the simulator did not start.
        """
        self.chip = make_chip(chip) if isinstance(chip, Params) else chip
        self.params = self.chip.params
        folder = build_cocotb(self.chip, progress)
        self._scratch = Path(tempfile.mkdtemp(prefix="ganglion-cocotb-"))
        address = self._scratch / "socket"
        self._log = self._scratch / "log"
        # cocotb's runner behaves differently where it believes that pytest calls it.
        environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", TEST, str(folder), str(self._scratch)],
                env={**environment, ADDRESS: str(address)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._connection = self._connect(address)
        self._end = weakref.finalize(self, _end, self._connection, self._process, self._scratch)
        self._call("params", self.params)
        self.reset()

    def reset(self, stalls: Stalls = NO_STALLS) -> None:
        self._call("reset", stalls)

    def exchange(self, words: Words, *, replies: int = 0, states: bool = False, ahead: bool = False) -> Answer:
        answer: Answer = self._call("exchange", words, replies, states, ahead)
        return answer

    def close(self) -> None:
        self._end()

    def _call(self, *job: Any) -> Any:
        try:
            self._connection.send(job)
            result = self._connection.recv()
        except (EOFError, OSError) as error:
            self._process.wait()
            raise ChipError(f"the simulation of the chip ({self.params.name}) ended:\n{self._said()}") from error
        if isinstance(result, Exception):
            raise result
        return result

    def _connect(self, address: Path) -> Connection:
        while self._process.poll() is None:
            try:
                return Client(str(address), family="AF_UNIX")
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.01)
        raise ToolError(f"the simulator did not start:\n{self._said()}")

    def _said(self) -> str:
        return "\n".join(self._log.read_text().splitlines()[-40:])


def _end(connection: Connection, process: "subprocess.Popen[bytes]", scratch: Path) -> None:
    """Hangs up, upon which the simulation ends."""
    connection.close()
    process.wait()
    shutil.rmtree(scratch, ignore_errors=True)
