"""Which way a scene moves, from a simulated event camera: what delays of many lengths are worth.

Scenes are smooth noise that moves up, down, left or right, at a speed of its own, in front of 8 x 8 pixels. The camera
is simulated (after Rebecq et al. 2018, "ESIM"): a pixel fires where the logarithm of its brightness has changed by a
threshold since its last event, and thresholds differ from pixel to pixel. Neurons forget within a few steps, so without
delays they cannot compare what was here with what is there now.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ganglion.model.compiler.network.network import Network
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.training.study import Claim, Lines, Outcome, Session, Study, Trial
from ganglion.model.training.tasks.counted import Part, joined, raster, trained

SIDE, STEPS = 8, 24

HIDDEN = 48

LONGEST = 12
"""Steps of the longest delay."""

CONTRAST = 0.25
"""Of the logarithm of brightness, for an event."""

UNLIKE = 0.03
"""Standard deviation of that, from pixel to pixel (Orchard et al. 2015)."""

LEARNED, APART, TOLD = 600, 200, 400

WAYS = ((0, 1), (0, -1), (1, 0), (-1, 0))
"""Rows and columns that a scene moves by: right, left, down, up."""

OFF, ON = "delays of one step", f"delays of 1 to {LONGEST} steps"


def scenes(count: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
    """Brightness, shape (steps, scenes, side, side), 0 … 1, and which way each moves."""
    way = rng.integers(0, len(WAYS), count)
    speed = rng.uniform(0.25, 0.75, count)
    waves, size = 6, 2 * np.pi / rng.uniform(3, 8, (count, 6))
    angle, phase = rng.uniform(0, 2 * np.pi, (2, count, waves))
    row, column = np.mgrid[:SIDE, :SIDE][:, np.newaxis, :, :, np.newaxis]
    seen = []
    for step in range(STEPS):
        shift = np.array(WAYS)[way] * (speed * step)[:, np.newaxis]
        y, x = (axis - shift[:, k, np.newaxis, np.newaxis, np.newaxis] for k, axis in enumerate((row, column)))
        turned = x * np.cos(angle)[:, np.newaxis, np.newaxis] + y * np.sin(angle)[:, np.newaxis, np.newaxis]
        wave = np.sin(turned * size[:, np.newaxis, np.newaxis] + phase[:, np.newaxis, np.newaxis])
        seen.append(0.5 + 0.45 * np.tanh(wave.mean(axis=3) * 2))
    return np.stack(seen), way.astype(np.int64)


def camera(brightness: FloatArray, rng: np.random.Generator) -> IntArray:
    """Events, shape (steps, scenes, 2 * pixels): of pixels that got brighter, and of those that got darker."""
    level = np.log(brightness + 0.05).reshape(*brightness.shape[:2], -1)
    threshold = CONTRAST * (1 + UNLIKE * rng.standard_normal(level.shape[2]))
    memory, fired = level[0].copy(), np.zeros((*level.shape[:2], 2 * level.shape[2]), dtype=np.int64)
    for step, now in enumerate(level):
        change = np.trunc((now - memory) / threshold).astype(np.int64)
        memory += change * threshold
        fired[step] = np.concatenate([change > 0, change < 0], axis=1)
    return fired


@lru_cache(maxsize=1)
def parts(seed: int) -> tuple[Part, Part, Part]:
    """To learn from, to be set apart, and to tell."""
    rng = np.random.default_rng([seed, 8])
    brightness, way = scenes(LEARNED + APART + TOLD, rng)
    whole = raster(camera(brightness, rng)), way
    learn, rest = joined(whole, LEARNED)
    return (learn, *joined(rest, APART))


def network(seed: int, *, delays: bool) -> Network:
    """128-48-4, which forgets within a few steps."""
    rng = np.random.default_rng([seed, 9])
    made = Network("motion")
    source = made.input("camera", 2 * SIDE * SIDE)
    hidden = made.population("hidden", HIDDEN, threshold=1.0, decay=0.5, reset="subtract")
    last = made.population("out", len(WAYS), threshold=1.0, decay=0.1, reset="subtract")
    shape = (HIDDEN, source.size)
    delay = rng.integers(1, LONGEST + 1, shape)
    made.all_to_all(source, hidden, rng.normal(0.02, 0.12, shape), delay=delay if delays else 1)
    made.all_to_all(hidden, last, rng.normal(0.02, 0.2, (len(WAYS), HIDDEN)))
    made.output(last)
    return made


def run(trial: Trial, session: Session) -> Outcome:
    """One trial."""
    learn, apart, test = parts(trial.seed)
    made = network(trial.seed, delays=trial.arm == ON)
    return trained(
        made, trial, session, learn=learn, test=test, apart=apart, batch=50, rate=0.01, ships=trial.arm == ON
    )


def trials(seed: int) -> Sequence[Trial]:
    """Those of a seed."""
    return [Trial(panel="delays", arm=arm, points=(float(HIDDEN),), seed=seed) for arm in (OFF, ON)]


def claims(lines: Lines) -> Sequence[Claim]:
    """What has to be shown."""
    off, on = (lines["delays"][arm].at(HIDDEN) for arm in (OFF, ON))
    return [Claim(what="accuracy with delays above that without", got=on - off, wanted=0.0)]


STUDY = Study(
    what="which way a scene moves, from a simulated event camera",
    measure=f"share of the {TOLD} test scenes that are told rightly",
    panels={"delays": "hidden neurons"},
    epochs=20,
    trials=trials,
    run=run,
    claims=claims,
)
