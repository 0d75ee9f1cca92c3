"""The page of a task that was learned."""

from pathlib import Path
from typing import Any

from ganglion.jobs.learn import TASKS, LearnedResult
from ganglion.jobs.report import figures
from ganglion.jobs.report.page import environment
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.files import write_text

FRAMES_PER_SECOND = 8

NARROW, WIDE = 120, 420
"""Least widths of a picture, in pixels of the page, where there are several and where there is one."""


def write_report(result: LearnedResult, path: Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        OSError: the folder does not exist or cannot be written to.
    """
    write_text(path, render(result))


def render(result: LearnedResult) -> str:
    """The page."""
    found, task = result.found, TASKS[result.task]
    wanted = found.wanted if result.usual else None
    program = found.program
    network = f"{program.inputs:,} inputs, {program.neurons:,} neurons, {program.synapses:,} synapses, "
    return environment().get_template("learned.html.j2").render(
        task=result.task,
        what=task.what,
        score=found.score,
        measure=found.measure,
        wanted=wanted,
        target=result.target,
        length=f"{result.length:,}",
        unit=task.unit,
        seed=result.seed,
        counters=[(name, f"{value:,}") for name, value in found.counters.items()],
        curves=[figures.curve(each, wanted if not k else None, f"curve{k}") for k, each in enumerate(found.curves)],
        film=_film(found.film) if len(found.film) else None,
        width=WIDE if len(found.pictures) == 1 else NARROW,
        pictures=[(name, figures.png(before), figures.png(after)) for name, (before, after) in found.pictures.items()],
        facts=[
            *found.facts.items(),
            ("network", network + f"{program.ruled.size:,} of them plastic"),
            *zip(("learning", "least energy", "projected energy"), result.energy.lines(), strict=True),
            ("time", f"{result.seconds:.1f} s"),
            ("command", result.command),
        ],
    )


def _film(film: IntArray) -> dict[str, Any]:
    """What an animation of SVG takes: a value per picture, in rows and columns of the field."""
    column, row, paddle = ((values + 0.5).tolist() for values in film.T)
    return {
        "count": len(film),
        "seconds": len(film) / FRAMES_PER_SECOND,
        "column": ";".join(map(str, column)),
        "row": ";".join(map(str, row)),
        "paddle": ";".join(str(value - 2) for value in paddle),
    }
