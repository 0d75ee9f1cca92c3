"""Recordings varied for training."""

import numpy as np

from ganglion.model.networks.speech.filter_bank import AXONS, BANDS, QUIETEST, spikes_at_levels
from ganglion.model.networks.speech.variation import LATE, LONGEST, TEMPO, batches_alike, rasters, varied


def test_a_variation_is_a_recording_of_nearly_the_same() -> None:
    peaks = np.random.default_rng(1).uniform(-50, 0, (40, BANDS))
    draws = np.random.default_rng(2)
    lengths = []
    for _ in range(50):
        other = varied(peaks, draws)
        assert other.shape[1] == BANDS and 40 / TEMPO <= len(other) <= 40 * TEMPO + LATE
        lengths.append(len(other))
        assert abs(other[other > QUIETEST].mean() - peaks.mean()) < 5
    assert len(set(lengths)) > 10
    np.testing.assert_array_equal(varied(peaks, np.random.default_rng(3)), varied(peaks, np.random.default_rng(3)))
    assert len(varied(np.tile(peaks, (5, 1)), draws)) == LONGEST


def test_rasters_are_silent_behind_the_end() -> None:
    draws = np.random.default_rng(4)
    recordings = [draws.uniform(-50, 0, (steps, BANDS)) for steps in (9, 4)]
    spikes, steps = rasters(recordings)
    assert spikes.shape == (9, 2, AXONS) and steps.tolist() == [9, 4]
    np.testing.assert_array_equal(spikes[:4, 1], spikes_at_levels(recordings[1]))
    assert not spikes[4:, 1].any()


def test_batches_hold_each_recording_once_at_most_and_lengths_alike() -> None:
    steps = np.random.default_rng(5).integers(20, 100, 330)
    batches = batches_alike(steps, 32, np.random.default_rng(6))
    assert len(batches) == 10 and {batch.size for batch in batches} == {32}
    chosen = np.concatenate(batches)
    assert np.unique(chosen).size == chosen.size
    assert np.mean([steps[batch].std() for batch in batches]) < 0.6 * steps.std()
