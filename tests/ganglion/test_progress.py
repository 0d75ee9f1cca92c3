"""Progress on a terminal: late, gone afterwards, and quiet where there is no terminal."""

import time
from io import StringIO

import pytest
from rich.console import Console

from ganglion.model.progress import SILENT, Progress
from ganglion.progress import TerminalProgress

HIDE_CURSOR, SHOW_CURSOR, ERASE_LINE = "\x1b[?25l", "\x1b[?25h", "\x1b[2K"


def listener(*, terminal: bool, after: float) -> tuple[Progress, StringIO]:
    out = StringIO()
    console = Console(file=out, force_terminal=terminal, force_interactive=terminal, width=100, color_system=None)
    return TerminalProgress(console, after=after), out


def wait_for(text: str, out: StringIO) -> None:
    """Until the listener has shown something."""
    until = time.monotonic() + 30
    while text not in out.getvalue():
        assert time.monotonic() < until, f"{text!r} never came: {out.getvalue()!r}"
        time.sleep(0.01)


@pytest.mark.parametrize("terminal", [True, False])
def test_what_takes_no_time_shows_nothing(terminal: bool) -> None:
    progress, out = listener(terminal=terminal, after=60)
    with progress.task("placing", 3) as task:
        task.advance(3)
    assert out.getvalue() == ""


def test_a_task_is_left_alone_until_it_is_old_enough() -> None:
    progress, out = listener(terminal=True, after=5)
    with progress.task("placing"):
        time.sleep(0.8)  # the listener has looked once
    assert out.getvalue() == ""


def test_what_takes_long_has_a_bar_that_disappears() -> None:
    progress, out = listener(terminal=True, after=0)
    with progress.task("placing [cores]", 4) as task:
        task.advance()
        wait_for("placing [cores]", out)
        wait_for("25%", out)
        task.describe("packing")
        task.advance(2)
        wait_for("packing", out)
        wait_for("75%", out)
    assert out.getvalue().startswith(HIDE_CURSOR)
    after = out.getvalue().rpartition("packing")[2]
    assert ERASE_LINE in after and SHOW_CURSOR in after


def test_a_task_that_never_advances_is_shown_too() -> None:
    progress, out = listener(terminal=True, after=0)
    with progress.task("compiling"):
        wait_for("compiling", out)


def test_without_a_terminal_what_takes_long_is_one_line() -> None:
    progress, out = listener(terminal=False, after=0)
    with progress.task("placing", 4) as task:
        wait_for("placing", out)
        task.describe("packing")
        task.advance(2)
        time.sleep(0.05)
    assert out.getvalue() == "placing …\n"


def test_tasks_inside_tasks_have_bars_of_their_own() -> None:
    progress, out = listener(terminal=True, after=0)
    with progress.task("outer"):
        with progress.task("inner"):
            wait_for("inner", out)
        assert SHOW_CURSOR not in out.getvalue(), "the outer bar is still there"
    assert SHOW_CURSOR in out.getvalue()


def test_an_interrupt_leaves_a_clean_terminal() -> None:
    progress, out = listener(terminal=True, after=0)
    with pytest.raises(KeyboardInterrupt), progress.task("placing"):
        wait_for("placing", out)
        raise KeyboardInterrupt
    bars, said = out.getvalue().rsplit("stopped: ", 1)
    assert SHOW_CURSOR in bars.rpartition("placing")[2] and said == "placing\n"
    with progress.task("again"):
        wait_for("again", out)


def test_an_interrupt_says_how_far_it_came() -> None:
    progress, out = listener(terminal=False, after=60)
    with pytest.raises(KeyboardInterrupt), progress.task("random networks", 2000) as task:
        task.advance(1234)
        raise KeyboardInterrupt
    assert out.getvalue() == "stopped: random networks, 1,234 of 2,000 done\n"


def test_a_note_stays_and_is_no_markup() -> None:
    progress, out = listener(terminal=False, after=60)
    progress.note("epoch [3]: 97 %")
    assert out.getvalue() == "epoch [3]: 97 %\n"


def test_silence_takes_everything_and_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with SILENT.task("outer"), SILENT.task("inner", 3) as task:
        task.advance(2)
        task.describe("else")
        SILENT.note("line")
    assert capfd.readouterr() == ("", "")
