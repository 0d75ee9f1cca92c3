"""Where the block RAMs of each core go: a quarter of the FPGA for each core, or half of it, a stretch for each lane.

A chip of several cores takes most of the block RAMs there are, and a placer that begins from nothing scatters those of
a core over the whole FPGA: its wires are then half as long again, and the router does not find room for them. Once they
stand, the placer gathers around them what belongs to them.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import TypeVar

from ganglion.hdl.names import owner_of

BLOCK_RAM = "DP16KD"
"""Type of the cells."""

ROWS = {"LFE5U-85F": ((22, 46), (70, 82))}
"""Rows of the FPGA that have block RAMs, those of its upper half first."""

HALVES = {"LFE5U-85F": (range(4, 67, 9), range(69, 123, 9))}
"""Columns of every fourth block RAM of such a row, in its left and right half; the others follow at every second."""

Item = TypeVar("Item")

Lanes = dict[int | None, list[str]]
"""Cells of a core by their lane; None are those that belong to no lane."""


def regions(device: str, cores: int) -> list[list[list[str]]]:
    """The sites of an FPGA, for one core each: all rows of its left and right half for two cores, two rows of each
    quarter for more; each row from left to right. None of an FPGA that is not known."""
    rows, halves = ROWS.get(device, ()), HALVES.get(device, ())
    together = [[*chain(*rows)]] if cores <= 2 else rows
    return [
        [[f"X{x + 2 * k}/Y{row}/EBR{k}" for x in half for k in range(4)] for row in rows_of_region]
        for rows_of_region in together
        for half in halves
    ]


def floorplan(cells: Iterable[str], device: str) -> dict[str, str]:
    """The sites of block RAMs.

    Lanes stand at the ends of the rows of a core's region, and what it has besides in the middle.

    Args:
        cells: names of the block RAMs of a chip under one router.
        device: the FPGA.

    Returns:
        The site of each that belongs to a core; nothing where the FPGA is not known, where there is one core or more
        than quarters, or where a core has more than its region holds: the placer is then on its own.
    """
    cores: dict[int, Lanes] = defaultdict(lambda: defaultdict(list))
    for name in sorted(cells):
        if owner := owner_of(name):
            core, lane = owner
            cores[core][lane].append(name)
    sites = regions(device, len(cores))
    if not 1 < len(cores) <= len(sites):
        return {}
    plan: dict[str, str] = {}
    for core, region in zip(sorted(cores), sites, strict=False):
        for row, (left, middle, right) in zip(region, _rows_of(cores[core], len(region)), strict=True):
            spare = len(row) - len(left) - len(middle) - len(right)
            if spare < 0:
                return {}
            begin = len(left) + spare // 2
            plan |= zip(left, row, strict=False)
            plan |= zip(middle, row[begin:], strict=False)
            plan |= zip(right, row[len(row) - len(right) :], strict=True)
    return plan


def _rows_of(core: Lanes, count: int) -> list[tuple[list[str], list[str], list[str]]]:
    """What stands in so many rows: to the left, in the middle, to the right."""
    lanes = [core[lane] for lane in sorted(lane for lane in core if lane is not None)]
    pieces = [piece for lane in lanes for piece in _parts(lane, max(1, count // len(lanes)))]
    rows = []
    for pieces_of_row, middle in zip(_parts(pieces, count), _parts(core.get(None, []), count), strict=True):
        left, right = _halves(pieces_of_row)
        rows.append(([*chain(*left)], middle, [*chain(*right)]))
    return rows


def _parts(items: list[Item], count: int) -> list[list[Item]]:
    """So many parts, of lengths as equal as can be."""
    return [items[len(items) * k // count : len(items) * (k + 1) // count] for k in range(count)]


def _halves(items: list[Item]) -> tuple[list[Item], list[Item]]:
    middle = -(-len(items) // 2)
    return items[:middle], items[middle:]


def apply_floorplan(netlist: Path, device: str) -> int:
    """Writes the sites of the block RAMs into a netlist of Yosys, for nextpnr; returns how many there are."""
    design = json.loads(netlist.read_text())
    cells = design["modules"]["top"]["cells"]
    plan = floorplan((name for name, cell in cells.items() if cell["type"] == BLOCK_RAM), device)
    for name, site in plan.items():
        cells[name]["attributes"]["BEL"] = site
    if plan:
        netlist.write_text(json.dumps(design))
    return len(plan)
