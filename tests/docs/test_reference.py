"""The reference pages in docs are what the code says today."""

from enum import IntEnum
from pathlib import Path

import pytest

from docs.generate import reference as document
from ganglion.model.spec.packets import Kind, Scope
from ganglion.model.spec.params import ALL_PARITY, PRESETS, Params
from ganglion.model.spec.registers import Counter, Register

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize("name", document.pages())
def test_pages_are_fresh(name: str) -> None:
    page = REFERENCE / name
    assert page.exists() and page.read_text() == document.pages()[name], (
        f"{page} is not what the code says; write it again with: python -m docs.generate.reference"
    )


def test_pages_are_written_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document.main([str(tmp_path / "reference")])
    written = {page.name: page.read_text() for page in (tmp_path / "reference").iterdir()}
    assert written == document.pages()
    told = capsys.readouterr().out
    assert all(name in told for name in written)


@pytest.mark.parametrize("enum", [Kind, Scope, Register, Counter])
def test_every_number_has_a_meaning(enum: type[IntEnum]) -> None:
    assert list(document.attribute_docs(enum)) == [member.name for member in enum]


def test_every_parameter_has_a_meaning() -> None:
    assert list(document.attribute_docs(Params)) == list(
        PRESETS["tiny-learning"].replace(parity=ALL_PARITY).to_dict()
    )


def test_cells_keep_their_bars() -> None:
    assert document.table(["a"], [["x|y"]]) == "| a |\n| --- |\n| x\\|y |\n"
