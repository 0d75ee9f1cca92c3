"""`ganglion bitstream`: the bitstream of a board, what it takes and what it can do, beside the committed baseline."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.table import Table

from ganglion.fpga.bitstream import build_bitstream, read_build
from ganglion.fpga.boards import BOARDS, find_board
from ganglion.fpga.report import (
    TOLERANCE,
    Report,
    baseline,
    drift,
    make_report,
    renew_baseline,
    write_report,
)
from ganglion.fpga.workload import workloads
from ganglion.jobs.outputs import check_folder
from ganglion.jobs.result import Result, table
from ganglion.jobs.sizes import Sizes
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import BoardError

FOLDER = Path("build/boards")
"""Where bitstreams go, each board's into a folder of its own."""

REPORT = "report.json"
"""The figures, beside the bitstream."""


@dataclass(frozen=True, eq=False, kw_only=True)
class BuiltBitstream(Result):
    """A bitstream, and its figures."""

    bitstream: Path
    report: Report
    wanted: Mapping[str, Any]
    """The board's baseline; empty where it has none, or has another chip or clock than its own."""
    left_out: Mapping[str, str]
    """Shipped networks that are not in the figures, and why."""
    renewed: Path | None
    """The file of the baseline, where it was renewed."""

    @property
    def failure(self) -> str | None:
        report = self.report
        if report.fmax_mhz < report.constraint_mhz:
            return (
                f"{report.board}: the design reaches {report.fmax_mhz:g} MHz and its clock is "
                f"{report.constraint_mhz:g} MHz: try another --seed, or a slower clock"
            )
        lines = drift(report, dict(self.wanted)) if self.wanted and not self.renewed else []
        if not lines:
            return None
        return (
            f"{report.board} is not the baseline's (more than {TOLERANCE:.0%} off): {'; '.join(lines)}. "
            f"If that is meant: ganglion bitstream {report.board} --update"
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "bitstream": str(self.bitstream),
            **self.report.to_dict(),
            "left_out": dict(self.left_out),
            "baseline": dict(self.wanted),
        }

    def shown(self) -> Iterator[str | Table]:
        report = self.report
        for name, why in self.left_out.items():
            yield f"{name} is not in the figures: {why}"
        yield f"bitstream: {self.bitstream}"
        rows = table("", "used", "available", "baseline", title=f"{report.board}: {report.device}")
        for name, count in report.used.items():
            rows.add_row(
                name, f"{count:,}", f"{report.available[name]:,}", _cell(self.wanted.get("used", {}).get(name))
            )
        needed = f"> {report.constraint_mhz:g}"
        rows.add_row("clock, MHz", f"{report.fmax_mhz:g}", needed, _cell(self.wanted.get("fmax_mhz")))
        yield rows
        yield f"critical path, {report.critical_path_ns:g} ns: {' > '.join(report.critical_path)}"
        yield (
            f"{report.neurons:,} neurons in {report.cores} core(s), {report.synapses:,} synapses, "
            f"at most {report.peak_synops / 1e6:,.0f} million SynOps/s"
        )
        if report.workloads:
            title = f"shipped networks at {report.constraint_mhz:g} MHz, mean per sample"
            rows = table("", "cycles", "latency", "on the line", "samples/s", title=title)
            for load in report.workloads:
                times = (f"{load.latency_ms:.3f} ms", f"{load.line_ms:.2f} ms", f"{load.samples_per_second:,.0f}")
                rows.add_row(load.name, f"{load.cycles:,.0f}", *times)
            yield rows
        if self.renewed:
            yield f"baseline renewed: {self.renewed}"


def bitstream(
    board: str,
    *,
    seed: int | None = None,
    sizes: Sizes | None = None,
    clock_mhz: float | None = None,
    report_only: bool = False,
    update: bool = False,
    folder: Path = FOLDER,
    progress: Progress = SILENT,
) -> BuiltBitstream:
    """Makes the bitstream of a board with open tools, and writes its figures beside it.

    Args:
        board: its name, a file that describes it, or any platform of amaranth-boards as module:class.
        seed: of the placement; None is the board's own.
        sizes: of the chip; None is the board's own.
        clock_mhz: of the chip; None is the board's own.
        report_only: report on the bitstream that is there, and make none.
        update: make what is measured the new baseline, where the clock is met.
        folder: where the board's own folder goes.
        progress: told what is going on; the whole takes minutes to an hour.

    Raises:
        BoardError: there is no such board, or it cannot have this clock.
        ParamsError: there is no such chip.
        ToolError: a tool is missing or failed, or there is no bitstream to report on.
    """
    known = find_board(board)
    if update and known.name not in BOARDS:
        raise BoardError(f"{board} has no baseline, which the boards that ship have: {', '.join(BOARDS)}")
    clock = known.clock if clock_mhz is None else round(1e6 * clock_mhz)
    spec = replace(known, params=(sizes or Sizes()).of(known.params), clock=clock)
    place = folder / spec.name
    if report_only:
        built = read_build(spec, place)
    else:
        check_folder(place.parent)
        built = build_bitstream(spec, place, seed=seed, progress=progress)
    loads, left_out = workloads(spec, progress)
    report = make_report(built, loads)
    write_report(report, place / REPORT)
    met = report.fmax_mhz >= report.constraint_mhz
    return BuiltBitstream(
        bitstream=built.bitstream,
        report=report,
        wanted=baseline().get(report.board, {}) if spec == known else {},
        left_out=left_out,
        renewed=renew_baseline(report) if update and met else None,
    )


def _cell(value: object) -> str:
    return "-" if value is None else f"{value:,}"
