"""The core of the boards against its baseline: cells, block RAMs and clock, changed only on purpose."""

import json
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ganglion.fpga.synthesis import Resources, route, synthesise
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import GanglionError
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


def report(preset: str, *, routed: bool, update: bool, console: Console, progress: Progress = SILENT) -> None:
    """Measures a preset, prints it beside the baseline, and fails or renews the baseline where they differ.

    Args:
        preset: name of the parameters.
        routed: place and route too, for the clock; takes some minutes for each of SEEDS.
        update: write what was measured into the baseline of the source tree.
        console: where to print.
        progress: told what is going on.

    Raises:
        GanglionError: a count is further than TOLERANCE from the baseline, and it is not to be renewed.
        ToolError: a tool is missing or failed.
    """
    wanted = baseline().get(preset, {})
    with tempfile.TemporaryDirectory() as folder:
        netlist = Path(folder, "core.json")
        with progress.task(f"synthesising the core of preset {preset} for ECP5"):
            measured = synthesise(PRESETS[preset], netlist)
        clocks = []
        for seed in SEEDS if routed else ():
            with progress.task(f"placing and routing, seed {seed} of {SEEDS}"):
                clocks.append(route(netlist, seed=seed))
    figures: dict[str, float] = dict(measured.to_dict())
    if clocks:
        figures["megahertz"] = round(max(clocks), 1)
    table = Table(title=f"one core, preset {preset}, ECP5-85F speed grade 6")
    for column in ("", "measured", "baseline", "tinyODIN"):
        table.add_column(column, justify="right" if column else "left")
    for name, value in figures.items():
        table.add_row(name, f"{value:g}", f"{wanted.get(name, '-')}", f"{TINYODIN.get(name, '-')}")
    console.print(table)
    if clocks:
        console.print(f"clock of seeds {SEEDS}: {', '.join(f'{clock:.1f}' for clock in clocks)} MHz")
    if update:
        path = Path(__file__).parent / BASELINE
        write_text(path, json.dumps(baseline() | {preset: wanted | figures}, indent=2) + "\n")
        console.print(f"baseline renewed: {path}", soft_wrap=True)
    elif wanted and (lines := drift(measured, wanted)):
        raise GanglionError(
            f"the core is not the baseline's (more than {TOLERANCE:.0%} off): {'; '.join(lines)}. "
            "If that is meant: ganglion resources --update"
        )
