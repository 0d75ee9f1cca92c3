"""A study: what is trained, in which ways, how often, and what it has to show; its trials are done one by one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.training.state import TrainingState

Open = Callable[[Program], Target]
"""Makes a target of a program; whoever called closes it."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One training, from one seed."""

    panel: str
    """The figure that its scores are for."""
    arm: str
    """The way that it is trained in: a line of the figure."""
    points: tuple[float, ...]
    """Where on the figure's abscissa."""
    seed: int

    @property
    def name(self) -> str:
        """What messages and files call it."""
        return f"{self.panel}: {self.arm} at {', '.join(f'{x:g}' for x in self.points)}, seed {self.seed}"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a trial; plain values."""

    scores: tuple[float, ...]
    """At each of its points, 0 … 1."""
    curve: tuple[float, ...] = ()
    """Loss after each epoch, or each step of a chain."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """What else was measured, by name."""
    besides: Mapping[str, float] = field(default_factory=dict)
    """Scores of other arms at its last point, which came out of the same training."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "scores": list(self.scores),
            "curve": list(self.curve),
            "figures": dict(self.figures),
            "besides": dict(self.besides),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Outcome":
        figures, besides = (
            {str(name): float(value) for name, value in values[part].items()} for part in ("figures", "besides")
        )
        scores, curve = (tuple(float(value) for value in values[name]) for name in ("scores", "curve"))
        return cls(scores=scores, curve=curve, figures=figures, besides=besides)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One way of training in a figure: medians over seeds, and their spread."""

    x: tuple[float, ...]
    low: tuple[float, ...]
    """The least score of any seed at each x."""
    median: tuple[float, ...]
    high: tuple[float, ...]
    """The greatest."""
    seeds: int
    """How many there are at the x that has fewest."""

    def at(self, x: float) -> float:
        """The median at an x."""
        return self.median[self.x.index(x)]


Lines = Mapping[str, Mapping[str, Line]]
"""By panel and arm."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Something that a study has to show."""

    what: str
    got: float
    wanted: float

    @property
    def holds(self) -> bool:
        return self.got >= self.wanted


@dataclass(frozen=True, kw_only=True)
class Session:
    """What a trial is given: where it runs, how long, and where it keeps how far it has come."""

    open_target: Open
    epochs: int
    state: TrainingState
    data: Path | None = None
    """Folder of real data; None looks in the usual places."""
    keep: Callable[[Program], None] = lambda program: None
    """Takes the trained network of an arm that ships one."""
    progress: Progress = SILENT


@dataclass(frozen=True, kw_only=True)
class Study:
    """What `ganglion train` does of one name."""

    what: str
    """In a few words."""
    measure: str
    """What the scores are."""
    panels: Mapping[str, str]
    """Figures, by name: what is along the abscissa."""
    epochs: int
    """Of a trial, usually."""
    trials: Callable[[int], Sequence[Trial]]
    """Those of a seed."""
    run: Callable[[Trial, Session], Outcome]
    claims: Callable[[Lines], Sequence[Claim]]
    """Of the lines of whole panels: what has to be shown, and what was."""


def lines(trials: Sequence[tuple[Trial, Outcome]]) -> dict[str, dict[str, Line]]:
    """The lines of all figures, in the order of the trials."""
    scores: dict[str, dict[str, dict[float, list[float]]]] = {}
    for trial, outcome in trials:
        arm = scores.setdefault(trial.panel, {}).setdefault(trial.arm, {})
        for x, score in zip(trial.points, outcome.scores, strict=True):
            arm.setdefault(x, []).append(score)
        for other, score in outcome.besides.items():
            scores[trial.panel].setdefault(other, {}).setdefault(trial.points[-1], []).append(score)
    return {panel: {arm: _line(points) for arm, points in arms.items()} for panel, arms in scores.items()}


def _line(points: Mapping[float, Sequence[float]]) -> Line:
    x = tuple(sorted(points))
    return Line(
        x=x,
        low=tuple(min(points[each]) for each in x),
        median=tuple(float(np.median(points[each])) for each in x),
        high=tuple(max(points[each]) for each in x),
        seeds=min(len(points[each]) for each in x),
    )
