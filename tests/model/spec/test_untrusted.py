"""What is read may be anything at all: it is what it should be, or refused in words, before memory is taken for it."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganglion.model.spec import untrusted
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.untrusted import load_json, load_npz


def npy(array: Any, **options: Any) -> bytes:
    written = io.BytesIO()
    np.save(written, array, **options)
    return written.getvalue()


def packed(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


HUGE = npy(np.zeros(3)).replace(b"(3,), }" + 9 * b" ", b"(3" + 9 * b"0" + b",), }")
"""An array that says it has three thousand million numbers and has three."""


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (npy(np.array([{}]), allow_pickle=True), "its array 'a': it is no array of numbers or text, but of object"),
        (npy(np.zeros(2, dtype="V8")), r"its array 'a': it is no array of numbers or text, but of \|V8"),
        (b"text", "its array 'a': "),
        (HUGE, r"its array 'a': its header says float64 of shape \(3000000000,\), and 24 bytes follow"),
        (npy(np.zeros(3)) + b"more", r"its array 'a': its header says float64 of shape \(3,\), and 28 bytes follow"),
        (npy(np.zeros(3)).replace(b"NUMPY\1", b"NUMPY\3"), r"its array 'a': it is of version \(3, 0\)"),
    ],
)
def test_arrays_that_are_none_are_named(tmp_path: Path, member: bytes, message: str) -> None:
    path = packed(tmp_path / "x.npz", {"a.npy": member})
    with pytest.raises(FormatError, match=f"x.npz is not a whole thing: {message}.*: get it, or make it, again"):
        load_npz(path, "thing")


def test_arrays_of_every_kind_come_back(tmp_path: Path) -> None:
    arrays = {
        "empty": np.zeros((0, 3), dtype=np.int8),
        "one": np.array(7),
        "columns": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "text": np.array(["a", "bc"]),
        "no text": np.array([""]),
        "yes": np.array([True]),
        "turned": np.arange(3, dtype=">i4"),
    }
    np.savez(tmp_path / "x.npz", **arrays)
    got = load_npz(tmp_path / "x.npz", "thing")
    for name, array in arrays.items():
        np.testing.assert_array_equal(got[name], array)
        assert got[name].dtype == array.dtype and got[name].flags.writeable


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no\.npz: there is no such file; look elsewhere$"):
        load_npz(tmp_path / "no.npz", "thing", hint="look elsewhere")
    np.savez(tmp_path / "x.npz", a=[1])
    with pytest.raises(FormatError, match=r"x\.npz is not a whole thing: it has no array 'c', but a$"):
        load_npz(tmp_path / "x.npz", "thing", ("a", "c"))
    np.save(tmp_path / "one.npy", np.zeros(3))
    with pytest.raises(FormatError, match=r"one\.npy is not a whole thing \(cut short, or another kind of file"):
        load_npz(tmp_path / "one.npy", "thing")
    with pytest.raises(FormatError, match="cannot be read: Is a directory"):
        load_npz(tmp_path, "thing")


def test_a_small_file_does_not_become_a_large_one(tmp_path: Path) -> None:
    """2 MB that would be 2 GB: refused by what the file says of itself, and not by trying."""
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in range(8):
            with file.open(f"{name}.npy", "w") as member:
                member.write(npy(np.zeros(1 << 23, dtype=np.uint8)))
    assert path.stat().st_size < 1 << 17 and len(load_npz(path, "thing")) == 8, "64 MB are no matter"
    raw = path.read_bytes()
    sizes = (8 << 20) + 128
    path.write_bytes(raw.replace(sizes.to_bytes(4, "little"), (1 << 29).to_bytes(4, "little")))
    with pytest.raises(FormatError, match=r"x\.npz is not a whole thing: it would unpack to 4294967296 bytes, from"):
        load_npz(path, "thing")


def test_memory_that_is_not_free_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez(tmp_path / "x.npz", a=np.zeros(1000))
    monkeypatch.setattr(untrusted, "free_memory", lambda: 5000)
    with pytest.raises(FormatError, match="it needs 8128 bytes of memory, and 5000 are free"):
        load_npz(tmp_path / "x.npz", "thing")


@pytest.mark.parametrize("name", ["a.txt", "a\n.npy", "x" * 300 + ".npy"])
def test_members_that_are_no_arrays_are_refused(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "x.npz", {name: npy(np.zeros(3))})
    with pytest.raises(FormatError, match="is no name of an array"):
        load_npz(path, "thing")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_twins_and_hordes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w") as file:
        for _ in range(2):
            file.writestr("a.npy", npy(np.zeros(3)))
    with pytest.raises(FormatError, match=r"it has 'a\.npy' 2 times"):
        load_npz(path, "thing")
    monkeypatch.setattr(untrusted, "MEMBERS", 1)
    with pytest.raises(FormatError, match="it has 2 arrays; 1 are the most"):
        load_npz(path, "thing")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Expecting value: line 1 column 1"),
        (b'{"a": 1,\n "b": }', "Expecting value: line 2 column 7"),
        (b"[1]", "it must be a JSON object, {...}, not a list"),
        (b'{"a": NaN}', "NaN is no number of JSON"),
        (b'{"a": {"b": 1, "b": 2}}', "'b' is there twice"),
        (b"[" * 100_000, "recursion"),
        (b'{"a": ' + b"9" * 5000 + b"}", "Exceeds the limit"),
        (b"\xff\xfe\xff", "codec can't decode"),
    ],
)
def test_json_that_is_none_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(FormatError, match=rf"x\.json is no table: .*{message}"):
        load_json(tmp_path / "x.json", "table")


def test_json_has_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.json").write_text(json.dumps({"a": "b" * 100}))
    assert load_json(tmp_path / "x.json", "table") == {"a": "b" * 100}
    monkeypatch.setattr(untrusted, "JSON_BYTES", 50)
    with pytest.raises(FormatError, match="it is longer than 50 bytes"):
        load_json(tmp_path / "x.json", "table")
