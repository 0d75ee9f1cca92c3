"""Studies: a training that is stopped goes on to the same bits, and what is told of it, in words, JSON and a page."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
import torch

from ganglion.jobs import targets
from ganglion.jobs.study import Studied
from ganglion.jobs.train import TRAININGS, train
from ganglion.learn_cli import TrainName
from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.spec.errors import BoardError, FormatError, GanglionError, NetworkError
from ganglion.model.spec.trace import Trace
from ganglion.model.training.tasks import SHIPPED, STUDIES, cancer, load


class Board(ArrayEmulator):
    """Goes away after so many batches, of all boards together."""

    left = 0

    def _run_batch(self, *arguments: Any) -> list[Trace]:
        Board.left -= 1
        if not Board.left:
            raise BoardError("the board does not answer")
        return super()._run_batch(*arguments)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four trials of little data, on a board that goes away."""
    monkeypatch.setattr(cancer, "SIZES", (23.0, 46.0))
    monkeypatch.setattr(cancer, "MOVES", 4)
    kind = replace(targets.TARGETS["array"], open=lambda program, board, progress: Board(program))
    monkeypatch.setitem(targets.TARGETS, "array", kind)


def study(**options: Any) -> Studied:
    found = train("cancer", target="array", epochs=2, figure="size", **options)
    assert isinstance(found, Studied)
    return found


@pytest.mark.usefixtures("small")
def test_a_board_that_goes_away_costs_an_epoch_at_most(tmp_path: Path) -> None:
    Board.left = 0
    whole = study(out=tmp_path, command="ganglion train cancer")
    file, stops = tmp_path / "state.npz", []
    for batches in (5, 44, 0):
        Board.left = batches
        try:
            again = study(resume=file)
        except BoardError as error:
            stops.append(str(error))
    assert [trial for trial, _ in again.trials] == [trial for trial, _ in whole.trials]
    assert [outcome.to_dict() for _, outcome in again.trials] == [outcome.to_dict() for _, outcome in whole.trials]
    for stop, arm in zip(stops, ("deployed", "Metropolis"), strict=True):
        assert f"{arm} at 23, seed 0' had 1 whole epochs, which {file} keeps: give the same command" in stop
    told = json.loads(json.dumps(whole.to_dict()))
    assert list(told["lines"]["size"]) == ["deployed", "in the loop", "Metropolis", "logistic regression"]
    assert told["lines"]["size"]["logistic regression"]["median"][0] > 0.8 and not told["claims"]
    page = (tmp_path / "train-cancer.html").read_text()
    for part in ("<svg", "ganglion train cancer", "logistic regression", "Loss by epoch"):
        assert part in page
    assert "cells learned from" in str([getattr(each, "columns", each) for each in whole.shown()])


@pytest.mark.usefixtures("small")
def test_bad_requests_train_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "state.npz"
    study(resume=file, seed=3)
    before = file.read_bytes()
    with pytest.raises(GanglionError, match="keeps a training with epochs 2, not 3: give the options that it was"):
        train("cancer", target="array", epochs=3, resume=file)
    for message, options in (
        ("cancer has no figure 'none'; it has strength, size", {"figure": "none"}),
        ("epochs must be at least 1, not 0", {"epochs": 0}),
        ("seeds must be 0 … 4,294,967,295, and at least one, not 2 from", {"seed": 2**32 - 1, "seeds": 2}),
        ("targets must be one or more of", {"target": "cloud"}),
        ("--hold-out is for digits, mnist", {"hold_out": True}),
    ):
        with pytest.raises(GanglionError, match=message):
            train("cancer", **options)
    with pytest.raises(GanglionError, match=r"--seeds is for cancer.*, not for the network digits"):
        train("digits", seeds=2)
    assert file.read_bytes() == before
    file.write_bytes(before[: len(before) // 2])
    with pytest.raises(FormatError, match="Ganglion training"):
        study(resume=file)
    monkeypatch.setattr(cancer, "rate_loss", lambda *arguments, gain: torch.tensor(float("nan")))
    with pytest.raises(NetworkError, match="the loss is nan in epoch 1: the training diverged; take a smaller step"):
        study()


def test_what_ships_is_told_like_what_is_trained(tmp_path: Path) -> None:
    there = sorted(file.stem for file in SHIPPED.glob("*.json"))
    assert "activity" in there
    for name in there:
        told = train(name, shipped=True, out=tmp_path)
        assert isinstance(told, Studied) and len(told.seeds) >= 3, name
        kept = json.loads((SHIPPED / f"{name}.json").read_text())
        assert told.to_dict() == kept, name
        assert "<svg" in (tmp_path / f"train-{name}.html").read_text()
    with pytest.raises(GanglionError, match="no result of the study 'spoken' ships; there are those of"):
        train("spoken", shipped=True)
    with pytest.raises(GanglionError, match="--shipped trains nothing, so there is no --seeds with it"):
        train("activity", shipped=True, seeds=2)


def test_every_study_has_trials_for_all_its_figures() -> None:
    assert get_args(TrainName) == (*TRAININGS, *STUDIES)
    for name in STUDIES:
        found = load(name)
        trials = found.trials(0)
        assert {trial.panel for trial in trials} == set(found.panels), name
        assert len({trial.name for trial in trials}) == len(trials), name
