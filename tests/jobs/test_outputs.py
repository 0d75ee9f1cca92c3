"""Files that cannot be written are refused before the work."""

import os
from pathlib import Path

import pytest

from ganglion.jobs import outputs
from ganglion.jobs.outputs import check_file, check_folder, check_picture
from ganglion.model.spec.errors import FormatError, GanglionError


def test_a_folder_is_made(tmp_path: Path) -> None:
    check_folder(tmp_path / "a" / "b")
    check_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GanglionError, match=r"file, cannot be made: File exists"):
        check_folder(tmp_path / "file")


def test_files_that_cannot_be_written(tmp_path: Path) -> None:
    check_file(None)
    check_file(tmp_path / "new.npz")
    with pytest.raises(GanglionError, match="is a folder; give the name of a file in it"):
        check_file(tmp_path)
    with pytest.raises(GanglionError, match=r"cannot be written: there is no folder .*none"):
        check_file(tmp_path / "none" / "new.npz")
    assert not list(tmp_path.iterdir()), "looking writes nothing"


def test_a_folder_that_may_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests may run as root, who may write anywhere."""
    monkeypatch.setattr(outputs.os, "access", lambda folder, mode: not (mode & os.W_OK))
    for check, path in ((check_file, tmp_path / "new.npz"), (check_folder, tmp_path)):
        with pytest.raises(GanglionError, match="no permission to write to the folder"):
            check(path)


def test_pictures_have_the_ending_of_a_picture(tmp_path: Path) -> None:
    check_picture(None)
    for name in ("a.png", "a.SVG", "a.pdf"):
        check_picture(tmp_path / name)
    for name in ("a.txt", "a"):
        with pytest.raises(FormatError, match=r"a picture's name ends in one of .*png"):
            check_picture(tmp_path / name)
    with pytest.raises(GanglionError, match="there is no folder"):
        check_picture(tmp_path / "none" / "a.png")
