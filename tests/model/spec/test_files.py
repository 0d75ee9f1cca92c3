"""Files and folders are whole or not there."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ganglion.model.spec.files import locked, write_text, written_folder, written_path, written_whole


def test_what_is_locked_waits_for_no_other_file_and_no_dead_process(tmp_path: Path) -> None:
    """A second process gets the lock when the first one ends, in whatever way."""
    program = (
        "import os, sys, time; from ganglion.model.spec.files import locked\n"
        "with locked(sys.argv[1]): print(flush=True); time.sleep(0.2); open(sys.argv[2], 'a').write(' '); os._exit(1)"
    )
    lock, done = tmp_path / "lock", tmp_path / "done"
    with subprocess.Popen([sys.executable, "-c", program, lock, done], stdout=subprocess.PIPE) as holder:
        assert holder.stdout and holder.stdout.readline() == b"\n"
        with locked(tmp_path / "other"):
            assert not done.exists()
        with locked(lock):
            assert done.exists()


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


def test_two_who_write_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "waves.vcd"
    with written_path(path) as first, written_path(path) as second:
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_takes_its_place_when_all_of_it_is_there(tmp_path: Path) -> None:
    with written_folder(tmp_path / "net") as folder:
        (folder / "a").write_text("whole")
        assert not (tmp_path / "net").exists()
    assert (tmp_path / "net" / "a").read_text() == "whole"
    with pytest.raises(FileExistsError, match=r"net exists; remove it"), written_folder(tmp_path / "net"):
        pass
    with pytest.raises(ZeroDivisionError), written_folder(tmp_path / "other") as folder:
        (folder / "a").write_text("half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == [tmp_path / "net"]


@pytest.mark.parametrize("umask", [0o022, 0o027, 0o000])
def test_files_and_folders_have_the_mode_that_the_umask_gives(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_text(tmp_path / "file", "")
        with written_folder(tmp_path / "folder"):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o666 & ~umask
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o777 & ~umask


def test_what_is_written_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there: list[tuple[str, bool]] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        there.append((path.suffix, (tmp_path / "file").exists()))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    write_text(tmp_path / "file", "text")
    assert there == [(".part", False), ("", True)], "the file, and then the folder that has its name"


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "file")
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "deep" / "file").read_text() == "new"


def test_a_device_is_written_through() -> None:
    write_text("/dev/null", "gone")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    with pytest.raises(OSError, match="No space left on device"):
        write_text("/dev/full", "does not fit")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
