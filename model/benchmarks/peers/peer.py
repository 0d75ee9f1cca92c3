"""What a peer is to the comparison: a simulator that can be installed, made ready, and run."""

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from ganglion.model.benchmarks.peers.workload import Workload
from ganglion.model.spec.arrays import IntArray

Run = Callable[[], tuple[IntArray, float]]
"""Runs all samples of a workload from its start: spikes of each neuron, and the seconds of the run alone."""

Prepare = Callable[[Workload], AbstractContextManager[Run]]
"""Builds and compiles a workload; what it took is given back when the context ends. May raise anything."""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A simulator; `prepare` imports it, and nothing else does."""

    name: str
    prepare: Prepare
    module: str | None = None
    """What it is imported as; None is one of our own targets."""
    package: str = ""
    """What it is installed as."""
    install: str = ""
    """How it is installed."""
    slow: bool = False
    """Whether it runs small workloads only."""
    learns: bool = False
    """Whether it runs workloads that learn."""

    @property
    def installed(self) -> bool:
        """Whether it can be imported."""
        return self.module is None or importlib.util.find_spec(self.module) is not None

    @property
    def version(self) -> str:
        """Its version, or nothing where it is ours."""
        return importlib.metadata.version(self.package) if self.package else ""


def adapter(module: str, function: str = "prepare") -> Prepare:
    """The `prepare` of a file of this folder, which is imported when it is first called."""

    def prepare(workload: Workload) -> AbstractContextManager[Run]:
        adapter = getattr(importlib.import_module(f"{__package__}.{module}"), function)
        made: AbstractContextManager[Run] = adapter(workload)
        return made

    return prepare
