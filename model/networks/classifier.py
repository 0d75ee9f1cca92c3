"""A network that tells classes, ready to run: what it is, how samples become events, how spikes become a class."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ganglion.model.networks.float_run import run_float
from ganglion.model.networks.readout import winner, winners
from ganglion.model.networks.structure import Structure
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import Trace

RUNS = 500
"""Runs of the float original at once: bounds its memory."""


@dataclass(frozen=True, eq=False)
class Samples:
    """A test set."""

    inputs: Sequence[Any]
    """One per sample: what the classifier's `encode` takes."""
    label: IntArray
    """Shape (samples,)."""

    def __len__(self) -> int:
        return self.label.size


@dataclass(frozen=True, eq=False, kw_only=True)
class Classifier:
    """A trained network."""

    name: str
    """What `ganglion run` calls it."""
    what: str
    """What it reads, in a few words."""
    structure: Structure
    """The network in integers."""
    original: Structure
    """The network in floats, before it was rounded."""
    encode: Callable[[Any], Events]
    """The events of a sample, to be run from step 0 with all state zero."""
    test_set: Callable[[str | Path | None], Samples]
    """Reads the whole test set, from a folder of data, or from the usual places."""
    params: Params
    """A chip that holds it."""

    @cached_property
    def outputs(self) -> IntArray:
        """Numbers of the output neurons, class by class."""
        return self.structure.outputs

    def program(self, params: Params | None = None, *, report_all: bool = False) -> Program:
        """The network as a program; see `Structure.program`. Params are the classifier's own unless given."""
        return self.structure.program(params or self.params, report_all=report_all)

    def decode(self, trace: Trace) -> int:
        """The class that the run of one sample tells; see `readout`."""
        return winner(trace, self.outputs)

    def float_guesses(self, samples: Sequence[Any]) -> IntArray:
        """The classes that the float original tells, shape (samples,)."""
        events = [self.encode(sample) for sample in samples]
        guesses = np.empty(len(events), dtype=np.int64)
        # Runs of one length go together, as a step behind the end could still spike.
        length = np.array([each.steps for each in events])
        for steps in np.unique(length):
            alike = np.flatnonzero(length == steps)
            for chosen in np.split(alike, np.arange(RUNS, alike.size, RUNS)):
                raster = np.zeros((int(steps), chosen.size, self.original.inputs), dtype=np.uint8)
                for run, index in enumerate(chosen):
                    step = np.repeat(np.arange(steps), np.diff(events[index].start))
                    np.add.at(raster[:, run], (step, events[index].axon), 1)
                guesses[chosen] = winners(run_float(self.original, raster))
        return guesses
