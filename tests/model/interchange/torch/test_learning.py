"""The trainings that need PyTorch, on a little data that is made up: they learn, repeat, and write what runs."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ganglion.jobs.train import train
from ganglion.model.networks.classifier import Classifier
from ganglion.model.networks.data_folder import VARIABLE
from ganglion.model.networks.mnist import conv, dense, training
from ganglion.model.networks.speech import recordings, spoken
from tests.notes import Notes

HELD_OUT = 64


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of data: images whose class is where they are bright, and recordings whose class is their pitch."""
    rng = np.random.default_rng(1)
    label = rng.integers(0, 10, 512 + HELD_OUT).astype(np.uint8)
    pixels = np.zeros((label.size, 28, 28), dtype=np.uint8)
    for image, digit in zip(pixels, label, strict=True):
        row, column = divmod(int(digit), 5)
        image[4 + 12 * row : 12 + 12 * row, 2 + 5 * column : 7 + 5 * column] = 255
    (tmp_path / "mnist").mkdir()
    for name, kind, values in (("images-idx3", 3, pixels), ("labels-idx1", 1, label)):
        head = bytes([0, 0, 8, kind]) + np.array(values.shape, ">u4").tobytes()
        packed = gzip.compress(head + values.tobytes(), compresslevel=1)
        (tmp_path / "mnist" / f"train-{name}-ubyte.gz").write_bytes(packed)

    number, spoken_label = (values.ravel() for values in np.indices((20, 10)))
    time = np.arange(2400) / recordings.RATE
    audio = np.sin(2 * np.pi * (200 + 250 * spoken_label[:, np.newaxis]) * time) * 8000
    (tmp_path / "fsdd").mkdir()
    np.savez(
        tmp_path / recordings.FILE,
        audio=audio.astype(np.int16).ravel(),
        offset=np.arange(number.size + 1) * time.size,
        label=spoken_label.astype(np.uint8),
        speaker=np.full(number.size, "nobody"),
        recording=number.astype(np.uint8),
        rate=recordings.RATE,
    )
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(training, "HELD_OUT", HELD_OUT)
    return tmp_path


def share_right(line: str, tested: str) -> float:
    """The share of the tested samples that a note of a training tells."""
    told = re.search(rf"epoch \d+: ([\d.]+)(%?) of (\d+) {tested} (images|recordings), ", line)
    assert told, line
    return float(told[1]) / (100 if told[2] else int(told[3]))


@pytest.mark.parametrize(
    ("name", "load", "epochs"), [("mnist", dense.load, 4), ("mnist-conv", conv.load, 10), ("speech", spoken.load, 30)]
)
def test_a_training_learns_and_repeats(name: str, load: Callable[[Path], Classifier], epochs: int, data: Path) -> None:
    notes = Notes()
    first, again = (
        train(name, weights=data / f"{run}.npz", epochs=epochs, hold_out=True, progress=notes) for run in (1, 2)
    )
    assert first.file.read_bytes() == again.file.read_bytes()
    half = len(notes.lines) // 2
    assert notes.lines[:half] == notes.lines[half:]
    assert share_right(notes.lines[-1], "held-out") > 0.6
    assert load(first.file).program().outputs.size == 10
    other = train(name, weights=data / "other.npz", epochs=1, seed=2, progress=notes)
    assert other.file.read_bytes() != first.file.read_bytes()
    assert share_right(notes.lines[-1], "training") > 0
