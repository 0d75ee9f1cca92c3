"""Waveforms: files of signals are whole, what they are of is found again, and viewers are given a view."""

import os
from pathlib import Path

import pytest

from ganglion import PRESETS, Events, NeuronType, Program, Reference, Rtl
from ganglion.jobs.wave import grouped
from ganglion.model.spec.errors import GanglionError, ToolError
from ganglion.sim.waveform import check_waveform, recorded, signals_of, write_view

VCD = """$timescale 1ps $end
$scope module TOP $end
$var wire 1 ! clk $end
$scope module chip $end
$var wire 64 " i__payload [63:0] $end
$scope module core $end
$scope module sequencer $end
$var wire 2 # fsm_state [1:0] $end
$upscope $end
$scope module lane_0 $end
$scope module neurons $end
$var wire 8 % v [7:0] $end
$upscope $end
$upscope $end
$upscope $end
$upscope $end
$upscope $end
$enddefinitions $end
#0
0!
"""

PROGRAM = Program.build(
    params=PRESETS["tiny"], types=(NeuronType(),), threshold=[1, 1], inputs=2, pre=[0, 1], post=[2, 3], weight=2
)


def test_signals_are_found_in_their_scopes(tmp_path: Path) -> None:
    (tmp_path / "run.vcd").write_text(VCD)
    found = signals_of(tmp_path / "run.vcd")
    assert found == {
        "TOP.clk": 1,
        "TOP.chip.i__payload[63:0]": 64,
        "TOP.chip.core.sequencer.fsm_state[1:0]": 2,
        "TOP.chip.core.lane_0.neurons.v[7:0]": 8,
    }
    groups = grouped(found)
    assert list(groups) == ["chip", "chip.core.sequencer", "chip.core.lane_0.neurons"]
    view = write_view(tmp_path / "run.vcd", groups).read_text().splitlines()
    assert view[0] == f'[dumpfile] "{tmp_path / "run.vcd"}"' and "-chip.core.sequencer" in view
    assert view[-1] == "TOP.chip.core.lane_0.neurons.v[7:0]"


def test_fst_is_made_by_what_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "vcd2fst"
    tool.write_text('#!/bin/sh\ntr a-z A-Z < "$1" > "$2"\n')
    tool.chmod(0o755)
    with pytest.raises(ToolError, match="vcd2fst makes FST, and is not on PATH: apt install gtkwave"):
        check_waveform(tmp_path / "run.fst")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with recorded(tmp_path / "run.fst") as vcd:
        vcd.write_text("signals")
    assert (tmp_path / "run.fst").read_text() == "SIGNALS" and not vcd.exists()


def test_names_that_no_waveform_has() -> None:
    with pytest.raises(ToolError, match=r"run.txt: a waveform's name ends in .vcd or .fst"):
        Rtl(PROGRAM, waveform="run.txt")
    with pytest.raises(GanglionError, match="'cocotb'"):
        Rtl(PROGRAM, "cocotb", waveform="run.vcd")


@pytest.mark.sim
def test_a_run_is_recorded_from_its_first_step(tmp_path: Path) -> None:
    path = tmp_path / "run.vcd"
    events = Events.from_steps([[0], [1], []])
    with Rtl(PROGRAM, waveform=path) as chip:
        trace = chip.run(events)
        assert trace.spikes.tolist() == Reference(PROGRAM).run(events).spikes.tolist()
    found = signals_of(path)
    groups = grouped(found)
    assert len(groups) > 5 and all(groups.values())
    assert any(path.endswith("clk") for path in groups["chip"])
    cycles = sum(line.startswith("#") for line in path.read_text().splitlines())
    assert cycles >= trace.total("cycles")
    assert [each.name for each in tmp_path.iterdir()] == ["run.vcd"]
