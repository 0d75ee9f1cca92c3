"""The main job: what it finds, what it prints, and what it says where something is wrong."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from ganglion.model.networks import digits
from ganglion.model.spec.errors import GanglionError, MismatchError
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.sim.digits import REPORT, TARGETS, main_job


class Broken(Reference):
    """Spikes at its threshold, not above it."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.threshold = [threshold - 1 for threshold in self.threshold]


def quiet() -> Console:
    return Console(file=io.StringIO(), width=100)


def test_rtl_reads_what_the_reference_reads() -> None:
    console = quiet()
    result = main_job(only=range(0, 540, 18), console=console)
    reference, rtl = result.targets
    assert (reference.name, rtl.name) == ("reference", "rtl")
    assert reference.guess.tolist() == rtl.guess.tolist()
    assert result.right >= 27
    for counter in ("spikes", "synops"):
        assert (reference.counters[counter] == rtl.counters[counter]).all()
    assert result.cycles is not None
    assert (result.cycles >= result.synops).all()
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue()
    assert "30 held-out images, 10 steps each" in printed
    assert "were equal after each of 300 steps" in printed
    assert f"{result.cycles.max():,}" in printed


def test_emulator_reads_what_the_reference_reads() -> None:
    result = main_job(targets=["reference", "emulator"], images=20, console=quiet())
    assert result.targets[0].guess.tolist() == result.targets[1].guess.tolist()


def test_shipped_accuracy_is_counted_alike() -> None:
    """The first 60 held-out images, one target alone: the guesses are those of the runs of a bare reference."""
    network = digits.load()
    result = main_job(targets=["reference"], images=60, console=quiet())
    reference = Reference(network.program())
    for pixels, guess in zip(result.images.inputs, result.guess, strict=True):
        reference.reset()
        assert network.decode(reference.run(network.encode(pixels))) == guess
    assert result.cycles is None


def test_a_difference_stops_the_job(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(TARGETS, "broken", Broken)
    with pytest.raises(MismatchError, match=r"broken has .*, reference has") as caught:
        main_job(targets=["reference", "broken"], only=[7], out=tmp_path, console=quiet())
    assert "ganglion run digits --targets reference,broken --only 7" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_bad_requests(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for message, options in {
        "one or more of reference, rtl, emulator, board, each once, not 'fpga'": {"targets": ["fpga"]},
        "the target board needs its --device": {"targets": ["reference", "board"]},
        "each once, not 'rtl, rtl'": {"targets": ["rtl", "rtl"]},
        "each once, not ''": {"targets": []},
        "images must be 1 to 540, as many held-out images as there are, not 541": {"images": 541},
        "images must be 1 to 540, as many held-out images as there are, not 0": {"images": 0},
        "held-out images are 0 to 539, not 540": {"only": [3, 540]},
        "held-out images are 0 to 539, not none": {"only": []},
        "a positive number of MHz, not 0": {"clock_mhz": 0},
        "file, cannot be made: File exists": {"out": tmp_path / "file"},
    }.items():
        with pytest.raises(GanglionError, match=message):
            main_job(**{"targets": ["reference"], "images": 1, "console": quiet(), **options})  # type: ignore[arg-type]
    assert not (tmp_path / REPORT).exists()
