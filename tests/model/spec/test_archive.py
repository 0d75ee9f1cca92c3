"""An archive comes back from its file, or is refused by what is wrong in it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganglion.model.spec.archive import HEADER, Archive, Format
from ganglion.model.spec.errors import FormatError

FORMAT = Format("Ganglion thing", 3, "make it again")


def archive(path: Path) -> Path:
    """An archive of two arrays."""
    header = {"size": 5, "list": [1, 2]}
    Archive(path=path, format=FORMAT, header=header, arrays={"a": np.arange(40), "b": np.zeros((2, 3))}).save()
    return path


def test_an_archive_comes_back(tmp_path: Path) -> None:
    got = Archive.load(archive(tmp_path / "x.npz"), FORMAT)
    assert got.header == {"size": 5, "list": [1, 2]}
    assert got.entry("size", int) == 5
    np.testing.assert_array_equal(got.integers("a"), np.arange(40))
    assert got.arrays["b"].shape == (2, 3)


@pytest.mark.parametrize("part", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path, part: float) -> None:
    path = archive(tmp_path / "x.npz")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    with pytest.raises(FormatError, match=r"x\.npz is not a whole Ganglion thing \(cut short, or another kind of file"):
        Archive.load(path, FORMAT)


def test_no_byte_that_is_changed_leads_to_another_error(tmp_path: Path) -> None:
    """Whatever a changed byte does to the archive: it is read as it was, or refused in words."""
    whole = archive(tmp_path / "x.npz").read_bytes()
    rng = np.random.default_rng(3)
    refused = 0
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= int(rng.integers(1, 256))
        (tmp_path / "y.npz").write_bytes(damaged)
        try:
            Archive.load(tmp_path / "y.npz", FORMAT)
        except FormatError as error:
            refused += "y.npz" in str(error)
    assert refused > len(whole) / 2


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"format": "ganglion thing", "version": 2}, "version 2; this Ganglion reads version 3: make it again"),
        ({"format": "ganglion thing", "version": "3"}, "version '3'; this Ganglion reads version 3"),
        ({"format": "other", "version": 3}, "not a whole Ganglion thing"),
        ({"version": 3}, "not a whole Ganglion thing"),
        ([1], "not a whole Ganglion thing"),
    ],
)
def test_other_formats_and_versions_are_refused(tmp_path: Path, header: Any, message: str) -> None:
    np.savez(tmp_path / "x.npz", **{HEADER: np.array(json.dumps(header))})
    with pytest.raises(FormatError, match=message):
        Archive.load(tmp_path / "x.npz", FORMAT)


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda a: a.entry("none", int), "its header has no 'none'"),
        (lambda a: a.entry("list", int), "'list' in its header: int"),
        (lambda a: a.integers("c"), "it has no array 'c'"),
        (lambda a: a.integers("b"), r"'b' must be whole numbers in 1 dimension\(s\), not float64 in 2"),
        (lambda a: a.integers("a", 2), r"'a' must be whole numbers in 2 dimension\(s\), not int64 in 1"),
    ],
)
def test_parts_that_are_missing_or_wrong_are_named(
    tmp_path: Path, read: Callable[[Archive], object], message: str
) -> None:
    got = Archive.load(archive(tmp_path / "x.npz"), FORMAT)
    with pytest.raises(FormatError, match=rf"x\.npz is a damaged Ganglion thing: {message}"):
        read(got)


def test_what_nobody_asked_for_is_named(tmp_path: Path) -> None:
    got = Archive.load(archive(tmp_path / "x.npz"), FORMAT)
    got.integers("a")
    for name in ("size", "list"):
        with pytest.raises(FormatError, match=f"it has '{name}', which no Ganglion thing has: make it again"):
            got.check_read()
        got.entry(name, lambda value: value)
    with pytest.raises(FormatError, match="it has 'b', which no Ganglion thing has"):
        got.check_read()


def test_what_shrinks_too_well_is_not_shrunk_so_that_it_can_be_read(tmp_path: Path) -> None:
    arrays = {"zeros": np.zeros(40 << 20, dtype=np.int64)}
    path = tmp_path / "x.npz"
    Archive(path=path, format=FORMAT, header={}, arrays=arrays).save()
    assert path.stat().st_size > arrays["zeros"].nbytes
    assert not Archive.load(path, FORMAT).integers("zeros").any()
