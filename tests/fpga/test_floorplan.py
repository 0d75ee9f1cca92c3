"""Where the block RAMs of a chip of several cores go."""

import json
from pathlib import Path

import pytest
from amaranth.back import rtlil

from ganglion.fpga.floorplan import BLOCK_RAM, apply_floorplan, floorplan, regions
from ganglion.hdl.chip import Chip
from ganglion.model.spec.params import PRESETS

DEVICE = "LFE5U-85F"


def names(cores: int, lanes: int = 4, per_lane: int = 9, own: int = 6) -> list[str]:
    """Block RAMs of a chip, and two of the link."""
    cells = [f"link.ring.array_{k}" for k in range(2)]
    for core in range(cores):
        cells += [f"chip.tree.child_{core}.lookup.array_{k}" for k in range(own)]
        cells += [f"chip.tree.child_{core}.lane_{n}.array_{k}" for n in range(lanes) for k in range(per_lane)]
    return cells


def test_an_fpga_has_all_its_block_rams_once() -> None:
    for cores in (2, 4):
        sites = [site for region in regions(DEVICE, cores) for row in region for site in row]
        assert len(sites) == len(set(sites)) == 208
        assert {site.split("/")[0] for site in sites} >= {"X4", "X64", "X69", "X120"}
        assert regions("LFE5U-12F", cores) == []


@pytest.mark.parametrize(("cores", "per_lane", "per_row"), [(4, 9, 2), (2, 20, 1)])
def test_every_core_has_its_region_and_every_lane_a_stretch(cores: int, per_lane: int, per_row: int) -> None:
    cells = names(cores, per_lane=per_lane)
    plan = floorplan(cells, DEVICE)
    assert set(plan) == {name for name in cells if name.startswith("chip")}
    assert len(set(plan.values())) == len(plan)
    for core, region in enumerate(regions(DEVICE, cores)):
        where = {name: site for name, site in plan.items() if f"child_{core}." in name}
        assert set(where.values()) <= {site for row in region for site in row}
        for lane in range(4):
            stretch = {site for name, site in where.items() if f"lane_{lane}." in name}
            row = region[lane // per_row]
            begin = row.index(min(stretch, key=row.index))
            assert set(row[begin : begin + per_lane]) == stretch, f"core {core}, lane {lane}"


def test_a_lane_of_two_rows_is_cut_in_half() -> None:
    plan = floorplan(names(2, lanes=2, per_lane=40, own=10), DEVICE)
    assert len(set(plan.values())) == len(plan) == 2 * (2 * 40 + 10)
    for region, core in zip(regions(DEVICE, 2), range(2), strict=True):
        counts = [
            [sum(site in row for name, site in plan.items() if f"child_{core}.{part}" in name) for row in region]
            for part in ("lane_0", "lane_1", "lookup")
        ]
        assert counts == [[20, 20, 0, 0], [0, 0, 20, 20], [2, 3, 2, 3]]


def test_what_does_not_fit_a_quarter_is_left_to_the_placer() -> None:
    assert floorplan(names(4, per_lane=10, own=8), DEVICE)
    assert floorplan(names(4, per_lane=13), DEVICE) == {}
    assert floorplan(names(5), DEVICE) == {}
    assert floorplan(names(1), DEVICE) == {}
    assert floorplan(names(4), "LFE5U-25F") == {}


def test_other_numbers_of_cores_and_lanes_have_a_plan_too() -> None:
    for cores, lanes in ((2, 4), (3, 1), (4, 2), (2, 8)):
        cells = names(cores, lanes, per_lane=4)
        plan = floorplan(cells, DEVICE)
        assert len(plan) == len(set(plan.values())) == len(cells) - 2, f"{cores} cores of {lanes} lanes"


def test_the_chip_names_its_cores_and_lanes_as_the_plan_expects() -> None:
    text = rtlil.convert(Chip(PRESETS["tiny"].replace(levels=(2,))), emit_src=False)
    assert r"\child_1" in text and r"\lane_1" in text


def test_the_plan_is_written_into_the_netlist(tmp_path: Path) -> None:
    cells = {name: {"type": BLOCK_RAM, "attributes": {}} for name in names(4)}
    cells["chip.tree.child_0.lane_0.update.sum"] = {"type": "LUT4", "attributes": {}}
    netlist = tmp_path / "top.json"
    netlist.write_text(json.dumps({"modules": {"top": {"cells": cells}}}))
    plan = floorplan(names(4), DEVICE)
    assert apply_floorplan(netlist, DEVICE) == len(plan)
    written = json.loads(netlist.read_text())["modules"]["top"]["cells"]
    assert {name: cell["attributes"]["BEL"] for name, cell in written.items() if cell["attributes"]} == plan
