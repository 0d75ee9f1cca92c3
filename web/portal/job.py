"""What a job is: data, never code. The request of a user, as JSON has it, and its limits."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

STEPS = 1_000_000
"""Steps of a run, at most."""

PROBED = 10_000
"""Neurons that one probe records, at most."""

Target = Literal["reference", "emulator", "rtl", "board"]

TARGETS: tuple[Target, ...] = ("reference", "emulator", "rtl", "board")

PRINTED = r"^[^\x00-\x1f\x7f]*$"

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True, pattern=PRINTED)]

Word = Annotated[str, StringConstraints(max_length=60, pattern=PRINTED)]

Neuron = Annotated[int, Field(ge=0, lt=1 << 31)]


class State(StrEnum):
    """Where a job is on its way."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self in (State.DONE, State.FAILED, State.CANCELLED)


Timing = Literal["layers", "edges"]
Granularity = Literal["layer", "channel", "neuron"]
"""As `ganglion.jobs.own_network.Reading` has them, said here too, as a server must not load what reads networks."""


class _Strict(BaseModel):
    """A part of a request: what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Record(_Strict):
    """What is to come of it besides spikes and counters."""

    report: bool = True
    """A picture and a page."""

    states: bool = False
    """All state at the end of every step, in the trace."""
    probes: dict[Literal["v", "u", "a", "refractory"], Annotated[list[Neuron], Field(max_length=PROBED)]] = {}
    """Neurons of which to record a field of state at the end of every step."""


class Limits(_Strict):
    """What a job may take; less than the portal allows, never more."""

    seconds: Annotated[float, Field(gt=0)] | None = None
    memory: Annotated[int, Field(gt=0)] | None = None
    """Bytes."""


class Nir(_Strict):
    """How a NIR file becomes integers, as the options of `ganglion run` have it."""

    convention: Word | None = None
    choices: Annotated[list[Word], Field(max_length=100)] = []
    timing: Timing = "layers"
    granularity: Granularity = "channel"
    preset: Word | None = None
    changes: Annotated[list[Word], Field(max_length=100)] = []


class JobRequest(_Strict):
    """What a user asks for, besides the files of network and events."""

    name: Name = "job"
    target: Target = "emulator"
    steps: Annotated[int, Field(ge=1, le=STEPS)] | None = None
    """Steps to run; None is as many as the events have. Steps behind the last event have none."""
    record: Record = Record()
    limits: Limits = Limits()
    nir: Nir = Nir()


class Progress(_Strict):
    """How far a running job is."""

    what: Annotated[str, StringConstraints(max_length=200)] = ""
    done: Annotated[int, Field(ge=0, lt=1 << 53)] = 0
    total: Annotated[int, Field(ge=0, lt=1 << 53)] = 0
    """0 where nobody knows."""
