"""The results of a job as pictures and a page, which needs no other file."""

import dataclasses
from pathlib import Path

import numpy as np
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from ganglion import __version__
from ganglion.jobs.report import figures
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.files import write_text
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import COUNTED, Trace
from ganglion.web.portal.job import JobRequest

POPULATIONS = 8
"""Populations that each have a panel, at most."""

SHOWN = 8
"""Neurons of which a field of state is drawn, at most."""

DRAWN = (*COUNTED, "cycles")
"""Counters that are drawn step by step, where they count anything."""


def write_report(
    request: JobRequest, program: Program, events: Events, trace: Trace, seconds: float, folder: Path
) -> None:
    """Writes raster.svg and report.html.

    Raises:
        OSError: they cannot be written.
    """
    shown = program if len(program.names) <= POPULATIONS else dataclasses.replace(program, names={})
    nothing = np.zeros(0, dtype=np.int64)
    raster = figures.raster(shown, events, trace, nothing, -1, "raster")
    write_text(folder / "raster.svg", raster)
    write_text(folder / "report.html", _page(request, program, events, trace, seconds, raster))


def _page(request: JobRequest, program: Program, events: Events, trace: Trace, seconds: float, raster: str) -> str:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, ".") for package in (__package__, "ganglion.jobs.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sizes = f"{program.inputs:,} inputs, {program.neurons:,} neurons, {program.synapses:,} synapses"
    counters = [(name, trace.total(name)) for name in trace.counters]
    drawn = [
        (name, figures.each_step(trace.counters[name], trace.first, name, name))
        for name in DRAWN
        if name in trace.counters and trace.counters[name].any()
    ]
    return environment.get_template("run.html.j2").render(
        name=request.name,
        target=trace.ran_on,
        figures=[(f"{value:,}", name) for value, name in _figures(events, trace)],
        raster=raster,
        fields=[(name, figures.probed(name, *of, trace.first, name)) for name, of in _probed(request, trace).items()],
        drawn=drawn,
        counters=[(name, f"{value:,}") for name, value in counters],
        facts=[
            ("Network", sizes),
            ("Chip", program.params.name),
            ("Ran on", trace.ran_on),
            ("Time", f"{seconds:.2f} s"),
            ("Versions", f"ganglion {__version__}, numpy {np.__version__}"),
        ],
    )


def _figures(events: Events, trace: Trace) -> list[tuple[int, str]]:
    return [
        (trace.steps, "steps"),
        (int(events.axon.size), "events in"),
        (len(trace.spikes), "spikes"),
        (trace.total("synops"), "synaptic operations"),
        (int(np.unique(trace.spikes[:, 1]).size), "neurons that fired"),
    ]


def _probed(request: JobRequest, trace: Trace) -> dict[str, tuple[IntArray, list[int]]]:
    """Fields of state, each with what it was and the numbers of its neurons; membranes where all state was kept."""
    asked = request.record.probes.items()
    found = {str(name): (trace.probes[name][:, :SHOWN], numbers[:SHOWN]) for name, numbers in asked if numbers}
    if trace.states and not found:
        busiest = np.argsort(-trace.counts(), kind="stable")[:SHOWN]
        found["v"] = np.stack([state.v[busiest] for state in trace.states]), busiest.tolist()
    return found
