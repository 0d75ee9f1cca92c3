"""`ganglion verilog`: a whole file, or none."""

from pathlib import Path

import pytest

from ganglion.jobs import verilog as job
from ganglion.jobs.verilog import verilog
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.params import PRESETS

TINY = PRESETS["tiny"].replace(lanes=1)


def test_the_file_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "chip.v"
    written = verilog(TINY, file)
    assert "module chip(" in file.read_text()
    assert list(tmp_path.iterdir()) == [file]
    assert written.to_dict()["lines"] == len(file.read_text().splitlines())


def test_an_interrupted_job_leaves_the_file_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "chip.v"
    file.write_text("module before; endmodule\n")

    def interrupted(_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "chip_verilog", interrupted)
    with pytest.raises(KeyboardInterrupt):
        verilog(TINY, file)
    assert file.read_text() == "module before; endmodule\n" and list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_written_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "chip_verilog", lambda _: pytest.fail("worked in vain"))
    with pytest.raises(GanglionError, match="there is no folder"):
        verilog(TINY, tmp_path / "none" / "chip.v")
