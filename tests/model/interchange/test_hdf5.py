"""HDF5 files come as arrays, or are refused: what leads out of them, round in circles, or to more than is in them."""

import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from ganglion.model.interchange import apart
from ganglion.model.interchange.hdf5 import load_hdf5, load_tree
from ganglion.model.spec.errors import FormatError


def written(path: Path, fill: Callable[[h5py.File], None]) -> Path:
    with h5py.File(path, "w") as file:
        fill(file)
    return path


def whole(file: h5py.File) -> None:
    file["a/numbers"] = np.arange(6, dtype=np.int16).reshape(2, 3)
    file["a/text"] = "word"
    file["a/texts"] = np.array([b"one", b"two"])
    file["a/nothing"] = h5py.Empty("f4")
    file.create_group("a/empty")
    rows = file.create_dataset("rows", (2,), dtype=h5py.vlen_dtype(np.uint8))
    rows[0], rows[1] = [1, 2, 3], [4]
    file["a"].attrs["size"] = (34, 26)


def test_everything_comes_by_its_path(tmp_path: Path) -> None:
    got = load_hdf5(written(tmp_path / "x.h5", whole), "file")
    assert {name: array.tolist() for name, array in got.items()} == {
        "/": [],
        "/a/": [],
        "/a@size": [34, 26],
        "/a/empty/": [],
        "/a/numbers": [[0, 1, 2], [3, 4, 5]],
        "/a/text": "word",
        "/a/texts": ["one", "two"],
        "/rows//values": [1, 2, 3, 4],
        "/rows//lengths": [3, 1],
    }
    assert got["/a/numbers"].dtype == np.int16


def test_some_comes_alone_and_of_the_rest_the_shape(tmp_path: Path) -> None:
    got = load_hdf5(written(tmp_path / "x.h5", whole), "file", ["/rows", "/a/text"], 1)
    assert got["/rows//values"].tolist() == [4] and got["/a/text"] == "word"
    assert got["/a/numbers//shape"].tolist() == [2, 3] and "/a/numbers" not in got
    with pytest.raises(FormatError, match="/rows: there is no sample 2; there are 2, from 0 on"):
        load_hdf5(tmp_path / "x.h5", "file", ["/rows"], 2)


def test_a_tree_is_of_dictionaries(tmp_path: Path) -> None:
    tree = load_tree(written(tmp_path / "x.h5", whole), "file")
    assert set(tree) == {"a", "rows"} and tree["a"]["empty"] == {} and tree["a"]["text"] == "word"


def _again(file: h5py.File) -> None:
    file["a/b"] = [1]
    file["c"] = file["a"]


@pytest.mark.parametrize(
    ("fill", "message"),
    [
        (lambda f: f.__setitem__("a", h5py.SoftLink("/")), "/a: it is a link to elsewhere"),
        (lambda f: f.__setitem__("a", h5py.ExternalLink("x.h5", "/")), "/a: it is a link to elsewhere"),
        (_again, "/c: it is there under another name already"),
        (lambda f: f.create_group("a").__setitem__("b", f), "/a/b: it is there under another name already"),
        (lambda f: f.create_group("a/" * 40), ".*groups in groups, more than 32 deep"),
        (lambda f: f.create_dataset("a", (1 << 40,), "i1", chunks=(9,)), "/a: it would unpack to more than 268435456"),
        (lambda f: f.create_dataset("a", (3,), "i1", external=[("x", 0, 3)]), "/a: its data is in another file"),
        (lambda f: f.__setitem__("a", f.create_group("b").ref), "/a: it must be numbers or text, not object"),
    ],
)
def test_what_leads_elsewhere_is_refused(tmp_path: Path, fill: Callable[[h5py.File], None], message: str) -> None:
    with pytest.raises(FormatError, match=rf"x\.h5 is not a whole file: {message}"):
        load_hdf5(written(tmp_path / "x.h5", fill), "file")


@pytest.mark.parametrize("content", [b"", b"\x89HDF\r\n\x1a\n", b"text"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.h5").write_bytes(content)
    with pytest.raises(FormatError, match=r"x\.h5 is not a whole file: corrupt, cut short, or of another kind"):
        load_hdf5(tmp_path / "x.h5", "file")
    with pytest.raises(FormatError, match=r"no\.h5: there is no such file"):
        load_hdf5(tmp_path / "no.h5", "file")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("import os; os.abort()", "corrupt: its decoder gave up with status -6"),
        ("import sys; sys.exit('too odd')", "too odd"),
        ("while True: pass", "corrupt: it was not decoded in 1 s"),
        ("decode = lambda path, most: {'a': bytearray(1 << 40)}", "of another kind: MemoryError"),
    ],
)
def test_a_decoder_that_ends_or_does_not_ends_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str
) -> None:
    monkeypatch.setattr(apart, "SECONDS", 0.9)
    decoder = tmp_path / "decoder.py"
    if script.startswith("decode"):
        monkeypatch.setattr(apart, "SECONDS", 60.0)
        script = f"from ganglion.model.interchange.send import serve\n{script}\nserve(decode)"
    decoder.write_text(script)
    (tmp_path / "file").write_bytes(b"")
    begun = time.monotonic()
    with pytest.raises(FormatError, match=f"file is not a whole thing: .*{message}"):
        apart.decode_apart(decoder, tmp_path / "file", "thing")
    assert time.monotonic() - begun < 30
