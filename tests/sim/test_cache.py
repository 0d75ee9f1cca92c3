"""What was built is kept."""

import threading
from pathlib import Path

import pytest

from ganglion.model.spec.errors import ToolError
from ganglion.sim.cache import cached_build


def test_what_is_built_is_built_once(cache: Path) -> None:
    calls = []

    def build(folder: Path) -> None:
        calls.append(folder)
        (folder / "result").write_text("done")

    threads = [threading.Thread(target=cached_build, args=("thing", ["a"], build)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert (cached_build("thing", ["a"], build) / "result").read_text() == "done"
    assert cached_build("thing", ["b"], build) != cached_build("thing", ["a"], build)
    assert len(calls) == 2


def test_a_build_that_fails_leaves_nothing(cache: Path) -> None:
    def build(folder: Path) -> None:
        (folder / "half").write_text("…")
        raise ToolError("broken")

    for _ in range(2):
        with pytest.raises(ToolError, match="broken"):
            cached_build("thing", [], build)
    assert [path.suffix for path in cache.iterdir()] == [".lock"]
