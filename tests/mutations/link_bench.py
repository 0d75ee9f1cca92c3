"""A link on Verilator: what it does is recorded cycle by cycle, and its mutants are held to that."""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.packet_arrays import Words
from ganglion.sim.build import COMPILER, GCC, HERE, LINKER, OPTIMISE
from ganglion.sim.cache import cached_build
from ganglion.sim.toolchain import COVERAGE, find_toolchain, run_tool
from tests.mutations.mutate import Mutant, Netlist

SOURCE = Path(__file__).with_name("link_bench.cpp")

ZEROS = ("--x-assign", "0", "--x-initial", "0")
"""What nothing is said of is 0 in every mutant."""

Told = npt.NDArray[np.uint32]
"""What a link is told, shape (cycles,); see Tell."""

Shown = npt.NDArray[np.uint64]
"""What it shows, shape (cycles, 2): the packet that it offers, and the rest; see Show."""


class Tell:
    """Bits of a cycle's inputs. A byte of the line is in those from DATA on."""

    RESET = 1 << 0
    ARRIVED = 1 << 1
    DATA = 1 << 2
    LINE_READY = 1 << 10
    CHIP_READY = 1 << 11
    OFFER_PACKET = 1 << 12
    """The next packet of the chip's is offered, unless one is already."""
    RX = 1 << 13
    OFFER_BYTE = 1 << 14
    """As OFFER_PACKET, for the sender of the UART."""


class Show:
    """Bits of a cycle's outputs. A byte for the line is in the lowest ones, a byte of the UART from HEARD on."""

    HEARD = 1 << 8
    LINE_VALID = 1 << 16
    CHIP_VALID = 1 << 17
    PACKET_TAKEN = 1 << 18
    RESET = 1 << 19
    TRAFFIC = 1 << 20
    FAULT = 1 << 21
    HEARD_VALID = 1 << 22
    TX = 1 << 23
    BYTE_TAKEN = 1 << 24


@dataclass(frozen=True, eq=False)
class Recording:
    """What a link is told from a reset on, and what it then shows."""

    name: str
    told: Told
    packets: Words
    """Of its chip, in the order in which they are offered."""
    bytes_: bytes
    """For the sender of the UART."""
    shown: Shown


class LinkBench:
    """A link and its mutants."""

    def __init__(self, netlist: Netlist, *, quick: bool = False) -> None:
        """
        Args:
            netlist: of `link_top.link_mutants`.
            quick: built in less time, and slower.
        """
        self.netlist = netlist
        self._library = load(f"mutants-{netlist.name}", netlist.verilog, "mutants", quick=quick)

    @contextmanager
    def link(self, number: int) -> Iterator["LinkDriver"]:
        """A mutant from the power on; 0 is the link as it is."""
        driver = LinkDriver(self._library, number)
        try:
            yield driver
        finally:
            driver.close()

    def seen_by(self, mutant: Mutant, recordings: Sequence[Recording]) -> tuple[str, int] | None:
        """The first recording in which a mutant shows something else, and the cycle."""
        with self.link(mutant.number) as link:
            for recording in recordings:
                cycle = link.compare(recording)
                if cycle < recording.told.size:
                    return recording.name, cycle
        return None


class LinkDriver:
    """A link, or one mutant of it; what is in its memories stays from recording to recording.

    Args:
        library: what `load` gives.
        number: of the mutant; 0 is the link as it is.
    """

    def __init__(self, library: ctypes.CDLL, number: int = 0) -> None:
        self._library = library
        self._bench = ctypes.c_void_p(library.bench_new(ctypes.c_uint16(number)))

    def close(self) -> None:
        self._library.bench_delete(self._bench)

    def load(self, packets: Words, bytes_: bytes) -> None:
        """Forgets what is offered, and has these to offer."""
        packets = np.ascontiguousarray(packets, dtype=np.uint64)
        self._library.bench_load(
            self._bench, _pointer(packets), ctypes.c_size_t(packets.size), bytes_, ctypes.c_size_t(len(bytes_))
        )

    def add(self, packets: Words) -> None:
        """More packets of the chip's."""
        packets = np.ascontiguousarray(packets, dtype=np.uint64)
        self._library.bench_add(self._bench, _pointer(packets), ctypes.c_size_t(packets.size))

    def run(self, told: Told) -> Shown:
        """Runs as told; of what may be offered, `told` has then what was."""
        shown = np.empty((told.size, 2), dtype=np.uint64)
        self._library.bench_run(self._bench, _pointer(told), ctypes.c_size_t(told.size), _pointer(shown))
        return shown

    def compare(self, recording: Recording) -> int:
        """The cycle in which it first shows something else, or the number of cycles."""
        self.load(recording.packets, recording.bytes_)
        told, shown = recording.told, recording.shown
        return int(
            self._library.bench_compare(self._bench, _pointer(told), ctypes.c_size_t(told.size), _pointer(shown))
        )

    def coverage(self, path: Path) -> None:
        """Writes what of the Verilog has been reached so far, as a coverage file of Verilator's: of a covered build."""
        self._library.bench_coverage(self._bench, str(path).encode())


def _pointer(array: npt.NDArray[np.generic]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def load(name: str, verilog: str, top: str, *, quick: bool = False, covered: bool = False) -> ctypes.CDLL:
    """A link as a shared library.

    Args:
        name: of the build.
        verilog: with the ports of `link_top.LinkTop`, and `mutant` where it has mutants.
        top: the module that has them.
        quick: built in less time, and slower.
        covered: slower, and it counts what of the Verilog was reached.

    Raises:
        ToolError: a tool is missing or failed.
    """
    tools = find_toolchain()
    sources = {"link.v": verilog} | {path.name: path.read_text() for path in (SOURCE, HERE / "waivers.vlt")}
    flags = " ".join([*COMPILER, *(GCC if "clang" not in tools.versions else ())])
    verilate = [str(tools.verilator), "--cc", "--top-module", top, "--flatten", "-Wall", "-O3", *ZEROS]
    # One file: to read the runtime's headers takes longer than to compile the rest.
    verilate += ["--output-split", "0", "--exe", "--prefix", "Vlink", "--Mdir", "."]
    verilate += ["-CFLAGS", flags, "-LDFLAGS", LINKER, "-o", "bench.so"]
    verilate += [*(COVERAGE if covered else ()), "waivers.vlt", "link.v", SOURCE.name]
    make = [str(tools.make), "-f", "Vlink.mk", f"OPT_FAST={OPTIMISE[quick or covered]}", *tools.make_variables]

    def fill(folder: Path) -> None:
        for name, text in sources.items():
            (folder / name).write_text(text)
        run_tool(verilate, "translating the link to C++", cwd=folder, environment=tools.environment)
        run_tool(make, "compiling the link", cwd=folder, environment=tools.environment)

    folder = cached_build(name, [*sources.values(), *verilate, *make, tools.versions], fill)
    library = ctypes.CDLL(str(folder / "bench.so"))
    library.bench_new.restype = ctypes.c_void_p
    library.bench_compare.restype = ctypes.c_size_t
    return library
