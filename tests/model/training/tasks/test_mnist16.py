"""MNIST at 16 x 16, on a little data that is made up: both parts of the training go on where they were stopped."""

import numpy as np
import pytest
import torch
from torch import Tensor

from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.program import Program
from ganglion.model.training.state import TrainingState
from ganglion.model.training.study import Session, lines
from ganglion.model.training.tasks import mnist16

COUNT = 80


def images() -> tuple[Tensor, Tensor, Tensor, IntArray]:
    """The class is where an image is bright."""
    label = np.arange(COUNT) % mnist16.CLASSES
    pixels = np.zeros((COUNT, 28, 28), dtype=np.uint8)
    for image, digit in zip(pixels, label, strict=True):
        row, column = divmod(int(digit), 5)
        image[4 + 12 * row : 12 + 12 * row, 2 + 5 * column : 7 + 5 * column] = 255
    flat = pixels.reshape(COUNT, -1)
    return torch.tensor(flat), torch.tensor(label), mnist16.encoded(flat), label


class Stopped(TrainingState):
    """Stopped behind so many epochs."""

    last = 0

    def reached(self, *arguments: object) -> None:
        super().reached(*arguments)  # type: ignore[arg-type]
        if self.epoch == Stopped.last:
            raise KeyboardInterrupt


def test_both_parts_go_on_where_they_were_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    made = images()
    monkeypatch.setattr(mnist16, "_data", lambda folder: made)
    monkeypatch.setattr(mnist16, "HIDDEN", 20)
    monkeypatch.setattr(mnist16, "BATCH", 20)
    monkeypatch.setattr(mnist16, "RATE", 0.03)
    (trial,), kept = mnist16.trials(1), list[Program]()

    def run(state: TrainingState) -> dict[str, object]:
        state.begin(trial.name)
        session = Session(open_target=ArrayEmulator, epochs=10, state=state, keep=kept.append)
        outcome = mnist16.run(trial, session)
        assert lines([(trial, outcome)])["distortion"]["in the loop"].x == (1.0,)
        found = outcome.to_dict()
        figures = found.pop("figures")
        assert figures["effective accumulates"] > 0 and 0 < figures["activation sparsity"] < 1
        return found

    whole = run(TrainingState(plan={}))
    assert whole["scores"][0] > 0.8 and whole["besides"]["in the loop"] >= whole["scores"][1]  # type: ignore[index]
    assert kept[0].neurons == 30
    state = Stopped(plan={})
    for Stopped.last in (3, 9):
        with pytest.raises(KeyboardInterrupt):
            run(state)
    assert run(state) == whole
