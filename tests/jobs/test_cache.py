"""The cache is shown and cleared, and the real data in it is let alone."""

from pathlib import Path

import pytest

from ganglion.jobs.cache import cache
from ganglion.jobs.result import Result
from ganglion.model.cache import cache_folder, writable_cache
from ganglion.model.spec.errors import ToolError


def words(result: Result) -> str:
    return "\n".join(part for part in result.shown() if isinstance(part, str))


def test_what_is_there_is_told_and_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANGLION_CACHE", str(tmp_path))
    for name in ("native-tiny-1", "native-small-2", "data", "waves", "mystery"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(bytes(1000))
    (tmp_path / "native-tiny-1.lock").touch()
    kept = {each.what: (each.entries, each.bytes) for each in cache().kept}
    assert kept == {"chips for simulation": (2, 2000), "waveforms of differences": (1, 1000), "other files": (1, 1000)}
    assert words(cache(clear=True)).endswith("all of it removed")
    assert [path.name for path in tmp_path.iterdir()] == ["data"] and not cache(clear=True).kept


def test_where_the_cache_is() -> None:
    assert cache_folder({"GANGLION_CACHE": "/here", "XDG_CACHE_HOME": "/there"}) == Path("/here")
    assert cache_folder({"XDG_CACHE_HOME": "/there"}) == Path("/there/ganglion")
    assert cache_folder({}) == Path.home() / ".cache" / "ganglion"


def test_no_home_and_no_folder_that_can_be_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(ToolError, match="you have no home folder: set GANGLION_CACHE"):
        cache_folder({})
    monkeypatch.setenv("GANGLION_CACHE", "/proc/none")
    with pytest.raises(ToolError, match=r"/proc/none, which cannot be written to .*: set GANGLION_CACHE to a folder"):
        writable_cache()
