"""Spoken digits on a few recordings that are made up: both gradients learn."""

import numpy as np
import pytest

from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.networks.speech.filter_bank import BANDS, LEVELS, QUIETEST
from ganglion.model.training.state import TrainingState
from ganglion.model.training.study import Session
from ganglion.model.training.tasks import spoken


def test_both_gradients_learn_which_bands_are_loud(monkeypatch: pytest.MonkeyPatch) -> None:
    label = np.arange(60) % 10
    peaks = [np.full((20, BANDS), QUIETEST) for _ in label]
    for heard, digit in zip(peaks, label, strict=True):
        heard[:, 2 * digit : 2 * digit + 4] = LEVELS.max() - 4
    monkeypatch.setattr(spoken, "heard", lambda folder: (peaks, label, np.arange(60) // 10 * 4))
    monkeypatch.setattr(spoken, "HIDDEN", 24)
    monkeypatch.setattr(spoken, "STEPS", 12)
    curves = set()
    for trial in spoken.trials(1):
        state = TrainingState(plan={})
        state.begin(trial.name)
        outcome = spoken.run(trial, Session(open_target=ArrayEmulator, epochs=12, state=state))
        assert outcome.scores[0] > 0.2, trial.name
        assert outcome.curve[-1] < 0.8 * outcome.curve[0], trial.name
        curves.add(outcome.curve)
    assert len(curves) == 2
