"""Shipped classifiers on several targets: what is found, what is printed, and what is said where something is wrong."""

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from ganglion.model.spec.errors import GanglionError, MismatchError, ToolError
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.sim.classifiers import ClassifierResult, run_classifier
from ganglion.sim.classifiers.recorder import TARGETS

FEW = {"mnist": 200, "mnist-conv": 8, "speech": 16}
"""Samples that run on the RTL in every test run; the first 200 of each take minutes."""


class Broken(Reference):
    """Spikes at its threshold, not above it."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.threshold = [threshold - 1 for threshold in self.threshold]


def run(name: str, **options: object) -> tuple[ClassifierResult, str]:
    """The result, and what was printed."""
    console = Console(file=io.StringIO(), width=120)
    result = run_classifier(name, console=console, **options)  # type: ignore[arg-type]
    assert isinstance(console.file, io.StringIO)
    return result, console.file.getvalue()


def check_on_rtl(name: str, samples: int) -> None:
    """Lockstep compares every bit of every step, or raises; the results must agree besides."""
    result, printed = run(name, targets=["emulator", "rtl"], samples=samples)
    emulator, rtl = result.targets
    assert (emulator.name, rtl.name) == ("emulator", "rtl")
    np.testing.assert_array_equal(emulator.guess, rtl.guess)
    assert rtl.guess.size == samples
    for counter in ("spikes", "synops"):
        np.testing.assert_array_equal(emulator.counters[counter], rtl.counters[counter])
    assert result.accuracy >= 0.75
    assert (rtl.counters["cycles"] > result.steps).all()
    assert f"were equal after each of {result.steps.sum():,} steps" in printed


@pytest.mark.parametrize("name", FEW)
def test_rtl_and_emulator_agree(name: str) -> None:
    check_on_rtl(name, FEW[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in FEW if FEW[name] < 200])
def test_rtl_and_emulator_agree_on_the_first_200(name: str) -> None:
    check_on_rtl(name, 200)


def test_one_target_alone_finds_what_two_find() -> None:
    alone, printed = run("mnist", samples=30)
    both, _ = run("mnist", samples=30, targets=["emulator", "reference"])
    np.testing.assert_array_equal(alone.guess, both.guess)
    for counter, values in alone.targets[0].counters.items():
        np.testing.assert_array_equal(values, both.targets[0].counters[counter])
    assert "MNIST, 784-128-10: 138 neurons" in printed
    assert "30 of 10,000 test samples, 10.0 steps each" in printed
    assert f"{alone.right} of 30" in printed
    assert alone.totals()["steps"] == 300


def test_a_difference_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TARGETS, "broken", Broken)
    with pytest.raises(MismatchError, match=r"broken has .*, reference has") as caught:
        run("mnist", targets=["reference", "broken"], only=[7])
    assert "ganglion run mnist --targets reference,broken --only 7" in str(caught.value)


def test_bad_requests(tmp_path: Path) -> None:
    for message, options in {
        "one or more of reference, rtl, emulator, board, each once, not 'fpga'": {"targets": ["fpga"]},
        "samples must be 1 to 10000, as many test samples as there are, not 10001": {"samples": 10_001},
        "test samples are 0 to 9999, not 10000": {"only": [3, 10_000]},
        "test samples are 0 to 9999, not none": {"only": []},
        "a positive number of MHz, not 0": {"clock_mhz": 0},
    }.items():
        with pytest.raises(GanglionError, match=message):
            run("mnist", **options)
    with pytest.raises(GanglionError, match="there is no classifier 'mnits'"):
        run("mnits")
    with pytest.raises(ToolError, match=r"set GANGLION_DATA to the folder that has mnist/t10k-images"):
        run("mnist", data=tmp_path)
