"""Files of samples and labels: every array is what it is said to be, or refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganglion.jobs.recording import read_labels, read_recording
from ganglion.model.spec.errors import EventError, FormatError

ONES = np.ones((5, 7, 12), dtype=np.uint8)


def saved(folder: Path, **arrays: Any) -> Path:
    np.savez(folder / "x.npz", **arrays)
    return folder / "x.npz"


@pytest.mark.parametrize(
    ("array", "shape", "single"),
    [
        (ONES, (5, 7, 12), False),
        (ONES.astype(bool), (5, 7, 12), False),
        (ONES.astype(np.float32), (5, 7, 12), False),
        (ONES[0], (1, 7, 12), True),
        (ONES.reshape(5, 7, 3, 4), (5, 7, 12), False),
        (ONES.reshape(5, 7, 3, 4)[0], (1, 7, 12), True),
        (ONES[:1, :1], (1, 1, 12), False),
        (ONES[:, :1].reshape(1, 5, 12), (1, 5, 12), False),
    ],
)
def test_shapes_as_users_write_them(array: Any, shape: tuple[int, ...], single: bool, tmp_path: Path) -> None:
    recording = read_recording(saved(tmp_path, input=array), (3, 4))
    assert (recording.counts.shape, recording.counts.dtype, recording.single) == (shape, np.int64, single)


def test_labels_and_others(tmp_path: Path) -> None:
    path = saved(tmp_path, input=ONES, y=np.arange(5), hidden=ONES)
    recording = read_recording(path, (12,))
    assert recording.labels is not None and recording.labels.tolist() == [0, 1, 2, 3, 4]
    assert list(recording.others) == ["hidden"] and read_labels(path, 5).tolist() == [0, 1, 2, 3, 4]
    np.save(tmp_path / "x.npy", ONES)
    assert read_recording(tmp_path / "x.npy", (12,)).counts.shape == (5, 7, 12)
    assert read_recording(saved(tmp_path, spikes=ONES), (12,)).counts.shape == (5, 7, 12)


@pytest.mark.parametrize(
    ("arrays", "error", "message"),
    [
        ({"input": ONES * 0.75}, EventError, r"whole numbers from 0, not 0.75 \(at \(0, 0, 0\)\)"),
        ({"input": np.full((5, 7, 12), np.nan)}, EventError, "not nan"),
        ({"input": np.full((5, 7, 12), np.inf)}, EventError, "not inf"),
        ({"input": -1 * ONES.astype(int)}, EventError, "counts begin at 0"),
        ({"input": np.full((5, 7, 12), 1 << 40)}, EventError, "fewer than 32768 events"),
        ({"input": np.full((5, 7, 12), "one")}, EventError, "counts of events, not <U3"),
        ({"input": ONES[:, :, :11]}, EventError, r"with … \(3, 4\) or \(12,\); not \(5, 7, 11\)"),
        ({"input": ONES[:0]}, EventError, "it has no numbers"),
        ({"input": np.ones(12)}, EventError, r"not \(12,\)"),
        ({"input": np.ones(())}, EventError, r"not \(\)"),
        ({"input": ONES[:, :1]}, EventError, r"5 samples of one step, or one sample of 5 steps with time first"),
        ({"input": ONES, "labels": np.zeros(4, int)}, EventError, "one class for each of the 5 samples"),
        ({"input": ONES, "labels": np.zeros(5)}, EventError, "labels must be whole numbers from 0"),
        ({"one": ONES, "other": ONES}, FormatError, "no array 'input'; it has one, other"),
        ({}, FormatError, "no array 'input'; it has none"),
    ],
)
def test_what_no_samples_are(arrays: dict[str, Any], error: type[Exception], message: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=message):
        read_recording(saved(tmp_path, **arrays), (3, 4))


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "text.npy").write_text("no array")
    np.save(tmp_path / "objects.npy", np.array([object()]), allow_pickle=True)
    saved(tmp_path, input=ONES).rename(tmp_path / "zip.npy")
    for name, message in {
        "none.npy": "there is no such file",
        "none.npz": "there is no such file",
        "text.npy": "not a whole .npy file",
        "objects.npy": "not a whole .npy file",
        "zip.npy": "not a whole .npy file",
    }.items():
        with pytest.raises(FormatError, match=message):
            read_recording(tmp_path / name, (12,))
