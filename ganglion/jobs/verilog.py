"""`ganglion verilog`: the chip as Verilog."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from ganglion.hdl.verilog import chip_verilog
from ganglion.jobs.outputs import check_file
from ganglion.jobs.result import Result
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.files import write_text
from ganglion.model.spec.params import Params

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


def verilog(params: Params, file: Path, *, progress: Progress = SILENT) -> Verilog:
    """Writes the chip of some parameters into a file.

    Raises:
        GanglionError: the file cannot be written.
    """
    check_file(file)
    with progress.task(f"writing the chip {params.name} as Verilog"):
        text = chip_verilog(params)
    write_text(file, text)
    return Verilog(file=file, lines=text.count("\n"), params=params)
