"""Sound as events: a bank of gammatone filters, and a spike where the output of a band rises through a level.

Each band is a fourth-order gammatone filter (Slaney 1993, as scipy.signal.gammatone has it), evenly spaced on the ERB
scale of Glasberg and Moore (1990). Every band has one axon per level, as the fibres of the auditory nerve differ in
threshold; it spikes, once, in each step of 10 ms in which the peak of the filtered sound is above the level. The
longest period that passes is 8.3 ms, so a sound above a level rises through it in every step. Levels are decibels
below the highest peak of the recording.
"""

import numpy as np
import numpy.typing as npt

from ganglion.model.networks.speech.recordings import RATE
from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import EventError
from ganglion.model.spec.events import Events

BANDS = 24

LOWEST, HIGHEST = 120.0, 3600.0
"""Centre frequencies of the outer bands, Hz."""

STEP_SAMPLES = 80
"""Samples of a step: 10 ms."""

QUIETEST = -60.0
"""Peaks are cut off here, dB."""

LEVELS = np.arange(-42.0, 0.0, 6.0)
"""Levels, dB below the highest peak of a recording, shape (levels,)."""

AXONS = BANDS * LEVELS.size


def centre_frequencies() -> FloatArray:
    """Centres of the bands, Hz, evenly spaced in ERB number: 21.4 log10(1 + 0.00437 f). Shape (24,)."""
    lowest, highest = 21.4 * np.log10(1 + 0.00437 * np.array([LOWEST, HIGHEST]))
    return np.asarray((10 ** (np.linspace(lowest, highest, BANDS) / 21.4) - 1) / 0.00437)


def band_peaks(audio: npt.ArrayLike) -> FloatArray:
    """Peaks of the bands, step by step, in dB below the highest: shape (steps, 24).

    Args:
        audio: samples at 8 kHz, shape (samples,); the last step is filled up with silence.

    Raises:
        EventError: another shape, no samples, or silence throughout.
    """
    from scipy.signal import gammatone, lfilter  # seldom needed, and long to load

    samples = np.asarray(audio, dtype=np.float64)
    if samples.ndim != 1 or not samples.size:
        raise EventError(f"a recording is samples of shape (samples,), got shape {samples.shape}")
    if not np.isfinite(samples).all() or not samples.any():
        raise EventError("a recording must have finite samples, and not only silence")
    steps = -(-samples.size // STEP_SAMPLES)
    padded = np.zeros(steps * STEP_SAMPLES)
    padded[: samples.size] = samples
    peaks = np.empty((steps, BANDS))
    for band, frequency in enumerate(centre_frequencies()):
        filtered = lfilter(*gammatone(frequency, "iir", fs=RATE), padded)
        peaks[:, band] = filtered.reshape(steps, STEP_SAMPLES).max(axis=1)
    decibels: FloatArray = 20 * np.log10(np.maximum(peaks / peaks.max(), 1e-6))
    return np.maximum(decibels, QUIETEST)


def cochleagram(audio: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """A recording as people look at it: its bands over time, the highest on top, shape (24, steps), 0 … 1.

    Raises:
        EventError: as `band_peaks`.
    """
    return 1 - band_peaks(audio).T[::-1] / QUIETEST


def spikes_at_levels(peaks: FloatArray) -> npt.NDArray[np.uint8]:
    """Spikes, 0 or 1, shape (..., bands * levels), of peaks in dB, shape (..., bands); level by level in each band."""
    spikes = (peaks[..., None] > LEVELS).astype(np.uint8)
    return spikes.reshape(*peaks.shape[:-1], AXONS)


def encode_audio(audio: npt.ArrayLike, rest: int = 0) -> Events:
    """The events of a recording, one step per 10 ms, and `rest` steps without any behind them.

    Raises:
        EventError: as `band_peaks`.
    """
    spikes = spikes_at_levels(band_peaks(audio))
    return Events.from_raster(np.concatenate((spikes, np.zeros((rest, AXONS), dtype=np.uint8))))
