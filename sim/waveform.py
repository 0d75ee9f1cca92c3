"""Waveforms: files of all signals of a simulation, VCD or FST, and the view in which a viewer opens them."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ganglion.model.cache import cache_folder
from ganglion.model.spec.errors import ToolError
from ganglion.model.spec.files import write_text, written_path
from ganglion.sim.toolchain import run_tool

CONVERTER = "vcd2fst"
"""The program that makes FST of VCD; it comes with GTKWave."""

VIEW = ".gtkw"
"""Ending of the file of a view, which GTKWave and Surfer open."""


def waveform_file(name: str) -> Path:
    """The file for a waveform of this name, in the folder `waves` of the cache."""
    return cache_folder() / "waves" / f"{name}.vcd"


def check_waveform(path: Path) -> None:
    """Whether a waveform of this name can be written.

    Raises:
        ToolError: it is to be FST, and what converts to it is not there; or it is to be neither FST nor VCD.
    """
    if path.suffix not in (".vcd", ".fst"):
        raise ToolError(f"{path}: a waveform's name ends in .vcd or .fst")
    if path.suffix == ".fst" and shutil.which(CONVERTER) is None:
        raise ToolError(f"{path}: {CONVERTER} makes FST, and is not on PATH: apt install gtkwave, or write a .vcd")


@contextmanager
def recorded(path: Path) -> Iterator[Path]:
    """A VCD file for a simulation to write, which becomes `path`, as FST where it ends so, when the block ends well.

    Raises:
        ToolError: as `check_waveform`, or the conversion failed.
        OSError: the folder does not exist or cannot be written to.
    """
    check_waveform(path)
    with written_path(path) as whole:
        if path.suffix == ".vcd":
            yield whole
            return
        with tempfile.TemporaryDirectory(prefix="ganglion-wave-") as folder:
            scratch = Path(folder) / "run.vcd"
            yield scratch
            run_tool([CONVERTER, str(scratch), str(whole)], f"making {path}", cwd=Path(folder))


def write_view(waveform: Path, groups: Mapping[str, list[str]]) -> Path:
    """Write a view of a waveform beside it: named groups of signals, for GTKWave or Surfer.

    Args:
        waveform: the file of the signals.
        groups: by title, paths of signals, such as TOP.chip.clk.

    Returns:
        The file of the view.

    Raises:
        OSError: it cannot be written.
    """
    path = waveform.with_suffix(VIEW)
    lines = [f'[dumpfile] "{waveform.resolve()}"']
    for title, signals in groups.items():
        lines += ["@200", f"-{title}", *(line for signal in signals for line in ("@22", signal))]
    write_text(path, "\n".join(lines) + "\n")
    return path


def signals_of(vcd: Path) -> dict[str, int]:
    """Paths of the signals of a VCD file, from the top down, and their bits."""
    found: dict[str, int] = {}
    scopes: list[str] = []
    with vcd.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            words = line.split()
            if words[:1] == ["$scope"]:
                scopes.append(words[2])
            elif words[:1] == ["$upscope"]:
                scopes.pop()
            elif words[:1] == ["$var"]:
                found[".".join([*scopes, "".join(words[4:-1])])] = int(words[2])
            elif words[:1] == ["$enddefinitions"]:
                break
    return found
