"""Yin-Yang by the times of first spikes, with exact gradients for weights and delays: what delays are worth.

A point is four events and one that always comes at the same time; the class is the output that fires first (Göltz et
al. 2021; with delays Göltz et al. 2025, "DelGrad"). BrainScaleS-2 reads 95.0 % with 120 hidden neurons.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ganglion.model.compiler.network.network import Network
from ganglion.model.interchange.torch.crossing import time_loss
from ganglion.model.interchange.torch.first_spikes import FirstSpikes
from ganglion.model.interchange.torch.session import fit
from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.params import PRESETS
from ganglion.model.training.study import Claim, Lines, Outcome, Session, Study, Trial
from ganglion.model.training.tasks.yin_yang import points

CHIP = PRESETS["board"].replace(name="yinyang", refractory_bits=9, delay_slots=64)
"""The board's core, with longer delays, and refractory periods as long as a run."""

TAU = 48
"""Steps of membranes and of currents."""

STEPS = 256

BEGIN, SPAN = 2, 96
"""Of the steps in which a coordinate of 0, and of 1, comes: the first, and how many."""

LEARNED, TOLD = (5000, 42), (1000, 40)
"""How many points, and from which seed."""

WEIGHTS, DELAYS = "weights", "weights and delays"

HIDDEN = (120, 30)

SMALL = (30,)
"""Of those whose delays are trained."""

HEADROOM = 7.0
"""Neurons become sure with weights that are much larger than those that they begin with."""

SILENT = (0.3, 0.9)
"""A neuron that fires for a smaller share of a batch than this gets heavier: a hidden one, and an output."""

HEAVIER = 0.0003
"""By this, in thresholds, with every batch."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How it is trained."""

    rate: float = 0.002
    """Of weights, in thresholds."""
    delay_rate: float = 0.2
    """Of delays, in steps."""
    tau: float = 8.0
    """Steps by which the right output should lead."""
    early: float = 0.5
    batch: int = 100


def encoded(coordinates: FloatArray) -> Tensor:
    """Times of five axons, shape (points, 5)."""
    late = BEGIN + SPAN * coordinates
    return torch.tensor(np.concatenate([late, np.full((len(late), 1), float(BEGIN))], axis=1), dtype=torch.float32)


def network(hidden: int, seed: int, *, delays: bool) -> Network:
    """5-hidden-3; delays begin at random where they are trained."""
    rng = np.random.default_rng([seed, hidden])
    made = Network("yin-yang")
    source = made.input("point", 5)
    middle, last = (
        made.population(name, count, threshold=1.0, decay=1 / TAU, current_decay=1 / TAU, refractory=STEPS)
        for name, count in (("hidden", hidden), ("out", 3))
    )
    for first, then, mean, spread in ((source, middle, 1.5, 0.8), (middle, last, 60 / hidden, 96 / hidden)):
        shape = (then.size, first.size)
        delay = rng.integers(1, 12, shape) if delays else np.ones(shape)
        made.all_to_all(first, then, rng.normal(mean, spread, shape) / TAU, delay=delay)
    made.output(last)
    return made


def run(trial: Trial, session: Session, recipe: Recipe | None = None) -> Outcome:
    """One trial."""
    how = recipe or Recipe()
    hidden, delays = int(trial.points[0]), trial.arm == DELAYS
    train = ("weight", "delay") if delays else ("weight",)
    made = network(hidden, trial.seed, delays=delays)
    chip = FirstSpikes(made, session.open_target, steps=STEPS, params=CHIP, train=train, headroom=HEADROOM)
    (learn, label), (test, answer) = (
        (encoded(coordinates), torch.as_tensor(label)) for coordinates, label in (points(*LEARNED), points(*TOLD))
    )

    def heavier() -> None:
        """Neurons that hardly ever fire have no gradient."""
        fired = torch.isfinite(chip.times).float().mean(dim=0)
        with torch.no_grad():
            for weight, projection, share, least in zip(
                chip.weights, made.projections, (fired[:hidden], fired[hidden:]), SILENT, strict=True
            ):
                weight += HEAVIER * (share < least)[torch.as_tensor(projection.post)]

    curve = fit(
        chip,
        lambda chosen: time_loss(
            chip(learn[chosen]), label[chosen], tau=how.tau, never=float(STEPS), early=how.early
        ),
        session,
        samples=len(label),
        batch=how.batch,
        rate=lambda name: how.delay_rate if name.startswith("delays") else how.rate,
        seed=trial.seed,
        after=heavier,
    )
    with torch.no_grad():
        score = float((chip(test).argmin(dim=1) == answer).float().mean())
    parameters = sum(value.numel() for value in chip.parameters() if value.requires_grad)
    if (trial.arm, hidden) == SHIPPED:
        session.keep(chip.program())
    chip.close()
    return Outcome(scores=(score,), curve=tuple(curve), figures={f"parameters with {hidden} hidden": parameters})


SHIPPED = (DELAYS, 30)
"""The network that `--weights` writes."""


def trials(seed: int) -> Sequence[Trial]:
    """Those of a seed."""
    pairs = [(DELAYS, hidden) for hidden in SMALL] + [(WEIGHTS, hidden) for hidden in HIDDEN]
    return [Trial(panel="hidden", arm=arm, points=(float(hidden),), seed=seed) for arm, hidden in pairs]


def claims(lines: Lines) -> Sequence[Claim]:
    """What has to be shown."""
    weights, delays = (lines["hidden"][arm] for arm in (WEIGHTS, DELAYS))
    return [
        Claim(what="accuracy with 120 hidden, weights alone", got=weights.at(120), wanted=0.97),
        Claim(
            what="weights and delays with 30 hidden above weights alone with 120",
            got=delays.at(30) - weights.at(120),
            wanted=0.0,
        ),
    ]


STUDY = Study(
    what="Yin-Yang, by the times of first spikes",
    measure="share of the 1,000 test points that are told rightly",
    panels={"hidden": "hidden neurons"},
    epochs=100,
    trials=trials,
    run=run,
    claims=claims,
)
