"""`ganglion wave`: a sample on the simulated chip, all its signals in a file, and a view of them for a viewer."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from ganglion.jobs.networks import find_network
from ganglion.jobs.outputs import check_file
from ganglion.jobs.own_network import Reading
from ganglion.jobs.result import Result
from ganglion.jobs.samples import choose
from ganglion.jobs.sizes import Sizes
from ganglion.jobs.workload import Workload
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.trace import Trace
from ganglion.sim.rtl import Rtl
from ganglion.sim.waveform import VIEW, check_waveform, signals_of, write_view

COMPONENTS = ("sequencer", "events", "lookup", "walker", "fanout", "access", "neurons", "accumulators")
"""Components whose own signals are groups of the view, in the order of a step (docs/reference/core.md)."""

LINES = 24
"""Signals of a group, at most; the others are in the file, and not in the view."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Wave(Result):
    """What was recorded."""

    workload: Workload
    sample: int
    trace: Trace
    file: Path
    view: Path | None
    """None for FST, whose signals are not looked at."""
    signals: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "network": self.workload.name,
            "sample": self.sample,
            "steps": self.trace.steps,
            "cycles": self.trace.total("cycles"),
            "spikes": self.trace.total("spikes"),
            "file": str(self.file),
            "view": str(self.view) if self.view else None,
            "signals": self.signals,
        }

    def shown(self) -> Iterator[str | Table]:
        megabytes = self.file.stat().st_size / 1e6
        yield (
            f"{self.file}: sample {self.sample} of {self.workload.what}, {self.trace.steps} steps, "
            f"{self.trace.total('cycles'):,} cycles, {megabytes:,.1f} MB"
        )
        if self.view:
            yield f"{self.view}: groups of {self.signals:,} signals; open it with gtkwave {self.view} or surfer"


def wave(
    network: str,
    file: Path,
    *,
    samples: Path | None = None,
    only: int = 0,
    steps: int | None = None,
    sizes: Sizes | None = None,
    reading: Reading | None = None,
    progress: Progress = SILENT,
) -> Wave:
    """Records a sample on the simulated chip, from its first step on.

    Args:
        network: as `ganglion.jobs.run.run`.
        file: to write, .vcd or .fst; the view is beside it.
        samples: the file of samples of a network of the user's own.
        only: number of the sample.
        steps: the first so many; None is all.
        sizes: of the chip; None is the network's own.
        reading: how to read a NIR file.
        progress: told what is going on.

    Raises:
        GanglionError: no such network or sample, no steps, or a file that cannot be written.
        ToolError: the chip cannot be built, or FST not be made.
    """
    check_waveform(file)
    check_file(file)
    if file.suffix == ".vcd":
        check_file(file.with_suffix(VIEW))
    work = find_network(network, samples, None, reading or Reading()).workload(sizes or Sizes(), None, progress)
    (number,) = choose(work.available, only=[only])
    events = work.events(number)
    if steps is not None and not 1 <= steps <= events.steps:
        raise GanglionError(f"steps must be 1 to {events.steps}, as many as the sample has, not {steps}")
    with Rtl(work.program, waveform=file, progress=progress) as chip, progress.task(f"recording {work.name}"):
        trace = chip.run(events.part(0, steps or events.steps))
    found = signals_of(file) if file.suffix == ".vcd" else {}
    view = write_view(file, grouped(found)) if found else None
    return Wave(workload=work, sample=number, trace=trace, file=file, view=view, signals=len(found))


def grouped(signals: dict[str, int]) -> dict[str, list[str]]:
    """The groups of a view: the ports of the chip, and then the components of each core in the order of a step.

    Args:
        signals: bits by path, as `ganglion.sim.waveform.signals_of` has them.
    """
    named = [path for path in signals if "$" not in path]
    tops = min((path.count(".") for path in named), default=0)
    groups = {"chip": [path for path in named if path.count(".") == tops]}
    for component in COMPONENTS:
        for path in named:
            scope = path.rpartition(".")[0]
            if scope.rpartition(".")[2] == component:
                groups.setdefault(".".join(scope.split(".")[tops:]), []).append(path)
    return {title: paths[:LINES] for title, paths in groups.items() if paths}
