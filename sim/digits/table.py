"""The main job's result as a table on the terminal."""

import numpy as np
from rich.console import Console
from rich.table import Table

from ganglion.model.lockstep import what_was_equal
from ganglion.sim.digits.result import DigitsResult, TargetResult

NOT_COUNTED = "-"


def print_table(result: DigitsResult, console: Console) -> None:
    """One column per target, one row per figure; figures of the clock only where a target has one."""
    count, steps = result.synops.shape
    console.print(f"handwritten digits: {count} held-out images, {steps} steps each")
    table = Table()
    table.add_column("")
    for target in result.targets:
        table.add_column(target.name, justify="right")
    rows = [_figures(target, result) for target in result.targets]
    for name in rows[0]:
        table.add_row(name, *(row[name] for row in rows))
    console.print(table)
    if len(result.targets) > 1:
        console.print(
            f"{what_was_equal(states=result.states)} were equal after each of {count * steps:,} steps",
            soft_wrap=True,
        )


def _figures(target: TargetResult, result: DigitsResult) -> dict[str, str]:
    images, right = len(target.guess), int((target.guess == result.images.label).sum())
    synops = int(target.counters["synops"].sum())
    figures = {
        "images right": f"{right:,} of {images:,}",
        "accuracy": f"{right / images:.2%}",
        "spikes": f"{target.counters['spikes'].sum():,}",
        "SynOps": f"{synops:,}",
        "SynOps per image": f"{synops / images:,.0f}",
    }
    names = (
        "cycles per step: mean",
        "cycles per step: median",
        "cycles per step: max",
        "SynOps per cycle",
        "simulated cycles per second",
        f"latency per image at {result.clock_mhz:g} MHz: mean",
        f"latency per image at {result.clock_mhz:g} MHz: max",
    )
    cycles = target.counters.get("cycles")
    if cycles is None:
        values = [NOT_COUNTED] * len(names)
    else:
        latency = cycles.sum(axis=1) / result.clock_mhz
        values = [
            f"{cycles.mean():,.0f}",
            f"{np.median(cycles):,.0f}",
            f"{cycles.max():,}",
            f"{synops / cycles.sum():.2f}",
            f"{cycles.sum() / target.seconds:,.0f}",
            f"{latency.mean():,.1f} µs",
            f"{latency.max():,.1f} µs",
        ]
    return figures | dict(zip(names, values, strict=True)) | {"seconds": f"{target.seconds:.1f}"}
