"""`ganglion data`: the folders of real data, made from public downloads that the user has, checked by their sums."""

import gzip
import hashlib
import io
import re
import wave
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from ganglion.jobs.outputs import check_folder
from ganglion.jobs.result import Result
from ganglion.model.networks import data_folder
from ganglion.model.networks.mnist import images
from ganglion.model.networks.speech import recordings
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import FormatError, GanglionError, ToolError
from ganglion.model.spec.files import written_whole

MNIST = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
"""SHA-256 of each file of MNIST, unpacked."""

SPEECH = "6f643a7422de89763625dfc9aa79427e69f7a690223a5bc5752a2f56db5af465"
"""SHA-256 of all audio of the Free Spoken Digit Dataset, its recordings in the order of their names."""

RECORDING = re.compile(r"(\d)_([a-z]+)_(\d+)\.wav")
"""Name of a recording: digit, speaker, number."""

LARGEST = 1 << 27
"""Bytes that a file of a download unpacks to, at most."""


@dataclass(frozen=True, kw_only=True)
class Data(Result):
    """Data that is where networks look for it."""

    files: tuple[Path, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"files": [str(file) for file in self.files]}

    def shown(self) -> Iterator[str | Table]:
        for file in self.files:
            yield f"{file}: {file.stat().st_size / 1e6:,.1f} MB"
        yield "checked: whole, and the files that the networks were trained on"


def data(name: str, downloads: Path, *, to: Path | None = None, progress: Progress = SILENT) -> Data:
    """Makes the folder of a data set.

    Args:
        name: mnist or speech.
        downloads: a folder or a .zip that has, at any depth, the four files of MNIST, gzipped or not, or the recordings
            of the Free Spoken Digit Dataset (its repository, as GitHub packs it, say).
        to: the folder of all data; None is $GANGLION_DATA, or data in the cache.
        progress: told of what is read.

    Raises:
        GanglionError: there is no such data set, or the folder cannot be written to.
        FormatError: a file is missing, or is not what the sum says.
    """
    makers = {"mnist": _mnist, "speech": _speech}
    if name not in makers:
        raise GanglionError(f"there is no data set '{name}'; there are {', '.join(makers)}")
    source = {"mnist": images.SOURCE, "speech": "https://github.com/Jakobovski/free-spoken-digit-dataset"}[name]
    if not downloads.exists():
        raise GanglionError(f"{downloads}: there is no such file or folder; get the data from {source}")
    folder = to or data_folder.places()[-1]
    with progress.task(f"reading {downloads}"):
        made = makers[name](_Downloads(downloads, source))
    for path in made:
        check_folder((folder / path).parent)
    for path, content in made.items():
        with written_whole(folder / path) as file:
            file.write(content)
    return Data(files=tuple(folder / path for path in made))


class _Downloads:
    """The files of a folder or a .zip, by their names, at whatever depth they are."""

    def __init__(self, path: Path, source: str) -> None:
        self.path, self.source = path, source
        if path.is_dir():
            self.names = {file.name: str(file) for file in sorted(path.rglob("*")) if file.is_file()}
            return
        try:
            with zipfile.ZipFile(path) as archive:
                self.names = {Path(name).name: name for name in archive.namelist()}
        except (zipfile.BadZipFile, OSError) as error:
            raise FormatError(f"{path} is neither a folder nor a whole .zip: {error}") from error

    def read(self, name: str) -> bytes:
        """All of a file."""
        if name not in self.names:
            raise FormatError(f"{self.path} has no {name}; get it from {self.source}")
        if self.path.is_dir():
            return Path(self.names[name]).read_bytes()
        with zipfile.ZipFile(self.path) as archive, archive.open(self.names[name]) as file:
            return file.read(LARGEST)


def _mnist(downloads: _Downloads) -> dict[str, bytes]:
    made = {}
    for name, wanted in MNIST.items():
        known = (f"{name}.gz", name, name.replace("-idx", ".idx"))
        found = next((each for each in known if each in downloads.names), known[0])
        content = downloads.read(found)
        if found.endswith(".gz"):
            with suppress(OSError, EOFError), gzip.open(io.BytesIO(content)) as file:
                content = file.read(LARGEST)
        _check(downloads.path, found, content, wanted)
        made[f"mnist/{name}.gz"] = gzip.compress(content, mtime=0)
    return made


def _speech(downloads: _Downloads) -> dict[str, bytes]:
    names = sorted(name for name in downloads.names if RECORDING.fullmatch(name))
    if not names:
        raise FormatError(f"{downloads.path} has no recording such as 0_george_0.wav; get them from {downloads.source}")
    parts = [RECORDING.fullmatch(name) for name in names]
    audio = [_samples(downloads, name) for name in names]
    joined = np.concatenate(audio)
    _check(downloads.path, f"audio of {len(names)} recordings", joined.astype("<i2").tobytes(), SPEECH)
    file = io.BytesIO()
    np.savez_compressed(
        file,
        audio=joined,
        offset=np.cumsum([0, *(each.size for each in audio)]),
        label=np.array([part[1] for part in parts if part], dtype=np.uint8),
        speaker=np.array([part[2] for part in parts if part]),
        recording=np.array([part[3] for part in parts if part], dtype=np.uint8),
        rate=np.array(recordings.RATE),
    )
    return {recordings.FILE: file.getvalue()}


def _samples(downloads: _Downloads, name: str) -> Any:
    try:
        with wave.open(io.BytesIO(downloads.read(name))) as file:
            if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (recordings.RATE, 1, 2):
                raise FormatError(f"{name} must have one channel of 16 bits at {recordings.RATE} Hz")
            return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    except (wave.Error, EOFError) as error:
        raise FormatError(f"{name} is not a whole .wav file: {error}") from error


def _check(path: Path, name: str, content: bytes, wanted: str) -> None:
    """Whether a file is the one that networks were trained on."""
    found = hashlib.sha256(content).hexdigest()
    if found != wanted:
        raise FormatError(
            f"{path}: {name} is cut short, or another file: its SHA-256 is {found[:16]}…, not {wanted[:16]}…"
        )


def find_data(name: str) -> Path:
    """Where a data set is.

    Raises:
        ToolError: it is nowhere; says how to get it.
    """
    files = {
        "mnist": ("mnist/t10k-images-idx3-ubyte.gz", images.SOURCE),
        "speech": (recordings.FILE, recordings.SOURCE),
    }
    if name not in files:
        raise ToolError(f"there is no data set '{name}'; there are {', '.join(files)}")
    return data_folder.data_file(*files[name])
