"""`ganglion verilog`: the chip as Verilog."""

import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from ganglion import __version__
from ganglion.hdl.verilog import chip_verilog
from ganglion.jobs.outputs import check_file
from ganglion.jobs.result import Result
from ganglion.jobs.sizes import DEFAULT, Sizes
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.files import write_text
from ganglion.model.spec.memories import VERSION
from ganglion.model.spec.params import PRESETS, Params

TOP = "chip"
"""The top module."""


@dataclass(frozen=True, kw_only=True)
class Verilog(Result):
    """A file of Verilog."""

    file: Path
    lines: int
    params: Params

    def to_dict(self) -> dict[str, Any]:
        return {"file": str(self.file), "lines": self.lines, "top": TOP, "chip": self.params.to_dict()}

    def shown(self) -> Iterator[str | Table]:
        yield f"{self.file}: {self.lines} lines, top module {TOP}, parameters {self.params.name}"


def header(params: Params) -> str:
    """What the file is, in comments: whose, of which version and parameters, and the command that writes it again."""
    sizes = Sizes(changes=[f"{name}={_words(value)}" for name, value in asdict(params).items() if name != "name"])
    lines = [
        f"Ganglion {__version__}, an open neuromorphic chip, preset or parameters '{params.name}'",
        "Licence: Apache-2.0 (https://www.apache.org/licenses/LICENSE-2.0), the Ganglion authors",
        "Written by a program; its source is Amaranth, hdl/ of https://github.com/ganglion-chip/ganglion",
        f"Top module: {TOP}; ports: clk, rst (synchronous), streams i and o of 64-bit packets, busy",
        f"Memories and packets: version {VERSION}, docs/reference/formats.md",
        "",
        "Names: i__payload, i__valid and i__ready are those of the stream i; \\a.b is the field b of the structure a,",
        "by the names of docs/reference/formats.md.",
        "",
        "Parameters:",
        *textwrap.wrap(", ".join(sizes.changes), 100),
        "",
        "Again: ganglion verilog FILE " + " ".join(f"--set {change}" for change in _unlike(params)),
    ]
    return "".join(f"// {line}".rstrip() + "\n" for line in lines) + "\n"


def _unlike(params: Params) -> list[str]:
    """Changes that make these parameters of the preset that `ganglion verilog` takes unless told otherwise."""
    usual, own = asdict(PRESETS[DEFAULT]), asdict(params)
    return [f"{name}={_words(value)}" for name, value in own.items() if name != "name" and value != usual[name]]


def _words(value: object) -> str:
    """A value as --set takes it."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value).lower()


def verilog(params: Params, file: Path, *, progress: Progress = SILENT) -> Verilog:
    """Writes the chip of some parameters into a file.

    Raises:
        GanglionError: the file cannot be written.
    """
    check_file(file)
    with progress.task(f"writing the chip {params.name} as Verilog"):
        text = header(params) + chip_verilog(params)
    write_text(file, text)
    return Verilog(file=file, lines=text.count("\n"), params=params)
