"""What is looked for on a machine: all that is missing has a cure."""

from pathlib import Path

import pytest

from ganglion.jobs import doctor as module
from ganglion.jobs.doctor import Finding, doctor
from ganglion.model.extras import EXTRAS
from ganglion.model.networks.data_folder import VARIABLE as DATA
from ganglion.model.spec.errors import ToolError


def findings(monkeypatch: pytest.MonkeyPatch) -> dict[str, Finding]:
    """Those of a machine whose tools are not asked for their versions."""
    monkeypatch.setattr(module, "_versions", lambda: ["a compiler"])
    monkeypatch.setattr(module, "_loader", lambda: "starts")
    return {finding.what: finding for finding in doctor().findings}


def test_what_is_there_needs_no_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings(monkeypatch)
    assert found["Ganglion"].well and found["C++ compiler, make, perl, Verilator"].found == "a compiler"
    assert found["extra train"].well and "torch" in found["extra train"].found


def test_what_is_missing_has_a_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing() -> list[str]:
        raise ToolError("make not found on PATH: install it")

    monkeypatch.setenv(DATA, str(tmp_path))
    monkeypatch.setenv("GANGLION_CACHE", "/proc/none")
    monkeypatch.setitem(EXTRAS, "boards", ("json", "no_such_module"))
    monkeypatch.setattr(module, "_loader", lambda: "starts")
    monkeypatch.setattr(module, "_versions", missing)
    found = {finding.what: finding for finding in doctor().findings}
    assert found["C++ compiler, make, perl, Verilator"].cure == "make not found on PATH: install it"
    assert "GANGLION_DATA" in found["data of mnist"].cure and "set GANGLION_CACHE" in found["cache"].cure
    assert found["extra boards"].cure == "pip install 'ganglion-chip[boards]' (no_such_module)"


def test_every_extra_that_it_knows_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its modules come with the packages that the project names."""
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    for extra, modules in EXTRAS.items():
        part = text.split(f"\n{extra} = [")[1].split("\n]")[0]
        assert all(each.replace("_", "-") in part for each in modules), extra
