"""The core of the boards against its baseline: cells, block RAMs and clock, changed only on purpose."""

import json
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from ganglion.fpga.synthesis import Resources, route, synthesise
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.files import write_text
from ganglion.model.spec.params import PRESETS

BASELINE = "baseline.json"

TOLERANCE = 0.05
"""How far a count may be from the baseline."""

SEEDS = (1, 2, 3)
"""Placements that are tried; the fastest counts."""

TINYODIN = {"lut4": 2960, "ff": 1810, "dp16kd": 17, "megahertz": 39.0}
"""tinyODIN through the same flow: 256 neurons, 64k 4-bit synapses, no delays, two cycles per SynOp."""


def baseline() -> dict[str, Any]:
    """What is committed: preset name to counts, and the clock in MHz."""
    loaded: dict[str, Any] = json.loads(resources.files("ganglion.fpga").joinpath(BASELINE).read_text())
    return loaded


def drift(measured: Resources, wanted: dict[str, float]) -> list[str]:
    """Counts further than TOLERANCE from the baseline, as lines for a message."""
    return [
        f"{name}: {count}, baseline {wanted[name]:g}"
        for name, count in measured.to_dict().items()
        if abs(count - wanted[name]) > TOLERANCE * wanted[name]
    ]


@dataclass(frozen=True, kw_only=True)
class CoreFigures:
    """What one core of a preset takes, and how fast it is."""

    preset: str
    cells: Resources
    clocks: tuple[float, ...]
    """Highest clock in MHz of the placement of each of SEEDS; empty where it was not placed."""

    def to_dict(self) -> dict[str, float]:
        """The cells by type, and as `megahertz` the highest of the clocks: what the baseline holds."""
        figures: dict[str, float] = dict(self.cells.to_dict())
        return figures | ({"megahertz": round(max(self.clocks), 1)} if self.clocks else {})


def measure(preset: str, *, routed: bool, progress: Progress = SILENT) -> CoreFigures:
    """Measures the core of a preset.

    Args:
        preset: name of the parameters.
        routed: place and route too, for the clock; takes some minutes for each of SEEDS.
        progress: told what is going on.

    Raises:
        ToolError: a tool is missing or failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        netlist = Path(folder, "core.json")
        with progress.task(f"synthesising the core of preset {preset} for ECP5"):
            cells = synthesise(PRESETS[preset], netlist)
        clocks = []
        for seed in SEEDS if routed else ():
            with progress.task(f"placing and routing, seed {seed} of {SEEDS}"):
                clocks.append(route(netlist, seed=seed))
    return CoreFigures(preset=preset, cells=cells, clocks=tuple(clocks))


def renew_baseline(measured: CoreFigures) -> Path:
    """Makes what was measured the baseline of the source tree; returns its file."""
    path, before = Path(__file__).parent / BASELINE, baseline()
    renewed = before | {measured.preset: before.get(measured.preset, {}) | measured.to_dict()}
    write_text(path, json.dumps(renewed, indent=2) + "\n")
    return path
