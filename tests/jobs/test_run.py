"""Shipped classifiers on several targets: what is found, what is printed, and what is said where something is wrong."""

import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from ganglion.fpga.host.driver import BoardDriver
from ganglion.jobs.classified import Classified, wilson
from ganglion.jobs.run import run
from ganglion.jobs.targets import TARGETS, TargetKind
from ganglion.model.networks.shipped import SHIPPED, load
from ganglion.model.progress import Progress
from ganglion.model.spec.errors import GanglionError, MismatchError, ToolError
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference

FEW = {"digits": 30, "mnist": 50, "speech": 4}
"""Samples that run on the RTL in every test run, of networks of one core; in the soak the first 200 of each network."""

REPLAY = "ganglion run mnist --targets reference,broken --only 7"


class Broken(Reference):
    """Spikes at its threshold, not above it."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.threshold = [threshold - 1 for threshold in self.threshold]


def broken(program: Program, driver: BoardDriver | None, progress: Progress) -> Broken:
    return Broken(program)


def printed(result: Classified) -> str:
    """What a terminal shows."""
    console = Console(width=120)
    with console.capture() as text:
        for part in result.shown():
            console.print(part, soft_wrap=isinstance(part, str), markup=False, highlight=False)
    return text.get()


def check_on_rtl(name: str, samples: int) -> None:
    """Lockstep compares every bit of every step, or raises; the results must agree besides."""
    result = run(name, targets=["emulator", "rtl"], samples=samples)
    emulator, rtl = result.targets
    assert (emulator.name, rtl.name) == ("emulator", "rtl")
    np.testing.assert_array_equal(emulator.guess, rtl.guess)
    assert rtl.guess.size == samples
    for counter in ("spikes", "synops"):
        np.testing.assert_array_equal(emulator.counters[counter], rtl.counters[counter])
    assert result.accuracy is not None and result.accuracy >= 0.75
    assert rtl.counters["cycles"].shape == (result.steps.sum(),)
    assert (result.per_sample(rtl.counters["cycles"]) > result.steps).all()
    text = printed(result)
    assert f"were equal after each of {result.steps.sum():,} steps" in text
    assert f"{rtl.counters['cycles'].max():,}" in text
    assert not result.energy.missing, "the chip counts all that costs energy"


@pytest.mark.sim
@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name == "mnist")) for name in FEW])
def test_rtl_and_emulator_agree(name: str) -> None:
    check_on_rtl(name, FEW[name])


@pytest.mark.sim
@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_rtl_and_emulator_agree_on_the_first_200(name: str) -> None:
    """The first 200 test samples of the networks that ship, on the RTL and on the emulator, in lockstep."""
    check_on_rtl(name, 200)


@pytest.mark.long
def test_one_target_alone_finds_what_two_find() -> None:
    alone, both = run("mnist", samples=30), run("mnist", samples=30, targets=["emulator", "reference"])
    np.testing.assert_array_equal(alone.guess, both.guess)
    for counter, values in alone.targets[0].counters.items():
        np.testing.assert_array_equal(values, both.targets[0].counters[counter])
    text = printed(alone)
    assert "MNIST, 784-128-10: 138 neurons" in text
    assert "30 of 10,000 test samples, 10.0 steps each" in text
    assert f"{alone.right} of 30" in text
    assert alone.totals()["steps"] == 300
    assert alone.timed is None and "AXONS read" in alone.energy.missing


def test_guesses_are_those_of_a_bare_reference() -> None:
    classifier = load("digits")
    result = run("digits", targets=["reference"], only=[539, 3, 17])
    assert result.numbers.tolist() == [539, 3, 17]
    reference, test = Reference(classifier.program()), classifier.test_set(None)
    for index, guess, label in zip(result.numbers, result.guess, result.label, strict=True):
        reference.reset()
        assert classifier.decode(reference.run(classifier.encode(test.inputs[index]))) == guess
        assert label == test.label[index]


@pytest.mark.long
def test_the_network_in_floats_is_counted_on_the_same_samples() -> None:
    result = run("mnist", samples=50, floats=True)
    classifier = load("mnist")
    test = classifier.test_set(None)
    right = (classifier.float_guesses(test.inputs[:50]) == test.label[:50]).sum()
    assert result.right_in_floats == right
    assert f"in floats, before it was rounded: {right} of 50 right" in printed(result)


@pytest.mark.long
def test_what_programs_read_is_what_people_read() -> None:
    result = run("digits", targets=["reference", "emulator"], samples=5, account=True)
    found = json.loads(json.dumps(result.to_dict()))
    assert found["right"] == result.right and found["guess"] == result.guess.tolist()
    assert found["samples"] == [0, 1, 2, 3, 4]
    assert found["targets"]["emulator"]["synops"] == int(result.targets[1].counters["synops"].sum())
    assert sum(cost["total_pj"] for cost in found["energy"]["operations"].values()) == pytest.approx(
        found["energy"]["total_pj"]
    )
    text = printed(result)
    assert "per sample" in text and "Horowitz" in text
    assert f"{found['energy']['per_sample_pj'] / 1e3:,.2f}" in text


def test_a_difference_stops_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(TARGETS, "broken", TargetKind(open=broken))
    with pytest.raises(MismatchError, match=r"broken has \d+, reference has \d+") as caught:
        run("mnist", targets=["reference", "broken"], only=[7], out=tmp_path)
    assert REPLAY in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_report_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    result = run("digits", targets=["reference"], samples=2, out=tmp_path / "a" / "b")
    assert result.report == tmp_path / "a" / "b" / "digits.html"
    assert "<!doctype html>" in result.report.read_text()
    assert f"report: {result.report}" in printed(result)


def test_bad_requests(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for message, options in {
        "one or more of reference, emulator, array, rtl, board, each once, not 'fpga'": {"targets": ["fpga"]},
        "each once, not 'rtl, rtl'": {"targets": ["rtl", "rtl"]},
        "each once, not ''": {"targets": []},
        "the target board needs its --device": {"targets": ["reference", "board"]},
        "--device /dev/x is for the target board": {"targets": ["reference"], "device": "/dev/x"},
        "samples must be 1 to 540, as many test samples as there are, not 541": {"samples": 541},
        "samples must be 1 to 540, as many test samples as there are, not 0": {"samples": 0},
        "samples are 0 to 539, not 540": {"only": [3, 540]},
        "samples are 0 to 539, not none": {"only": []},
        "a positive number of MHz, not 0": {"clock_mhz": 0},
        "file, cannot be made: File exists": {"out": tmp_path / "file"},
    }.items():
        with pytest.raises(GanglionError, match=message):
            run("digits", **{"targets": ["reference"], **options})  # type: ignore[arg-type]
    with pytest.raises(GanglionError, match=r"there is no network 'mnits' \(did you mean mnist\?\)"):
        run("mnits")
    with pytest.raises(ToolError, match=r"set GANGLION_DATA to the folder that has mnist/t10k-images"):
        run("mnist", data=tmp_path)


def test_interval_of_wilson() -> None:
    """Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, and 0 of 20."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
