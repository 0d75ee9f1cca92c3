"""What the tests cost: seconds of each, on the clock and of the processors, and their total.

`pytest --costs 20` prints the total, the folders, and the twenty that cost most; `--costs-file` keeps the figures. The
seconds of the processors are those of the test's process and of every program that it ran and waited for: they say the
same on a busy machine. A fixture that tests share is paid for by the first of them.
"""

import json
import os
from collections import defaultdict
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

CPU, WALL = "cpu_seconds", "wall_seconds"
"""What a report carries from a worker to where the tests are counted."""

SHORT = 0.2
"""Seconds of the processors below which a test's figures are not kept: most tests are short."""


@dataclass
class Cost:
    """Seconds that something took."""

    wall: float = 0.0
    cpu: float = 0.0

    def add(self, other: "Cost") -> None:
        self.wall += other.wall
        self.cpu += other.cpu


def now() -> Cost:
    """The clock, and what this process and those that it has waited for have used of the processors."""
    times = os.times()
    return Cost(times.elapsed, times.user + times.system + times.children_user + times.children_system)


class Measure:
    """Puts the cost of each phase of a test into its report; runs where the tests run."""

    def __init__(self) -> None:
        self.last = now()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        this = now()
        setattr(report, WALL, this.wall - self.last.wall)
        setattr(report, CPU, this.cpu - self.last.cpu)
        self.last = this
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self) -> None:
        self.last = now()  # waiting for the next test is no cost of it


class Account:
    """Adds the costs up, and prints them."""

    def __init__(self, longest: int, file: Path | None) -> None:
        self.longest = longest
        self.file = file
        self.tests: dict[str, Cost] = defaultdict(Cost)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.partition("@")[0]  # xdist appends a group
        # That of a test in which a worker crashed is made elsewhere, and has none.
        self.tests[name].add(Cost(getattr(report, WALL, 0.0), getattr(report, CPU, 0.0)))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        write = terminalreporter.write_line
        terminalreporter.section("cost of the tests: seconds on the clock, and of the processors")
        ranked = sorted(self.tests.items(), key=lambda entry: -entry[1].cpu)
        for name, cost in ranked[: self.longest]:
            write(line(cost, name))
        write("")
        for folder, cost in folders(self.tests.items()).items():
            write(line(cost, folder))
        write(line(total(self.tests.values()), f"all {len(self.tests)} tests"))
        if self.file:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            kept = [(name, round(cost.wall, 1), round(cost.cpu, 1)) for name, cost in ranked if cost.cpu >= SHORT]
            lines = (f"{json.dumps(name)}: [{wall}, {cpu}]" for name, wall, cpu in kept)
            self.file.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def folders(tests: Iterable[tuple[str, Cost]]) -> dict[str, Cost]:
    """The cost of each folder below tests/, the dearest first."""
    costs: dict[str, Cost] = defaultdict(Cost)
    for name, cost in tests:
        costs["/".join(name.partition("::")[0].split("/")[:2])].add(cost)
    return dict(sorted(costs.items(), key=lambda entry: -entry[1].cpu))


def total(costs: Iterable[Cost]) -> Cost:
    whole = Cost()
    for cost in costs:
        whole.add(cost)
    return whole


def line(cost: Cost, name: str) -> str:
    return f"{cost.wall:9.1f} {cost.cpu:9.1f}  {name}"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("costs")
    group.addoption("--costs", type=int, metavar="N", help="print what the tests cost, and the N that cost most")
    group.addoption("--costs-file", type=Path, metavar="FILE", help="keep what the longer tests cost, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Measure(), "costs-measure")
    if config.getoption("--costs") is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(
            Account(config.getoption("--costs"), config.getoption("--costs-file")), "costs-account"
        )
