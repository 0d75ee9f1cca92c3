"""`ganglion board throughput`: samples per second of a board, by the clock of the virtual one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

from rich.table import Table

from ganglion.fpga.boards import find_board
from ganglion.fpga.virtual.throughput import Throughput, throughputs
from ganglion.jobs.result import Result, table
from ganglion.model.networks import shipped
from ganglion.model.progress import SILENT, Progress


@dataclass(frozen=True, kw_only=True)
class Throughputs(Result):
    """What was measured, line by line."""

    board: str
    network: str
    samples: int
    lines: Sequence[Throughput]

    def to_dict(self) -> dict[str, Any]:
        lines = [
            {
                "line": each.line,
                "samples_per_second": round(each.samples_per_second, 1),
                "loading_ms": round(1e3 * each.loading_seconds, 2),
                "bytes_down": each.running.down,
                "bytes_up": each.running.up,
                "cycles": each.running.cycles,
            }
            for each in self.lines
        ]
        return {"board": self.board, "network": self.network, "samples": self.samples, "lines": lines}

    def shown(self) -> Iterator[str | Table]:
        rows = table(
            "line",
            "samples/s",
            "cycles",
            "bytes to the board",
            "to the host",
            "loading, ms",
            title=f"{self.network} on the virtual {self.board}, {self.samples} samples, per sample",
        )
        for each in self.lines:
            figures = (each.running.cycles, each.running.down, each.running.up)
            per_sample = (f"{figure / self.samples:,.0f}" for figure in figures)
            rows.add_row(
                each.line, f"{each.samples_per_second:,.0f}", *per_sample, f"{1e3 * each.loading_seconds:,.1f}"
            )
        yield rows
        yield "the spikes of all samples are those of the reference"


def throughput(
    board: str | PathLike[str],
    network: str = "mnist",
    *,
    samples: int = 20,
    compact: bool | None = None,
    progress: Progress = SILENT,
) -> Throughputs:
    """Loads a shipped network into the virtual board, its line as fast as the real one, and runs test samples.

    Args:
        board: its name, or a file.
        network: the name of one that ships with Ganglion.
        samples: how many, from the first on.
        compact: measure compact packets alone, or plain ones; None is both, where the board has both.
        progress: told what is going on.

    Raises:
        GanglionError: no such board or network, it does not fit, or a tool is missing.
        MismatchError: other spikes than the reference's.
    """
    spec, classifier = find_board(board), shipped.load(network)
    lines = tuple(throughputs(spec, classifier, samples, compact=compact, progress=progress))
    return Throughputs(board=spec.name, network=classifier.name, samples=samples, lines=lines)
