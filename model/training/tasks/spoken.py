"""Spoken digits (Free Spoken Digit Dataset), a recurrent network: gradients through all of time, and truncated ones.

What a filter bank hears of a recording is stretched to one length, and is varied anew whenever it is learned from. The
test set is that of the dataset, recordings 0 to 4 of each digit and speaker.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ganglion.model.compiler.network.network import Network
from ganglion.model.networks.speech.filter_bank import AXONS, band_peaks, spikes_at_levels
from ganglion.model.networks.speech.recordings import CLASSES, TEST_RECORDINGS, load_recordings
from ganglion.model.networks.speech.spoken import SPEEDS
from ganglion.model.networks.speech.variation import resampled, varied
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.params import PRESETS
from ganglion.model.training.study import Claim, Lines, Outcome, Session, Study, Trial
from ganglion.model.training.tasks.counted import trained

STEPS, TAIL = 36, 4
"""Steps of a recording, and behind it."""

HIDDEN = 96

APART = 2 * TEST_RECORDINGS
"""Recordings from those of the test set up to this one are set apart."""

WHOLE, TRUNCATED = "gradients through time", "truncated gradients"


def stretched(peaks: FloatArray) -> FloatArray:
    """Peaks of each band in `STEPS` steps."""
    return resampled(peaks, np.linspace(0, len(peaks) - 1, STEPS))


def raster(peaks: Sequence[FloatArray]) -> Tensor:
    """Events, shape (steps, recordings, 168)."""
    heard = spikes_at_levels(np.stack([stretched(each) for each in peaks], axis=1))
    return torch.as_tensor(np.pad(heard, ((0, TAIL), (0, 0), (0, 0))), dtype=torch.float32)


@lru_cache(maxsize=1)
def heard(folder: Path | None) -> tuple[list[FloatArray], IntArray, IntArray]:
    """What the filter bank hears of each recording; labels, and which recording of a digit and speaker it is."""
    recordings = load_recordings(folder)
    peaks = [band_peaks(audio) for audio in recordings.audio]
    return peaks, recordings.label.astype(np.int64), recordings.number.astype(np.int64)


def network(seed: int) -> Network:
    """168-96-10, recurrent; one half of the hidden neurons forgets sooner than the other."""
    rng = np.random.default_rng([seed, 11])
    made = Network("spoken")
    source = made.input("fibres", AXONS)
    shares = [2.0**-shift for shift in SPEEDS.values()]
    hidden = made.population("hidden", HIDDEN, threshold=1.0, decay=np.resize(shares, HIDDEN), reset="subtract")
    last = made.population("out", CLASSES, threshold=1.0, decay=shares[-1], reset="subtract")
    made.all_to_all(source, hidden, rng.normal(0.005, 0.06, (HIDDEN, AXONS)))
    made.all_to_all(hidden, hidden, rng.normal(0, 0.04, (HIDDEN, HIDDEN)))
    made.all_to_all(hidden, last, rng.normal(0.01, 0.1, (CLASSES, HIDDEN)))
    made.output(last)
    return made


def run(trial: Trial, session: Session) -> Outcome:
    """One trial."""
    peaks, label, number = heard(session.data)
    parts = (number >= APART, (number >= TEST_RECORDINGS) & (number < APART), number < TEST_RECORDINGS)
    learned, apart, told = (np.flatnonzero(part) for part in parts)

    def learn(chosen: IntArray) -> Tensor:
        # From PyTorch's generator, which begins each epoch anew: so a training that goes on draws the same.
        draws = np.random.default_rng(int(torch.randint(1 << 62, ())))
        return raster([varied(peaks[each], draws) for each in learned[chosen]])

    return trained(
        network(trial.seed),
        trial,
        session,
        learn=(learn, label[learned]),
        test=(raster([peaks[each] for each in told]), label[told]),
        apart=(raster([peaks[each] for each in apart]), label[apart]),
        params=PRESETS["icebreaker"],
        batch=50,
        rate=0.004,
        gain=0.3,
        truncated=trial.arm == TRUNCATED,
        ships=trial.arm == TRUNCATED,
    )


def trials(seed: int) -> Sequence[Trial]:
    """Those of a seed."""
    return [Trial(panel="spoken", arm=arm, points=(float(HIDDEN),), seed=seed) for arm in (TRUNCATED, WHOLE)]


def claims(lines: Lines) -> Sequence[Claim]:
    """What has to be shown."""
    return [Claim(what=f"accuracy, {TRUNCATED}", got=lines["spoken"][TRUNCATED].at(HIDDEN), wanted=0.9)]


STUDY = Study(
    what="spoken digits, through the chip",
    measure="share of the 300 recordings of the test set that are told rightly",
    panels={"spoken": "hidden neurons"},
    epochs=15,
    trials=trials,
    run=run,
    claims=claims,
)
