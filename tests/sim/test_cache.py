"""What was built is kept."""

import os
import platform
import threading
from pathlib import Path

import pytest

from ganglion.fpga.virtual import build as virtual
from ganglion.model.spec.errors import ToolError
from ganglion.model.spec.params import Params
from ganglion.sim import build, cocotb_driver
from ganglion.sim import cache as cache_module
from ganglion.sim.cache import cached_build, processor
from ganglion.sim.toolchain import find_toolchain
from tests.fpga.echo import echo_top


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


def test_what_is_kept_has_the_modes_of_the_umask(cache: Path) -> None:
    """Or a class that shares a machine could not read what the first of them built."""

    def build(folder: Path) -> None:
        (folder / "inner").mkdir()
        (folder / "inner" / "result").write_text("done")

    before = os.umask(0o022)
    try:
        folder = cached_build("thing", ["shared"], build)
    finally:
        os.umask(before)
    modes = [path.stat().st_mode & 0o777 for path in (folder, folder / "inner", folder / "inner" / "result")]
    assert modes == [0o755, 0o755, 0o644]


def test_a_cache_that_cannot_be_written_to_is_said_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANGLION_CACHE", "/proc/none")
    with pytest.raises(ToolError, match="/proc/none, which cannot be written to"):
        cached_build("thing", [], lambda _: pytest.fail("built"))


def test_another_processor_compiles_for_itself(cache: Path, tiny: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    """Machines that share a cache share what is not compiled, and nothing else."""

    def translated(*_: object, cwd: Path, **__: object) -> None:
        (cwd / "Vchip___024root.h").write_text("")

    monkeypatch.setattr(build, "run_tool", translated)
    monkeypatch.setattr(virtual, "run_tool", lambda *_, **__: None)
    monkeypatch.setattr(cocotb_driver.Runner, "build", lambda *_, **__: None)
    chip, echo = build.chip(tiny), echo_top()

    def folders() -> list[Path]:
        """Of everything that is compiled, and then of what is not."""
        return [
            build.build_native(chip).parent,
            build.build_native(chip, quick=True).parent,
            cocotb_driver.build_cocotb(chip),
            virtual.build_virtual(echo).parent,
            Path(find_toolchain().environment["GANGLION_OBJECTS"]),
            cached_build("text", ["a"], lambda _: None, compiled=False),
        ]

    *mine, text = folders()
    assert folders() == [*mine, text]
    monkeypatch.setattr(cache_module, "processor", lambda: "another")
    monkeypatch.setattr("ganglion.sim.toolchain.processor", lambda: "another")
    *theirs, same = folders()
    assert same == text and not set(mine) & set(theirs)


def test_a_processor_is_told_by_its_instructions() -> None:
    family, *instructions = processor().split()
    assert family == platform.machine()
    assert len(instructions) > 10 or not Path("/proc/cpuinfo").exists()
