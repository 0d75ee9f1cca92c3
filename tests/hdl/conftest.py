"""A test of a component that fails runs a second time, for its waveform."""

import re
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.hdl import simulate

FOLDER = Path("build/waves")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    try:
        return (yield)
    except Exception:
        FOLDER.mkdir(parents=True, exist_ok=True)
        simulate.WAVEFORM = FOLDER / (re.sub(r"\W+", "-", item.name).strip("-") + ".vcd")
        simulate.WAVEFORM.unlink(missing_ok=True)
        with suppress(Exception):
            item.runtest()
        if simulate.WAVEFORM.exists():
            replay = f"python -m pytest '{item.nodeid}'"
            item.add_report_section("call", "waveform", f"{simulate.WAVEFORM}; see it again: {replay}")
        simulate.WAVEFORM = None
        raise
