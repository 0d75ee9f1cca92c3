"""The page of a study."""

from pathlib import Path

from ganglion import __version__
from ganglion.jobs.report import figures
from ganglion.jobs.report.page import environment
from ganglion.jobs.study import Studied
from ganglion.model.spec.files import write_text


def write_report(result: Studied, path: Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        OSError: the folder does not exist or cannot be written to.
    """
    write_text(path, render(result))


def render(result: Studied) -> str:
    """The page."""
    first = [(trial, outcome) for trial, outcome in result.trials if trial.seed == result.seeds[0] and outcome.curve]
    return environment().get_template("studied.html.j2").render(
        name=result.name,
        what=result.study.what,
        measure=result.study.measure,
        target=result.target,
        seeds=result.seeds,
        epochs=result.epochs,
        claims=result.claims,
        panels=[
            figures.lines(arms, result.study.panels[panel], result.study.measure, f"panel{k}")
            for k, (panel, arms) in enumerate(result.lines.items())
        ],
        curves=figures.losses([(trial.name, outcome.curve) for trial, outcome in first], "losses") if first else None,
        facts=[
            *result.figures.items(),
            ("trials", f"{len(result.trials)}"),
            ("time", f"{result.seconds:.0f} s"),
            ("version", f"Ganglion {__version__}"),
            ("command", result.command),
        ],
    )
