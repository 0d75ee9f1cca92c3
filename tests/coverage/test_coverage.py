"""Coverage is counted right, exclusions are honest, and the page is that of the last campaign, which missed nothing."""

from pathlib import Path

import pytest
from amaranth.back import verilog
from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from docs.generate.coverage import PAGE, page
from ganglion.model.spec.params import PRESETS
from ganglion.sim.build import Chip
from tests.coverage import measure as measuring
from tests.coverage.campaign import CAMPAIGN
from tests.coverage.exclusions import Exclusion, read_exclusions
from tests.coverage.measure import Measured, measure
from tests.coverage.points import Point, read_points
from tests.coverage.result import Result, counters_almost_full
from tests.mutations.netlist import FIRST_COUNT


class Gate(wiring.Component):
    """A register behind an If, of an expression."""

    go: Signal
    o: Signal

    def __init__(self) -> None:
        super().__init__({"go": In(1), "o": Out(2)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        with m.If(self.go):
            m.d.sync += self.o.eq(self.o + 1)
        return m


VERILOG = verilog.convert(Gate(), name="chip", emit_src=True)


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(VERILOG.splitlines(), 1) if text in line)


def record(kind: str, line: int, what: str, count: int) -> str:
    fields = {"f": "chip.v", "l": f"{line}", "n": "1", "t": kind, "page": f"v_{kind}/chip", "o": what, "h": "TOP.chip"}
    return "C '" + "".join(f"\1{key}\2{value}" for key, value in fields.items()) + f"' {count}\n"


def result(folder: Path, rises: int) -> Result:
    """A run in which the high bit of the register rose so often."""
    o = line_of("reg [1:0] o")
    records = [
        record("toggle", o, "o[0]:0->1", 7),
        record("toggle", o, "o[1]:0->1", rises),
        record("toggle", line_of("wire [2:0] "), "__024__031[0]:0->1", 0),
        record("branch", line_of("if (go)"), "else", 3),
    ]
    (folder / "coverage.dat").write_text("".join(records), encoding="latin-1")
    return Result("gate", "", "chip", VERILOG, read_points(folder / "coverage.dat", VERILOG), {})


@pytest.fixture
def changing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No bit is constant."""
    monkeypatch.setattr(measuring, "constants", lambda *_: set())


def test_points_have_their_place_in_python(tmp_path: Path) -> None:
    """A toggle is of the signal and the bit, a branch of the register that is assigned in it; what Yosys numbered is no
    point."""
    points = [each.point for each in result(tmp_path, rises=0).points]
    assert [point.name for point in points] == [
        "toggle chip: o[0] 0->1",
        "toggle chip: o[1] 0->1",
        "branch chip: o, else of if (go) begin",
    ]


@pytest.mark.usefixtures("changing")
def test_what_is_neither_reached_nor_excluded_is_missed(tmp_path: Path) -> None:
    _, missed = measure([result(tmp_path, rises=0)], [])
    assert [(chip, point.name) for chip, point in missed] == [("gate", "toggle chip: o[1] 0->1")]
    assert measure([result(tmp_path, rises=1)], [])[1] == []
    high = Exclusion("nobody counts so far", r"toggle chip: o\[1\] .*", ("gate",))
    measured, missed = measure([result(tmp_path, rises=0)], [high])
    assert (measured.excluded, missed) == ([1], [])


@pytest.mark.usefixtures("changing")
def test_an_exclusion_is_about_what_was_missed_and_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no point that was missed is 'toggle chip: p.*remove it"):
        measure([result(tmp_path, rises=1)], [Exclusion("there is none such", r"toggle chip: p.*")])
    with pytest.raises(ValueError, match=r"o\[1\] 0->1 was reached, though nobody counts so far"):
        measure([result(tmp_path, rises=1)], [Exclusion("nobody counts so far", r"toggle chip: o\[1\] .*")])
    with pytest.raises(ValueError, match="an exclusion needs a reason"):
        Exclusion("", ".*")


def test_counters_and_nothing_else_begin_almost_full() -> None:
    memory = "module \\{name} (clk);\n    array[0] = 32'd0;\n    array[1] = 32'h00000000;\nendmodule\n"
    totals, other = memory.format(name="core.counters.totals"), memory.format(name="core.fanout.firing")
    chip = Chip(PRESETS["tiny"], totals + other, ())
    full = totals.replace("32'd0;", f"32'd{FIRST_COUNT};").replace("32'h00000000;", f"32'd{FIRST_COUNT};")
    assert counters_almost_full(chip).verilog == full + other
    with pytest.raises(ValueError, match="tiny has no counters that begin at 0"):
        counters_almost_full(Chip(PRESETS["tiny"], other, ()))


def test_the_last_campaign_missed_nothing_and_its_page_is_fresh() -> None:
    measured = Measured.load()
    counts = [count for chip in measured.chips.values() for of in chip.files.values() for count in of.values()]
    assert sum(count.points for count in counts) > 30_000
    assert sum(count.missed for count in counts) == 0
    assert len(measured.excluded) == len(read_exclusions())
    assert PAGE.read_text() == page(), "run make cover"


@pytest.mark.slow
@pytest.mark.sim
@pytest.mark.flow
@pytest.mark.timeout(3600)
def test_everything_that_is_not_excluded_is_reached() -> None:
    """Random networks and packets reach every line, branch and toggle of the Verilog that is not excluded."""
    missed: list[tuple[str, Point]]
    _, missed = measure((part.run() for part in CAMPAIGN), read_exclusions())
    assert missed == []
