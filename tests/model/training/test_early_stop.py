"""Early stop: answers come sooner where they are clear, and as sure as they say."""

import numpy as np
import pytest

from ganglion.model.spec.arrays import BoolArray, IntArray
from ganglion.model.spec.errors import EventError
from ganglion.model.training.early_stop import EarlyStop

STEPS, CLASSES = 20, 3


def answers(count: int, seed: int) -> tuple[BoolArray, IntArray]:
    """Spikes of which the right class has some more: half of the samples are clear, and half are not."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, CLASSES, count)
    lead = np.where(np.arange(count) % 2, 0.6, 0.06)
    rates = 0.2 + lead[:, np.newaxis] * (np.arange(CLASSES) == label[:, np.newaxis])
    return rng.random((STEPS, count, CLASSES)) < rates, label


def test_a_clear_sample_ends_sooner_and_confidence_is_what_it_says() -> None:
    stop = EarlyStop(*answers(4000, 1))
    spikes, label = answers(4000, 2)
    whole = stop.stop(spikes, 1.0)
    early = stop.stop(spikes, 0.9)
    clear, doubtful = early.steps[1::2], early.steps[::2]
    assert clear.mean() < 0.6 * doubtful.mean() and early.steps.mean() < 0.8 * whole.steps.mean()
    assert early.accuracy(label) > whole.accuracy(label) - 0.06
    assert early.calibration_error(label) < 0.03
    sure = early.confidence >= 0.9
    assert (early.answer == label)[sure].mean() == pytest.approx(early.confidence[sure].mean(), abs=0.02)
    assert np.array_equal(stop.stop(spikes, 0.0).steps, np.ones(4000))


def test_what_does_not_match_is_refused() -> None:
    spikes, label = answers(10, 1)
    for message, call in (
        ("10 samples need as many labels", lambda: EarlyStop(spikes, label[1:])),
        ("classes from two on", lambda: EarlyStop(spikes[:, :, :1], label)),
        ("there must be 20 steps", lambda: EarlyStop(spikes, label).stop(spikes[1:], 0.5)),
        ("confidence must be 0 to 1, not 2", lambda: EarlyStop(spikes, label).stop(spikes, 2)),
    ):
        with pytest.raises(EventError, match=message):
            call()
