"""`ganglion train`: what is learned, what is written, and what is said where something is wrong."""

import importlib.abc
import json
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from ganglion.jobs.train import TRAININGS, train
from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.networks import digits
from ganglion.model.networks.shipped import SHIPPED
from ganglion.model.spec.errors import GanglionError, ToolError
from tests.notes import Notes


def test_the_digits_are_learned_and_written(tmp_path: Path) -> None:
    """Two epochs, from another seed, which leaves another number of hidden neurons: most images are read."""
    notes, file = Notes(), tmp_path / "digits.npz"
    trained = train("digits", weights=file, seed=5, epochs=2, progress=notes)
    found = json.loads(json.dumps(trained.to_dict()))
    assert found == {"network": "digits", "file": str(file), "seed": 5, "epochs": 2}
    assert list(trained.shown()) == [f"digits, 2 epochs with seed 5: wrote {file}"]
    network, test = digits.load(file), digits.test_set()
    traces = ArrayEmulator(network.program()).run_batch([network.encode(image) for image in test.inputs])
    right = int((np.array([network.decode(trace) for trace in traces]) == test.label).sum())
    assert right > 270
    assert notes.lines == [f"held-out: {right} of 540 images"]


def test_bad_requests_write_nothing(tmp_path: Path) -> None:
    file = tmp_path / "network.npz"
    for message, name, options in (
        ("there is no network 'none'; there are digits, mnist", "none", {}),
        ("epochs must be at least 1, not 0", "digits", {"epochs": 0}),
        ("seed must be 0 … 4,294,967,295, not -1", "digits", {"seed": -1}),
        ("not 4,294,967,296", "mnist", {"seed": 1 << 32}),
        ("hold 540 images out always", "digits", {"hold_out": True}),
        ("there is no folder", "digits", {"weights": tmp_path / "none" / "network.npz"}),
    ):
        with pytest.raises(GanglionError, match=message):
            train(name, **{"weights": file, **options})  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


class NoTorch(importlib.abc.MetaPathFinder):
    """As where PyTorch is not installed."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
        return None


def test_without_pytorch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "torch" or ".train" in name or ".torch" in name]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [NoTorch(), *sys.meta_path])
    for name in ("mnist", "mnist-conv", "speech"):
        with pytest.raises(ToolError, match=rf"training {name} needs PyTorch: pip install 'ganglion-chip\[train\]'"):
            train(name, weights=tmp_path / "network.npz")


def test_every_shipped_network_has_its_training() -> None:
    assert list(TRAININGS) == list(SHIPPED)
    assert all(training.file.is_file() for training in TRAININGS.values())
