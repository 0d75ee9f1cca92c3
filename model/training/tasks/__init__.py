"""What `ganglion train` trains through a chip: a module a task, loaded when it is asked for."""

import importlib
import json
from pathlib import Path
from typing import Any

from ganglion.model.spec.errors import GanglionError
from ganglion.model.training.study import Study

STUDIES = ("cancer", "yinyang", "mnist16", "motion", "activity", "spoken")
"""Modules of this package, each with a `STUDY`."""

SHIPPED = Path(__file__).with_name("shipped")
"""What `ganglion train NAME --json` printed of studies that were done at length: a file each."""


def load(name: str) -> Study:
    """A study.

    Raises:
        GanglionError: there is none of that name.
        ToolError: it needs PyTorch.
    """
    if name not in STUDIES:
        raise GanglionError(f"there is no study '{name}'; there are {', '.join(STUDIES)}")
    study: Study = importlib.import_module(f"{__name__}.{name}").STUDY
    return study


def shipped(name: str) -> dict[str, Any]:
    """What came of a study, as its `--json` has it.

    Raises:
        GanglionError: none ships.
    """
    file = SHIPPED / f"{name}.json"
    if not file.is_file():
        there = sorted(path.stem for path in SHIPPED.glob("*.json"))
        raise GanglionError(f"no result of the study '{name}' ships; there are those of {', '.join(there)}")
    found: dict[str, Any] = json.loads(file.read_text())
    return found
