"""Files are whole or not there, and what is read may be anything at all."""

import io
import json
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.files import HEADER, Archive, Format, load_npz, write_text, written_path, written_whole

FORMAT = Format("Ganglion thing", 3, "make it again")


def archive(path: Path) -> Path:
    """An archive of two arrays."""
    header = {"size": 5, "list": [1, 2]}
    Archive(path=path, format=FORMAT, header=header, arrays={"a": np.arange(40), "b": np.zeros((2, 3))}).save()
    return path


def test_a_file_takes_its_place_when_all_of_it_is_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_text(path, "old")
    with written_whole(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    with pytest.raises(ZeroDivisionError), written_whole(path) as file:
        file.write(b"half")
        raise ZeroDivisionError
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask


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


def npy(array: Any, **options: Any) -> bytes:
    written = io.BytesIO()
    np.save(written, array, **options)
    return written.getvalue()


HUGE = npy(np.zeros(3)).replace(b"(3,), }" + 9 * b" ", b"(3" + 9 * b"0" + b",), }")
"""An array that says it has three thousand million numbers and has three."""


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (npy(np.array([{}]), allow_pickle=True), "its array 'a': Object arrays cannot be loaded"),
        (npy(np.zeros(2, dtype="V8")), "its array 'a': it is no array of numbers or text"),
        (b"text", "its array 'a': it is no array of numbers or text"),
        (HUGE, "its array 'a': "),
    ],
)
def test_arrays_that_are_none_are_named(tmp_path: Path, member: bytes, message: str) -> None:
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.npy", member)
    with pytest.raises(FormatError, match=f"x.npz is not a whole thing: {message}"):
        load_npz(path, "thing")


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no\.npz: there is no such file; look elsewhere$"):
        load_npz(tmp_path / "no.npz", "thing", hint="look elsewhere")
    with pytest.raises(FormatError, match=r"x\.npz is not a whole thing: it has no array 'c'"):
        load_npz(archive(tmp_path / "x.npz"), "thing", ("a", "c"))
    np.save(tmp_path / "one.npy", np.zeros(3))
    with pytest.raises(FormatError, match=r"one\.npy is not a whole thing \(cut short, or another kind of file"):
        load_npz(tmp_path / "one.npy", "thing")


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


def test_two_who_write_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "waves.vcd"
    with written_path(path) as first, written_path(path) as second:
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]
