"""Sound as events: the bank, the levels, and what is refused; and the recordings that it hears."""

from pathlib import Path

import numpy as np
import pytest

from ganglion.model.networks.speech.filter_bank import (
    AXONS,
    BANDS,
    LEVELS,
    band_peaks,
    centre_frequencies,
    encode_audio,
    spikes_at_levels,
)
from ganglion.model.networks.speech.recordings import RATE, load_recordings, split
from ganglion.model.spec.errors import EventError, FormatError


def tone(frequency: float, seconds: float = 0.2) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(int(seconds * RATE)) / RATE)


@pytest.mark.parametrize("band", [0, 7, 15, 23])
def test_a_tone_is_loudest_in_its_band(band: int) -> None:
    peaks = band_peaks(tone(centre_frequencies()[band]))
    assert peaks.shape == (20, BANDS)
    assert peaks.max() == 0
    assert (peaks[10:].argmax(axis=1) == band).all()
    assert peaks[10:, band].min() > -1, "the tone is steady"


def test_loudness_does_not_matter_and_relations_do() -> None:
    low, high = centre_frequencies()[[5, 20]]
    sound = tone(low) + 0.1 * tone(high)
    peaks = band_peaks(sound)
    np.testing.assert_allclose(band_peaks(300 * sound), peaks, atol=0.01)
    np.testing.assert_allclose(peaks[10:, 20] - peaks[10:, 5], -20, atol=1.5)


def test_each_level_spikes_where_the_peak_is_above_it() -> None:
    peaks = np.random.default_rng(4).uniform(-60, 0, (7, BANDS))
    spikes = spikes_at_levels(peaks)
    assert spikes.shape == (7, AXONS)
    for step, band, level in ((0, 0, 0), (3, 11, 4), (6, 23, 6)):
        assert spikes[step, band * LEVELS.size + level] == (peaks[step, band] > LEVELS[level])
    assert spikes.sum() == sum(int(peak > level) for peak in peaks.ravel() for level in LEVELS)


def test_events_of_a_recording_are_its_steps_and_a_rest() -> None:
    sound = tone(440.0, 0.1234)
    events = encode_audio(sound, rest=5)
    assert events.steps == 13 + 5
    spikes = spikes_at_levels(band_peaks(sound))
    assert [events[step].tolist() for step in range(13)] == [np.flatnonzero(row).tolist() for row in spikes]
    assert events.start[13] == events.axon.size


def test_what_cannot_be_heard_is_refused() -> None:
    for sound, message in (
        (np.zeros((2, 3)), r"got shape \(2, 3\)"),
        (np.zeros(0), r"got shape \(0,\)"),
        (np.zeros(100), "not only silence"),
        (np.array([1.0, np.nan]), "finite"),
    ):
        with pytest.raises(EventError, match=message):
            encode_audio(sound)


def test_the_official_split() -> None:
    recordings = load_recordings()
    learned, test = split(recordings)
    assert (len(learned), len(test)) == (2700, 300)
    assert set(test.number) == set(range(5))
    for digit in range(10):
        for speaker in np.unique(recordings.speaker):
            assert ((test.label == digit) & (test.speaker == speaker)).sum() == 5
    first = np.flatnonzero(recordings.number < 5)[0]
    np.testing.assert_array_equal(test.audio[0], recordings.audio[first])


def test_files_that_are_not_the_recordings_are_named(tmp_path: Path) -> None:
    (tmp_path / "fsdd").mkdir()
    file = tmp_path / "fsdd" / "fsdd.npz"
    good = {
        "audio": np.ones(10, dtype=np.int16),
        "offset": np.array([0, 4, 10]),
        "label": np.zeros(2, dtype=np.uint8),
        "speaker": np.array(["a", "b"]),
        "recording": np.zeros(2, dtype=np.uint8),
        "rate": np.array(8000),
    }
    np.savez(file, **good)
    assert [audio.size for audio in load_recordings(tmp_path).audio] == [4, 6]
    for change, message in (
        ({"offset": np.array([0, 4, 9])}, "offset must ascend from 0 to the 10 samples"),
        ({"rate": np.array(16000)}, "the rate must be 8000 samples per second, not 16000"),
    ):
        np.savez(file, **{**good, **change})
        with pytest.raises(FormatError, match=message):
            load_recordings(tmp_path)
    file.write_bytes(file.read_bytes()[:-50])
    with pytest.raises(FormatError, match="is not a whole set of recordings"):
        load_recordings(tmp_path)
