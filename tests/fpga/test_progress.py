"""What a build says while it runs, and that it stops when its user does."""

import subprocess
import time
from pathlib import Path

import pytest

from ganglion.fpga import tools
from ganglion.fpga.progress import phase, watcher
from ganglion.model.extras import EXTRAS
from ganglion.model.spec.errors import ToolError


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("2.28. Executing MEMORY_LIBMAP pass (mapping memories to cells).", "MEMORY_LIBMAP"),
        ("Info: Packing LUT5-7s...", "packing: LUT5"),
        ("Info:     at initial placer iter 2, wirelen = 6673", "placing: first guess 2"),
        (
            "Info:     at iteration #7, type ALL: wirelen solved = 179343, spread = 334980, legal = 386257; time = 18s",
            "placing: iteration 7, 386257 of wire",
        ),
        (
            "Info:   at iteration #15: temp = 0.000000, timing cost = 18574, wirelen = 295045 ",
            "refining the placement: iteration 15, 295045 of wire",
        ),
        (
            "Info:     iter=4 wires=812345 overused=1234 overuse=1300 tmgfail=0 archfail=NA",
            "routing: iteration 4, 1234 wires used twice",
        ),
        (
            "Info:     115000 |    31318      83681 |  442   558 |    159726|     253.90    1531.17|",
            "routing: 159726 connections left",
        ),
    ],
)
def test_each_phase_is_told(line: str, told: str) -> None:
    assert phase(f"Info: something\n{line}\nInfo: something else\n") == told


def test_a_log_without_phases_tells_nothing() -> None:
    assert phase("Warning: unused\n") is None


class Described:
    """A task that keeps what it is described as."""

    what = "board: routing"

    def advance(self, count: int = 1) -> None:
        pass

    def describe(self, what: str) -> None:
        self.what = what


def test_the_description_follows_the_log(tmp_path: Path) -> None:
    log, task = tmp_path / "top.tim", Described()
    look = watcher(log, task, "board: routing")
    look()
    assert task.what == "board: routing"
    log.write_text("Info: Packing IOs..\n" + "x" * 10_000 + "\nInfo: Packing carries...\n")
    look()
    assert task.what == "board: routing; packing: carries"


def test_a_program_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tools.PROGRAMS, "nothing", ("no_such_module", "run"))
    monkeypatch.setitem(EXTRAS, "boards", ("no_such_module",))
    with pytest.raises(ToolError, match=r"nothing needs no-such-module: pip install 'ganglion-chip\[boards\]'"):
        tools.run_program("nothing", tmp_path, [])


def test_a_program_ends_with_its_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A watcher that is interrupted stands for Ctrl-C."""
    (tmp_path / "sleeper.py").write_text("import time\ndef run(arguments): time.sleep(600)\n")
    monkeypatch.setitem(tools.PROGRAMS, "sleeper", ("sleeper", "run"))
    monkeypatch.setattr(tools, "require", lambda *_: None)
    started: list[subprocess.Popen[str]] = []

    class Noted(subprocess.Popen[str]):
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)  # type: ignore[call-overload]
            started.append(self)

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tools.subprocess, "Popen", Noted)
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        tools.run_program("sleeper", tmp_path, [], watch=interrupt)
    assert time.monotonic() - begin < 60
    assert started[0].poll() is not None
