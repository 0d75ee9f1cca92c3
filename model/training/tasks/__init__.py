"""What `ganglion train` trains through a chip: a module a task, loaded when it is asked for."""

import importlib

from ganglion.model.spec.errors import GanglionError
from ganglion.model.training.study import Study

STUDIES = ("cancer", "yinyang", "mnist16", "motion", "activity")
"""Modules of this package, each with a `STUDY`."""


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
