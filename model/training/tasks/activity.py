"""What a wrist does, from a smart watch: BasicMotions (4 activities, 40 recordings to learn from and 40 to tell).

The data is in the wheel of aeon (`pip install --no-deps aeon`), of which nothing else is needed. A channel fires where
it has moved by a threshold (send on delta).
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ganglion.model.compiler.network.network import Network
from ganglion.model.interchange.encode import delta
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.errors import FormatError, ToolError
from ganglion.model.training.study import Claim, Lines, Outcome, Session, Study, Trial
from ganglion.model.training.tasks.counted import Part, raster, trained

CHANNELS, STEPS = 6, 100

ACTIVITIES = ("Standing", "Running", "Walking", "Badminton")

THRESHOLDS = (0.3, 1.5)
"""In standard deviations of a channel: each sends with a fine one and with a coarse one."""

HIDDEN = 60

FOLDER = "datasets/data/BasicMotions"
"""In the package aeon."""


def data_folder(folder: Path | None) -> Path:
    """Where the files are.

    Raises:
        ToolError: nowhere; says how to get them.
    """
    package = find_spec("aeon")
    packaged = (package.submodule_search_locations if package else None) or ()
    for place in [folder] if folder else [Path(each) / FOLDER for each in packaged]:
        if (place / "BasicMotions_TRAIN.ts").is_file():
            return place
    raise ToolError("BasicMotions is in the wheel of aeon, which is not there: pip install --no-deps aeon")


def recordings(path: Path) -> tuple[FloatArray, IntArray]:
    """A file of recordings: shape (recordings, steps, channels), and activities.

    Raises:
        FormatError: it is none of BasicMotions.
    """
    lines = [line for line in path.read_text().splitlines() if line and line[0] not in "#@"]
    signals, labels = [], []
    for number, line in enumerate(lines):
        *channels, name = line.split(":")
        try:
            values = np.array([[float(value) for value in channel.split(",")] for channel in channels])
            if name.strip() not in ACTIVITIES:
                raise ValueError(f"no activity is called '{name.strip()}'")
            labels.append(ACTIVITIES.index(name.strip()))
        except ValueError as error:
            raise FormatError(f"{path} is no file of BasicMotions: recording {number}: {error}") from error
        if values.shape != (CHANNELS, STEPS):
            raise FormatError(f"{path}: recording {number} must be {CHANNELS} channels of {STEPS}, not {values.shape}")
        signals.append(values.T)
    return np.stack(signals), np.array(labels, dtype=np.int64)


def encoded(signals: FloatArray, spread: FloatArray) -> IntArray:
    """Events, shape (steps, recordings, 24)."""
    made = []
    for signal in signals:
        parts = [delta(signal / spread, threshold).to_raster(2 * CHANNELS) for threshold in THRESHOLDS]
        made.append(np.minimum(np.concatenate(parts, axis=1), 3))
    return np.stack(made, axis=1)


def network(seed: int) -> Network:
    """24-60-4; one half of the hidden neurons forgets sooner than the other."""
    rng = np.random.default_rng([seed, 10])
    made = Network("activity")
    inputs, classes = 2 * CHANNELS * len(THRESHOLDS), len(ACTIVITIES)
    source = made.input("wrist", inputs)
    decay = np.where(np.arange(HIDDEN) % 2, 0.25, 0.05)
    hidden = made.population("hidden", HIDDEN, threshold=1.0, decay=decay, reset="subtract")
    # Who stands still sends next to nothing: a bias lets outputs fire without input.
    last = made.population("out", classes, threshold=1.0, decay=0.05, bias=0.1, reset="subtract")
    made.all_to_all(source, hidden, rng.normal(0.02, 0.15, (HIDDEN, inputs)))
    made.all_to_all(hidden, last, rng.normal(0.01, 0.06, (classes, HIDDEN)))
    made.output(last)
    return made


def run(trial: Trial, session: Session) -> Outcome:
    """One trial; confidence is calibrated on every fourth recording, which nothing is learned from."""
    place = data_folder(session.data)
    (signals, label), (told, answer) = (recordings(place / f"BasicMotions_{part}.ts") for part in ("TRAIN", "TEST"))
    spread = signals.std(axis=(0, 1))
    aside = np.arange(label.size) % 4 == trial.seed % 4
    events = raster(encoded(signals, spread))
    learn: Part = events[:, ~aside], label[~aside]
    apart: Part = events[:, aside], label[aside]
    test: Part = raster(encoded(told, spread)), answer
    made = network(trial.seed)
    return trained(
        made,
        trial,
        session,
        learn=learn,
        test=test,
        apart=apart,
        train=("weight", "bias"),
        batch=10,
        rate=0.01,
        gain=0.15,
        ships=True,
    )


def trials(seed: int) -> Sequence[Trial]:
    """That of a seed."""
    return [Trial(panel="activity", arm="in the loop", points=(float(HIDDEN),), seed=seed)]


def claims(lines: Lines) -> Sequence[Claim]:
    """What has to be shown."""
    return [Claim(what="accuracy", got=lines["activity"]["in the loop"].at(HIDDEN), wanted=0.95)]


STUDY = Study(
    what="what a wrist does, from a smart watch",
    measure="share of the 40 test recordings that are told rightly",
    panels={"activity": "hidden neurons"},
    epochs=30,
    trials=trials,
    run=run,
    claims=claims,
)
