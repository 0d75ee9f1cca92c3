"""A board is described by a file: what it says is what is built, and what cannot be is refused where it stands."""

import re
from pathlib import Path

import pytest

from ganglion.fpga.bitstream import design_files
from ganglion.fpga.boards import BOARDS, find_board
from ganglion.fpga.virtual.build import virtual_board
from ganglion.jobs.bitstream import bitstream
from ganglion.model.spec.errors import BoardError
from ganglion.model.spec.params import PRESETS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "board_file.md"
ECP5 = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]
ICE40 = """
name = "hx"
[fpga]
device = "iCE40HX8K"
package = "ct256"
high = ["B1"]
[clock]
pin = "J3"
oscillator = 12
chip = 12
[uart]
rx = "B10"
tx = "B12"
[lights]
pins = ["C3"]
[chip]
preset = "tiny"
"""


def written(folder: Path, text: str) -> str:
    path = folder / "my.toml"
    path.write_text(text)
    return str(path)


def test_the_board_of_the_page_is_what_it_says(tmp_path: Path) -> None:
    board = find_board(tmp_path / written(tmp_path, ECP5))
    assert (board.name, board.clock, board.baud, board.loader) == ("my_board", 40_000_000, 1_000_000, "colorlight-i5")
    assert board.params.differences(PRESETS["small"]) == ["lanes: 2, 1"]
    files = design_files(find_board(written(tmp_path, ECP5.replace("small", "tiny"))))
    for line in ('LOCATE COMP "uart_0__rx__io" SITE "J17";', 'LOCATE COMP "led_1__io" SITE "U17";', "40000000.0 HZ"):
        assert line in files["top.lpf"]
    assert "--25k --package CABGA381 --speed 6" in files["build_top.sh"] and "EHXPLLL" in files["top.il"]


def test_an_ice40_without_a_pll_holds_its_pins_high(tmp_path: Path) -> None:
    board = find_board(written(tmp_path, ICE40))
    files = design_files(board)
    assert "set_io high_0__pin0__io B1" in files["top.pcf"] and "set_io uart_0__tx__io B12" in files["top.pcf"]
    assert "--hx8k" in files["build_top.sh"] and "SB_PLL40" not in files["top.il"]
    with pytest.raises(BoardError, match=r"hx has fewer than two lights.*any two free pins"):
        virtual_board(board)
    two = find_board(written(tmp_path, ICE40.replace('["C3"]', '["C3", "B3"]')))
    assert two.create_platform().lookup("led", 1), "the light that was missing"
    with pytest.raises(BoardError, match=r"my.toml has no baseline"):
        bitstream(board.command_name, update=True)


WRONG = {
    "no TOML": (ICE40, "name = ", r"my.toml is no TOML: Invalid value"),
    "a key twice": ('[uart]\nrx = "B10"', '[uart]\nrx = "B10"\nrx = "B11"', "no TOML: Cannot overwrite"),
    "a key that there is not": ('tx = "B12"', 'tx = "B12"\nbauds = 3', r"has no key 'bauds' \(did you mean baud"),
    "a table that there is not": ("[lights]", "[leds]", r"no key 'leds'.*there are name, loader, seed, fpga"),
    "no FPGA": ('device = "iCE40HX8K"', "", r"there is no device of \[fpga\]; it is the FPGA, such as"),
    "a value for a table": ('name = "hx"\n[fpga]', 'name = "hx"\nfpga = 3\n[chip.x]', r"begins with \[fpga\], not 3"),
    "an FPGA that there is not": ("iCE40HX8K", "iCE40HX9K", r"no FPGA 'iCE40HX9K' \(did you mean iCE40HX8K\?\)"),
    "an FPGA without block RAM": ("iCE40HX8K", "iCE40LP384", "no FPGA 'iCE40LP384'"),
    "a number for a pin": ('rx = "B10"', "rx = 10", 'rx of .uart. must be a pin, such as "P3", not 10'),
    "words for a pin": ('rx = "B10"', 'rx = "B10; rm"', "must be a pin"),
    "a pin twice": ('tx = "B12"', 'tx = "B10"', "pin B10 is there twice"),
    "one pin for many": ('["C3"]', '"C3"', "must be a list of pins"),
    "no frequency": ("oscillator = 12", "oscillator = nan", "oscillator of .clock. must be the frequency .*, not nan"),
    "hertz for megahertz": ("oscillator = 12", "oscillator = 12e6", "in MHz, not 12000000.0"),
    "a clock that no PLL makes": ("chip = 12", "chip = 900", "no setting of the PLL makes 900 MHz of 12 MHz"),
    "a line too fast": ('tx = "B12"', 'tx = "B12"\nbaud = 7_000_000', "hx: 7000000 baud cannot be made"),
    "a ring of no power": ('tx = "B12"', 'tx = "B12"\nsend = 500', "send must be a power of two from 256 to 4096"),
    "a preset that there is not": ("tiny", "tinny", r"no preset 'tinny' \(did you mean tiny\?\)"),
    "a size that there is not": ('preset = "tiny"', "lane = 2", "no size of a chip is called 'lane'"),
    "a name of the chip's own": ('preset = "tiny"', 'name = "hy"', "name is no size of a chip; the board is named by"),
    "a size that cannot be": ('preset = "tiny"', "lanes = 3", "lanes must be 1, 2, 4 or 8, not 3"),
    "a name too long": ('"hx"', '"a board on my desk"', "the name of a board has 1 to 16 ASCII characters"),
    "a name of another": ('"hx"', '"ulx3s"', "'ulx3s' is a board that Ganglion has"),
    "true for a number": ('name = "hx"', 'name = "hx"\nseed = true', "seed must be the seed of the placement"),
}


def test_what_cannot_be_is_refused_where_it_stands(tmp_path: Path) -> None:
    for what, (old, new, message) in WRONG.items():
        assert old in ICE40
        path = written(tmp_path, ICE40.replace(old, new, 1))
        with pytest.raises(BoardError, match=message) as caught:
            find_board(path)
        assert str(caught.value).startswith(path), what
    (tmp_path / "long.toml").write_bytes(b"#" * (1 << 17))
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    others = {
        tmp_path / "long.toml": "longer than",
        tmp_path / "bytes.toml": "is no TOML",
        tmp_path / "nothing.toml": "there is no such file; docs",
        "ulx": r"did you mean ulx3s\?.*a file .toml",
    }
    for name, message in others.items():
        with pytest.raises(BoardError, match=message):
            find_board(name)
    with pytest.raises(BoardError, match="not by None"):
        find_board(None)  # type: ignore[arg-type]
    assert find_board("ulx3s") is BOARDS["ulx3s"]
