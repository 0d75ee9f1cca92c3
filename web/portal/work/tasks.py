"""What a process of its own is asked to do, as data: what it does is in `execute.py`, which takes long to load."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ganglion.web.portal.job import JobRequest


class Check(BaseModel):
    """Read what was uploaded, and say what it is."""

    task: Literal["check"] = "check"
    request: JobRequest
    network: Path
    events: Path


class Run(BaseModel):
    """Run a job, and write what comes of it."""

    task: Literal["run"] = "run"
    request: JobRequest
    network: Path
    events: Path
    out: Path
    """Folder for the results, which is there."""
    device: str | None = None
    """Of the board."""


AnyTask = Annotated[Check | Run, Field(discriminator="task")]


class Limits(BaseModel):
    """What a task may take."""

    seconds: float
    """Of processors, all of them together; who started this looks at the clock."""
    memory: int
    """Bytes, besides the libraries."""
    file: int
    """Bytes of any file that it writes."""


class Order(BaseModel):
    """A task, and its limits."""

    do: AnyTask
    limits: Limits
