"""The soak goes on where it stopped: what has passed, on the same sources, is not run again.

`pytest --soak FILE` keeps what passed in FILE, prints a line for each test that ends, and one for each claim at the
end: the first sentence of a test's docstring, or else its name. What passed on other sources counts no longer.
"""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.costs import CPU, WALL

ROOT = Path(__file__).parent.parent

SOURCES = ("ganglion", "model", "hdl", "sim", "fpga", "web", "tests", "pyproject.toml")
"""What a result depends on, of all that is in the repository."""


CLAIM = "claim"
"""What a report carries besides its costs."""


def sources_key() -> str:
    """A hash of all sources."""
    digest = hashlib.sha256()
    for part in SOURCES:
        paths = [ROOT / part] if (ROOT / part).is_file() else sorted((ROOT / part).rglob("*"))
        for path in paths:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


class Passed(NamedTuple):
    """A test that has passed: what it claims, and its seconds on the clock and of the processors."""

    claim: str
    wall: float
    cpu: float


@dataclass
class State:
    """What has passed on these sources, by test."""

    file: Path
    key: str
    passed: dict[str, Passed] = field(default_factory=dict)

    @classmethod
    def load(cls, file: Path) -> "State":
        key = sources_key()
        kept = json.loads(file.read_text()) if file.exists() else {}
        passed = kept["passed"] if kept.get("key") == key else {}
        return cls(file, key, {test: Passed(*values) for test, values in passed.items()})

    def add(self, test: str, passed: Passed) -> None:
        self.passed[test] = passed
        self.file.parent.mkdir(parents=True, exist_ok=True)
        part = self.file.with_suffix(".part")
        part.write_text(json.dumps({"key": self.key, "passed": self.passed}, indent=1) + "\n")
        part.replace(self.file)


def name_of(nodeid: str) -> str:
    """The test, without what pytest-xdist appends."""
    return nodeid.partition("@")[0]


def claim_of(item: pytest.Item) -> str:
    """The first sentence of a test's docstring, or its name in words."""
    said = " ".join((getattr(getattr(item, "function", None), "__doc__", None) or "").split())
    name = getattr(item, "originalname", item.name).removeprefix("test_").replace("_", " ")
    return said.partition(". ")[0].rstrip(".:") or name


class Choice:
    """Leaves out what has passed, and says what the others claim; runs wherever tests run."""

    def __init__(self, state: State) -> None:
        self.state = state

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        done = [item for item in items if name_of(item.nodeid) in self.state.passed]
        if done:
            config.hook.pytest_deselected(items=done)
            items[:] = [item for item in items if item not in done]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        setattr(report, CLAIM, claim_of(item))
        return report


class Summary:
    """Tells how far the soak is, and what it has shown."""

    def __init__(self, state: State, config: pytest.Config) -> None:
        self.state = state
        self.config = config
        self.before = set(state.passed)
        self.begun = time.monotonic()
        self.total = 0
        self.ended: dict[str, Passed] = {}
        self.count = 0
        self.failed: set[str] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.total = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        self.total = len(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = name_of(report.nodeid)
        spent = self.ended.get(test, Passed("", 0.0, 0.0))
        wall, cpu = spent.wall + getattr(report, WALL, 0.0), spent.cpu + getattr(report, CPU, 0.0)
        claim = getattr(report, CLAIM, test)  # a test in which a worker crashed has told none
        self.ended[test] = spent = Passed(claim, round(wall, 1), round(cpu, 1))
        if report.failed:
            self.failed.add(test)
        if report.when == "teardown":
            self.count += 1
            if test not in self.failed:
                self.state.add(test, spent)
            minutes, verdict = (time.monotonic() - self.begun) / 60, "FAILED" if test in self.failed else "passed"
            line = f"[{self.count} of {self.total}, {minutes:.0f} min] {verdict} in {wall:.0f} s: {test}"
            self.config.get_terminal_writer().line("\n" + line)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self.before:
            session.exitstatus = pytest.ExitCode.OK

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("what the soak has shown")
        tests: dict[str, list[str]] = defaultdict(list)
        known = {**self.state.passed, **self.ended}
        for test, passed in known.items():
            tests[passed.claim].append(test)
        for claim, of in tests.items():
            failed, earlier = sum(test in self.failed for test in of), sum(test in self.before for test in of)
            verdict = f"FAILED {failed} of {len(of)}" if failed else f"passed {len(of)}"
            verdict += f" ({earlier} earlier)" if earlier else ""
            wall, cpu = sum(known[test].wall for test in of), sum(known[test].cpu for test in of)
            terminalreporter.write_line(f"{verdict}, {wall:.0f} s, of the processors {cpu:.0f}: {claim}")
        left = self.total - self.count
        terminalreporter.write_line(f"{left} left: run it again" if left else "nothing is left to run")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("soak").addoption(
        "--soak", type=Path, metavar="FILE", help="leave out what FILE says has passed on these sources, and add to it"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--soak") is None:
        return
    state = State.load(config.getoption("--soak"))
    config.pluginmanager.register(Choice(state), "soak-choice")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Summary(state, config), "soak-summary")
