"""The Free Spoken Digit Dataset (Jackson et al.): 3,000 recordings of ten digits by six speakers, 8 kHz."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ganglion.model.networks.data_folder import data_file
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.untrusted import load_npz

RATE = 8000
"""Samples per second."""

CLASSES = 10

TEST_RECORDINGS = 5
"""The official test set: recordings 0 to 4 of each digit and speaker."""

FILE = "fsdd/fsdd.npz"

SOURCE = (
    "https://github.com/Jakobovski/free-spoken-digit-dataset, as one .npz: audio (int16, all recordings end to end), "
    "offset (recording k is audio[offset[k]:offset[k+1]]), label, speaker, recording"
)


@dataclass(frozen=True, eq=False)
class Recordings:
    """Labelled recordings."""

    audio: list[npt.NDArray[np.int16]]
    """Samples of each, shape (samples,)."""
    label: npt.NDArray[np.uint8]
    """Shape (recordings,), 0 … 9."""
    speaker: npt.NDArray[np.str_]
    """Shape (recordings,)."""
    number: npt.NDArray[np.uint8]
    """Shape (recordings,): 0 … 49 of that digit and speaker."""

    def __len__(self) -> int:
        return self.label.size

    def take(self, where: npt.ArrayLike) -> "Recordings":
        """Some of the recordings, by position or by mask."""
        index = np.arange(len(self))[np.asarray(where)]
        return Recordings([self.audio[k] for k in index], self.label[index], self.speaker[index], self.number[index])


def load_recordings(folder: str | Path | None = None) -> Recordings:
    """All 3,000 recordings.

    Args:
        folder: where the folder `fsdd` is; None looks in the usual places (`data_folder.places`).

    Raises:
        ToolError: the file is not there; the message says where it was looked for and how to get it.
        FormatError: it is not what its name says.
    """
    path = data_file(FILE, SOURCE, folder)
    arrays = load_npz(path, "set of recordings", ("audio", "offset", "label", "speaker", "recording", "rate"))
    count, offset = arrays["label"].size, arrays["offset"]
    if offset.shape != (count + 1,) or (np.diff(offset) <= 0).any() or offset[-1] != arrays["audio"].size:
        raise FormatError(f"{path}: offset must ascend from 0 to the {arrays['audio'].size} samples of audio")
    if int(arrays["rate"]) != RATE:
        raise FormatError(f"{path}: the rate must be {RATE} samples per second, not {arrays['rate']}")
    audio = np.split(arrays["audio"], offset[1:-1])
    return Recordings(audio, arrays["label"], arrays["speaker"], arrays["recording"])


def split(recordings: Recordings) -> tuple[Recordings, Recordings]:
    """Training and test set, as the dataset has them: recordings 0 to 4 are the test set."""
    test = recordings.number < TEST_RECORDINGS
    return recordings.take(~test), recordings.take(test)
