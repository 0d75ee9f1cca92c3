"""`ganglion verilog`: a whole file, or none."""

import shlex
from pathlib import Path

import pytest

import ganglion
from ganglion.jobs import verilog as job
from ganglion.jobs.sizes import Sizes
from ganglion.jobs.verilog import header, verilog
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.params import PRESETS

TINY = PRESETS["tiny"].replace(lanes=1)


def test_the_file_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "chip.v"
    written = verilog(TINY, file)
    assert "module chip(" in file.read_text()
    assert list(tmp_path.iterdir()) == [file]
    assert written.to_dict()["lines"] == len(file.read_text().splitlines())


def test_it_says_what_it_is_and_how_to_write_it_again(tmp_path: Path) -> None:
    text = header(TINY.replace(levels=(4, 2)))
    assert all(line.startswith("//") for line in text.splitlines()[:-1])
    assert f"Ganglion {ganglion.__version__}" in text and "Apache-2.0" in text and "lanes=1" in text
    words = shlex.split(text.split("Again: ")[1])
    changes = [words[k + 1] for k, word in enumerate(words) if word == "--set"]
    assert Sizes(changes=changes).of().differences(TINY.replace(levels=(4, 2))) == []


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
