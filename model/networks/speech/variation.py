"""Recordings varied for training, after the filter bank: faster or slower, higher or lower, brighter or darker."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ganglion.model.networks.speech.filter_bank import BANDS, QUIETEST, spikes_at_levels
from ganglion.model.spec.arrays import FloatArray, IntArray

TEMPO = 1.25
"""Largest factor on the length."""

PITCH = 1.0
"""Largest shift, bands."""

LOUDNESS, TILT, JITTER = 3.0, 4.0, 0.7
"""Largest change of all bands alike, and of the outer ones against the middle, and deviation of each peak, dB."""

LATE = 4
"""A recording starts up to so many steps late, less one."""

LONGEST = 110
"""Steps at which varied recordings are cut off."""

Peaks = FloatArray


def varied(peaks: Peaks, draws: np.random.Generator) -> Peaks:
    """Another recording of the same word: peaks in dB, shape (steps, 24), from such peaks."""
    steps = max(8, round(len(peaks) * TEMPO ** draws.uniform(-1, 1)))
    slower = resampled(peaks, np.linspace(0, len(peaks) - 1, steps))
    shifted = resampled(slower.T, np.clip(np.arange(BANDS) + draws.uniform(-PITCH, PITCH), 0, BANDS - 1)).T
    tilt = draws.uniform(-TILT, TILT) * np.linspace(-1, 1, BANDS)
    louder = shifted + draws.uniform(-LOUDNESS, LOUDNESS) + tilt + draws.normal(0, JITTER, shifted.shape)
    return np.concatenate((np.full((draws.integers(LATE), BANDS), QUIETEST), louder))[:LONGEST]


def resampled(values: Peaks, at: FloatArray) -> Peaks:
    """Rows between rows, by linear interpolation."""
    low = np.minimum(at.astype(np.int64), len(values) - 2)
    share = (at - low)[:, None]
    return np.asarray(values[low] * (1 - share) + values[low + 1] * share)


def rasters(recordings: Sequence[Peaks]) -> tuple[npt.NDArray[np.float32], IntArray]:
    """Spikes of several recordings, shape (longest, recordings, axons), and the steps of each."""
    steps = np.array([len(peaks) for peaks in recordings])
    together = np.full((steps.max(), len(recordings), BANDS), QUIETEST)
    for number, peaks in enumerate(recordings):
        together[: len(peaks), number] = peaks
    return spikes_at_levels(together).astype(np.float32), steps


def batches_alike(steps: IntArray, size: int, draws: np.random.Generator) -> list[IntArray]:
    """Recordings in batches of about one length, drawn anew each time: numbers, shape (size,) each."""
    order = np.argsort(steps * draws.uniform(0.7, 1.3, steps.size))
    count = steps.size // size
    batches = order[draws.integers(steps.size - count * size + 1) :][: count * size].reshape(count, size)
    return list(draws.permutation(batches))
