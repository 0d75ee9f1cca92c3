"""Folders of real data, made from what users download."""

import gzip
import hashlib
import io
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ganglion.jobs import data as module
from ganglion.jobs.data import data, find_data
from ganglion.model.networks.mnist.images import load_test
from ganglion.model.networks.speech.recordings import load_recordings
from ganglion.model.spec.errors import FormatError, GanglionError, ToolError

FILES = {
    "train-images-idx3-ubyte": bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28]) + bytes(range(196)) * 8,
    "train-labels-idx1-ubyte": bytes([0, 0, 8, 1, 0, 0, 0, 2, 3, 4]),
    "t10k-images-idx3-ubyte": bytes([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28]) + bytes(range(196)) * 4,
    "t10k-labels-idx1-ubyte": bytes([0, 0, 8, 1, 0, 0, 0, 1, 7]),
}
"""Three images in the format of MNIST."""


@pytest.fixture
def small_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
    monkeypatch.setattr(module, "MNIST", sums)


def sound(samples: np.ndarray, rate: int = 8000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


SOUNDS = {
    f"{digit}_{speaker}_{k}.wav": np.arange(digit + 3) for digit in (0, 7) for speaker in ("jo", "al") for k in (2, 10)
}


@pytest.mark.parametrize("form", ["{}.gz", "{}"])
def test_mnist_from_a_folder(small_mnist: None, tmp_path: Path, form: str) -> None:
    downloads = tmp_path / "downloads" / "MNIST" / "raw"
    downloads.mkdir(parents=True)
    for name, content in FILES.items():
        (downloads / form.format(name)).write_bytes(gzip.compress(content) if form.endswith("gz") else content)
    made = data("mnist", tmp_path / "downloads", to=tmp_path / "data")
    assert [path.name for path in made.files] == [f"{name}.gz" for name in FILES]
    assert load_test(tmp_path / "data").label.tolist() == [7]


def test_speech_from_the_repository_as_it_is_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = sorted(SOUNDS)
    audio = np.concatenate([SOUNDS[name] for name in order]).astype("<i2")
    monkeypatch.setattr(module, "SPEECH", hashlib.sha256(audio.tobytes()).hexdigest())
    with zipfile.ZipFile(tmp_path / "fsdd.zip", "w") as archive:
        archive.writestr("master/README.md", "recordings")
        for name, samples in SOUNDS.items():
            archive.writestr(f"master/recordings/{name}", sound(samples))
    data("speech", tmp_path / "fsdd.zip", to=tmp_path / "data")
    made = load_recordings(tmp_path / "data")
    columns = zip(made.label, made.speaker, made.number, strict=True)
    assert [f"{label}_{speaker}_{number}.wav" for label, speaker, number in columns] == order
    assert [each.size for each in made.audio] == [SOUNDS[name].size for name in order]


def test_what_is_not_the_data_is_refused_and_nothing_written(small_mnist: None, tmp_path: Path) -> None:
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    for message, files in {
        "has no train-images-idx3-ubyte.gz; get it from https": {},
        "train-images-idx3-ubyte is cut short, or another file: its SHA-256": {"train-images-idx3-ubyte": b"other"},
        "train-images-idx3-ubyte.gz is cut short": {"train-images-idx3-ubyte.gz": gzip.compress(b"x" * 99)[:20]},
    }.items():
        for name, content in files.items():
            (downloads / name).write_bytes(content)
        with pytest.raises(FormatError, match=message):
            data("mnist", downloads, to=tmp_path / "data")
    with pytest.raises(FormatError, match=r"has no recording such as 0_george_0.wav"):
        data("speech", downloads, to=tmp_path / "data")
    (downloads / "0_jo_1.wav").write_bytes(sound(np.arange(3), rate=16000))
    with pytest.raises(FormatError, match="one channel of 16 bits at 8000 Hz"):
        data("speech", downloads, to=tmp_path / "data")
    (downloads / "0_jo_1.wav").write_bytes(b"RIFF")
    with pytest.raises(FormatError, match=r"not a whole .wav file"):
        data("speech", downloads, to=tmp_path / "data")
    (downloads / "0_jo_1.wav").write_bytes(sound(np.arange(3)))
    with pytest.raises(FormatError, match="audio of 1 recordings is cut short, or another file"):
        data("speech", downloads, to=tmp_path / "data")
    with pytest.raises(FormatError, match=r"neither a folder nor a whole .zip"):
        data("speech", downloads / "0_jo_1.wav", to=tmp_path / "data")
    with pytest.raises(GanglionError, match=r"there is no such file or folder; get the data from https://github"):
        data("speech", tmp_path / "none", to=tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_the_sums_are_those_of_the_data_that_is_here() -> None:
    path = find_data("mnist")
    for name, wanted in list(module.MNIST.items())[2:]:
        with gzip.open(path.with_name(f"{name}.gz")) as file:
            assert hashlib.sha256(file.read()).hexdigest() == wanted
    with pytest.raises(ToolError, match="no data set 'cifar'"):
        find_data("cifar")
