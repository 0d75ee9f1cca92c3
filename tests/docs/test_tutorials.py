"""The tutorials: notebooks that run from their first cell to their last, kept without what they print."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

TUTORIALS = sorted((Path(__file__).parent.parent.parent / "docs" / "tutorials").glob("*.ipynb"))


LAST = {
    "change_the_core.ipynb": "1 spike left the chip",
    "first_afternoon.ipynb": "MHz reached",
    "first_lab.ipynb": "-1 becomes",
    "snntorch_to_chip.ipynb": "decided as in PyTorch",
}
"""What the last cell of each prints."""


def name(notebook: Path) -> str:
    return notebook.name


@pytest.mark.sim
@pytest.mark.parametrize("notebook", TUTORIALS, ids=name)
def test_a_notebook_runs(notebook: Path, tmp_path: Path) -> None:
    """In an empty folder; what its last cells print is there."""
    content = nbformat.read(notebook, as_version=4)
    NotebookClient(content, timeout=300, resources={"metadata": {"path": tmp_path}}).execute()
    printed = [output for cell in content.cells for output in cell.get("outputs", [])]
    assert not [output.text for output in printed if output.get("name") == "stderr"]
    assert LAST[notebook.name] in printed[-1].text


@pytest.mark.parametrize("notebook", TUTORIALS, ids=name)
def test_a_notebook_is_kept_without_its_output(notebook: Path) -> None:
    code = [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
    assert code and not any(cell.outputs or cell.execution_count for cell in code)
