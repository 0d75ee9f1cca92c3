"""From a board to its bitstream, and what is said of it."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from docs.generate import resources as document
from ganglion.fpga import bitstream as builder
from ganglion.fpga.bitstream import build_bitstream
from ganglion.fpga.boards import BOARDS, find_board, generic_boards
from ganglion.fpga.pll import ecp5_setting, ice40_setting
from ganglion.fpga.report import Report, baseline, drift, modules_of
from ganglion.fpga.workload import Workload
from ganglion.jobs.bitstream import BuiltBitstream
from ganglion.model.spec.errors import BoardError, ToolError


@pytest.fixture(scope="module")
def icebreaker(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    """Built by the command that `make bitstream BOARD=icebreaker` runs, which holds it to its baseline too."""
    folder = tmp_path_factory.mktemp("icebreaker")
    command = [sys.executable, "-m", "ganglion", "bitstream", "icebreaker"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    built = folder / "build" / "boards" / "icebreaker"
    figures = json.loads((built / "report.json").read_text())
    loads = [Workload(**load) for load in figures.pop("workloads")]
    return Report(**figures, workloads=loads), built / "top.bin"


@pytest.mark.slow
@pytest.mark.flow
@pytest.mark.timeout(900)
def test_the_icebreaker_s_bitstream_is_made_and_meets_its_clock(icebreaker: tuple[Report, Path]) -> None:
    """The iCEBreaker's bitstream is made, meets its clock, and is the baseline's."""
    report, bitstream = icebreaker
    assert bitstream.read_bytes()[:4] == bytes.fromhex("ff0000ff"), "not a bitstream of an iCE40"
    assert report.fmax_mhz >= report.constraint_mhz >= 18
    assert report.used["SPRAM (256 kbit)"] == 4
    assert report.neurons == 256 and report.synapses >= 100_000
    assert "digits" in [load.name for load in report.workloads]
    assert 0 < report.critical_path_ns <= 1e3 / report.constraint_mhz
    assert report.critical_path and all(name.split(".")[0] in ("chip", "line", "link") for name in report.critical_path)


@pytest.mark.slow
@pytest.mark.flow
def test_what_misses_its_clock_or_its_baseline_is_a_failure(icebreaker: tuple[Report, Path]) -> None:
    """A bitstream that misses its clock or its baseline is a failure, in words."""
    report, bitstream = icebreaker
    wanted = baseline()["icebreaker"]
    found = BuiltBitstream(bitstream=bitstream, report=report, wanted=wanted, left_out={}, renewed=None)
    assert found.failure is None
    assert "reaches 10 MHz" in str(replace(found, report=replace(report, fmax_mhz=10.0)).failure)
    more = replace(report, used={**report.used, "LUT": 2 * report.used["LUT"]})
    assert re.search(r"LUT: .*ganglion bitstream icebreaker --update", str(replace(found, report=more).failure))
    assert replace(found, report=more, wanted={}).failure is None, "a chip of other sizes has no baseline"
    assert drift(report, baseline()["icebreaker"]) == []


@pytest.mark.slow
@pytest.mark.flow
def test_the_report_is_made_again_from_what_was_built(icebreaker: tuple[Report, Path], tmp_path: Path) -> None:
    """The report on a bitstream is made again from what was built."""
    _, bitstream = icebreaker
    command = [sys.executable, "-m", "ganglion", "bitstream", "icebreaker", "--report-only"]
    figures = bitstream.with_name("report.json")
    before, made = figures.read_text(), bitstream.stat().st_mtime_ns
    figures.unlink()
    done = subprocess.run(command, cwd=bitstream.parents[3], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert figures.read_text() == before
    assert bitstream.stat().st_mtime_ns == made
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "make it: ganglion bitstream icebreaker" in " ".join(done.stdout.split() + done.stderr.split())


@pytest.mark.parametrize(
    ("error", "left"), [(KeyboardInterrupt(), set()), (ToolError("nextpnr-ice40 failed"), {"icebreaker.part"})]
)
def test_a_build_that_ends_early_leaves_the_bitstream_that_was_there(
    error: BaseException, left: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C leaves nothing else; a tool that failed leaves its logs, and the message says where."""
    folder = tmp_path / "icebreaker"
    folder.mkdir()
    (folder / "top.bin").write_bytes(b"before")

    def early(board: object, folder: Path, *_: object) -> None:
        (folder / "top.rpt").write_text("log")
        raise error

    monkeypatch.setattr(builder, "_build", early)
    with pytest.raises(type(error)) as caught:
        build_bitstream(BOARDS["icebreaker"], folder)
    assert {path.name for path in tmp_path.iterdir()} == {"icebreaker", *left}
    assert (folder / "top.bin").read_bytes() == b"before"
    assert all(str(tmp_path / name) in str(caught.value) for name in left)


