"""`ganglion resources`: what the boards' core takes of an ECP5, beside the committed baseline."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from ganglion.fpga.resources import (
    SEEDS,
    TINYODIN,
    TOLERANCE,
    CoreFigures,
    baseline,
    drift,
    measure,
    renew_baseline,
)
from ganglion.jobs.result import Result, table
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.params import PRESETS


@dataclass(frozen=True, eq=False, kw_only=True)
class CoreResources(Result):
    """What was measured."""

    measured: CoreFigures
    wanted: Mapping[str, float]
    """The baseline of the preset; empty where it has none."""
    renewed: Path | None
    """The file of the baseline, where it was renewed."""

    @property
    def failure(self) -> str | None:
        lines = drift(self.measured.cells, dict(self.wanted)) if self.wanted and not self.renewed else []
        if not lines:
            return None
        return (
            f"the core is not the baseline's (more than {TOLERANCE:.0%} off): {'; '.join(lines)}. "
            "If that is meant: ganglion resources --update"
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "preset": self.measured.preset,
            "measured": self.measured.to_dict(),
            "baseline": dict(self.wanted),
            "clocks": list(self.measured.clocks),
        }

    def shown(self) -> Iterator[str | Table]:
        title = f"one core, preset {self.measured.preset}, ECP5-85F speed grade 6"
        rows = table("", "measured", "baseline", "tinyODIN", title=title)
        for name, value in self.measured.to_dict().items():
            rows.add_row(name, f"{value:g}", f"{self.wanted.get(name, '-')}", f"{TINYODIN.get(name, '-')}")
        yield rows
        if self.measured.clocks:
            yield f"clock of seeds {SEEDS}: {', '.join(f'{clock:.1f}' for clock in self.measured.clocks)} MHz"
        if self.renewed:
            yield f"baseline renewed: {self.renewed}"


def resources(preset: str, *, route: bool = False, update: bool = False, progress: Progress = SILENT) -> CoreResources:
    """Synthesises the core of a preset.

    Args:
        preset: name of the parameters; the baseline has "board".
        route: place and route too, for the clock; takes minutes.
        update: make what is measured the new baseline.
        progress: told what is going on.

    Raises:
        ParamsError: there is no such preset.
        ToolError: a tool is missing or failed.
    """
    if preset not in PRESETS:
        raise ParamsError(f"there is no preset '{preset}'; there are {', '.join(PRESETS)}")
    measured = measure(preset, routed=route, progress=progress)
    wanted = baseline().get(preset, {})
    return CoreResources(measured=measured, wanted=wanted, renewed=renew_baseline(measured) if update else None)
