"""A recording of events is a sample: the network's input says how large the sensor is."""

from pathlib import Path

import numpy as np
import pytest

from ganglion.events import from_arrays, write_npz
from ganglion.jobs.event_file import is_event_file, read_event_file
from ganglion.model.spec.errors import EventError, FormatError

TEXT = "0 0 0 1\n1500 3 1 0\n1600 3 1 0\n4000 2 0 1\n"
"""Columns t, x, y, p: pixels of 4 columns and 2 rows."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "rec.txt"
    file.write_text("t x y p\n" + TEXT)
    return file


def test_the_input_is_the_sensor(path: Path) -> None:
    counts = read_event_file(path, (2, 2, 4), 1000).counts
    assert counts.shape == (1, 5, 16) and counts.sum() == 3, "the two of one step are one"
    assert np.argwhere(counts[0]).tolist() == [[0, 8], [1, 7], [4, 10]]
    assert read_event_file(path, (2, 4), 1000).counts.shape == (1, 5, 8), "polarities are merged where there is no axis"
    assert read_event_file(path, (1, 3, 6), 2000).counts.shape == (1, 3, 18), "the network's, not the largest event's"
    assert is_event_file(path) and not is_event_file(path.with_suffix(".npz"))


def test_a_larger_sensor_is_pooled_by_a_whole_number(tmp_path: Path) -> None:
    file = tmp_path / "rec.h5"
    file.write_bytes(b"")
    write_npz(tmp_path / "rec.npz", from_arrays([0, 9], [0, 7], [0, 3], [0, 1], size=(8, 4)))
    counts = read_event_file(tmp_path / "rec.npz", (2, 2, 4), 1000).counts
    assert np.argwhere(counts[0]).tolist() == [[0, 0], [0, 15]]
    assert read_event_file(tmp_path / "rec.npz", (64,), 1000).counts.shape == (1, 1, 64), "the file says it"
    with pytest.raises(EventError, match=r"8 columns and 4 rows, the network an input of \(2, 3, 5\)"):
        read_event_file(tmp_path / "rec.npz", (2, 3, 5), 1000)
    with pytest.raises(FormatError, match=r"rec\.h5"):
        read_event_file(file, (2, 2, 4), 1000)


def test_what_nobody_says_is_asked_for(path: Path) -> None:
    with pytest.raises(EventError, match=r"a step of the network has a length: give it, --step-us 1000"):
        read_event_file(path, (2, 2, 4), None)
    with pytest.raises(EventError, match=r"nor does an input of \(16,\): bin it in Python"):
        read_event_file(path, (16,), 1000)
    with pytest.raises(FormatError, match="cannot be read: No such file"):
        read_event_file(path.with_name("none.txt"), (2, 2, 4), 1000)