PROMISED = {
    "icebreaker": {"fmax_mhz": 18, "cores": 1, "neurons": 256, "synapses": 100_000},
    "ulx3s": {"fmax_mhz": 60, "cores": 4, "neurons": 1024, "synapses": 1 << 18},
    "ulx3s-usb": {"fmax_mhz": 75, "cores": 4, "neurons": 1024, "synapses": 1 << 18},
    "ulx3s-learning": {"fmax_mhz": 60, "cores": 2, "neurons": 512, "synapses": 1 << 17},
}
"""The least that each board is to have."""


@pytest.mark.parametrize("board", sorted(PROMISED))
def test_the_committed_figures_are_what_was_promised(board: str) -> None:
    """Bitstreams take too long for every change; their figures are those of `make bitstream BOARD=…`."""
    figures = baseline()[board]
    assert figures["fmax_mhz"] >= figures["constraint_mhz"]
    assert {name: figures[name] >= least for name, least in PROMISED[board].items()} == dict.fromkeys(
        PROMISED[board], True
    )


def test_the_page_has_the_figures_of_the_baseline() -> None:
    path = Path(__file__).parents[2] / document.PAGE
    assert document.page(path.read_text()) == path.read_text(), "write it again: python -m docs.generate.resources"
    assert "LUT" in document.figures(baseline())


def test_a_path_is_told_by_modules() -> None:
    cells = [
        "chip.core.walker.left_LUT",
        "$nextpnr_1",
        "chip.core.walker$12.x",
        "chip.core.lane_0.synapses.ram.0.1",
        "top",
    ]
    hops = [{"delay": 1, "from": {"cell": a}, "to": {"cell": b}} for a, b in pairwise(cells)]
    assert modules_of(hops) == ["chip.core.walker", "chip.core.lane_0.synapses.ram.0"]


def test_every_board_of_the_open_flows_is_found() -> None:
    names = generic_boards()
    assert "ecpix5:ECPIX585Platform" in names and "icestick:ICEStickPlatform" in names
    board = find_board("ecpix5:ECPIX585Platform")
    assert board.clock == 50_000_000 and board.divider == 50


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nonsense", "there is no board 'nonsense'; there are icebreaker, ulx3s, ulx3s-usb, ulx3s-learning, "),
        ("arty_a7:ArtyA7_35Platform", "another FPGA"),
        ("ulx3s:Nothing", "has no platform ulx3s:Nothing"),
        ("orangecrab_r0_2:OrangeCrabR0_2_25FPlatform", "no UART"),
    ],
)
def test_a_board_that_cannot_be_is_refused(name: str, words: str) -> None:
    with pytest.raises(BoardError, match=words):
        find_board(name)


def test_a_clock_that_cannot_make_the_baud_rate_is_refused() -> None:
    with pytest.raises(BoardError, match="3000000 baud cannot be made from a clock of 20 MHz"):
        _ = replace(BOARDS["icebreaker"], clock=20_000_000).link


@pytest.mark.parametrize("clock", [18e6, 21e6, 24e6])
def test_ice40_plls_make_what_is_asked(clock: float) -> None:
    s = ice40_setting(12e6, clock)
    assert 12e6 * (s.divf + 1) / (s.divr + 1) / 2**s.divq == pytest.approx(clock, rel=1e-3)
    assert 533e6 <= 12e6 * (s.divf + 1) / (s.divr + 1) <= 1066e6 and s.filter_range == 1


@pytest.mark.parametrize("clock", [50e6, 60e6, 75e6, 80e6])
def test_ecp5_plls_make_what_is_asked(clock: float) -> None:
    s = ecp5_setting(25e6, clock)
    assert 25e6 * s.feedback / s.reference == pytest.approx(clock, rel=1e-3)
    assert 400e6 <= clock * s.output <= 800e6


def test_an_impossible_clock_is_refused() -> None:
    with pytest.raises(BoardError, match=r"makes 1 MHz of 12 MHz"):
        ice40_setting(12e6, 1e6)
    with pytest.raises(BoardError, match=r"makes 0.7 MHz of 25 MHz"):
        ecp5_setting(25e6, 0.7e6)
