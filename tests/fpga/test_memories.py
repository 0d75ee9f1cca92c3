"""What each memory of the chip becomes on an FPGA."""

import re

import pytest
from amaranth.back import rtlil

from ganglion.fpga.boards import BOARDS
from ganglion.fpga.memories import BLOCK_BITS, ECP5, OTHER, UP5K, DeviceMemories, memories_of
from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.formats import Field, Layout


def layout(width: int) -> Layout:
    return Layout("ROW", (Field("value", width, ""),))


def arrays(ram: Ram, device: DeviceMemories | None) -> list[tuple[int, int, str]]:
    """Bits, rows and style of each array that a memory becomes."""
    found, style = [], ""
    for line in rtlil.convert(ram, name="ram", platform=device).splitlines():
        if attribute := re.search(r'attribute \\ram_style "(\w+)"', line):
            style = attribute[1]
        elif array := re.search(r"^ *memory width (\d+) size (\d+)", line):
            found.append((int(array[1]), int(array[2]), style))
            style = ""
    return found


@pytest.mark.parametrize("rows", [4, 64, 4096])
def test_without_an_fpga_a_memory_is_one_array(rows: int) -> None:
    assert arrays(Ram(layout(18), rows), None) == [(18, rows, "")]


@pytest.mark.parametrize(
    ("rows", "block", "device", "style"),
    [
        (128, False, ECP5, "distributed"),
        (64, True, ECP5, "block"),
        (129, False, ECP5, "block"),
        (64, False, OTHER, "block"),
        (8, False, UP5K, ""),
    ],
)
def test_memories_of_few_rows_go_to_look_up_tables(rows: int, block: bool, device: DeviceMemories, style: str) -> None:
    assert arrays(Ram(layout(10), rows, block=block), device) == [(10, rows, style)]


@pytest.mark.parametrize("rows", [2048, 4096, 5000])
def test_a_deep_memory_is_cut_into_columns_as_wide_as_a_block(rows: int) -> None:
    found = arrays(Ram(layout(18), rows), ECP5)
    assert sum(width for width, _, _ in found) == 18
    assert all(width * (1 << (rows - 1).bit_length()) <= BLOCK_BITS for width, _, _ in found)
    assert len(found) == -(-18 // (BLOCK_BITS >> (rows - 1).bit_length()))


@pytest.mark.parametrize(("width", "rows", "count"), [(32, 32768, 4), (32, 16384, 2), (17, 1000, 2)])
def test_a_memory_of_one_port_takes_the_large_rams_of_the_up5k(width: int, rows: int, count: int) -> None:
    ram = Ram(layout(width), rows, single_port=True)
    assert rtlil.convert(ram, name="ram", platform=UP5K).count("cell \\SB_SPRAM256KA ") == count
    assert not arrays(ram, UP5K)
    assert arrays(ram, ECP5)


@pytest.mark.parametrize(("board", "memories"), [("icebreaker", UP5K), ("ulx3s", ECP5)])
def test_the_platform_of_a_board_is_asked(board: str, memories: DeviceMemories) -> None:
    platform = BOARDS[board].create_platform()
    assert memories_of(platform.device) is memories
    ram = Ram(layout(10), 16)
    assert rtlil.convert(ram, platform=platform) == rtlil.convert(ram, platform=memories)


def test_other_fpgas_have_block_rams_alone() -> None:
    assert memories_of("iCE40HX8K") is OTHER
