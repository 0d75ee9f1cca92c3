"""A network that tells classes, ready to run: what it is, how samples become events, how spikes become a class."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.quantize.exact import exact_program
from ganglion.model.compiler.quantize.flat import flatten
from ganglion.model.compiler.quantize.simulate import parts_of
from ganglion.model.emulator.array.engine import ArrayEngine
from ganglion.model.emulator.array.record import steps_of
from ganglion.model.interchange.encode.decoders import Ties, count, count_rasters
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import Trace

OUTPUT = "output"
"""The population that is read, the last one: a neuron per class."""

RUNS = 500
"""Runs of the float original at once: bounds its memory."""


@dataclass(frozen=True, eq=False)
class Samples:
    """A test set."""

    inputs: Sequence[Any]
    """One per sample: what the classifier's `encode` takes."""
    label: IntArray
    """Shape (samples,)."""
    number: IntArray
    """Shape (samples,): where in its data each sample is."""

    def __len__(self) -> int:
        return self.label.size

    def take(self, where: npt.ArrayLike) -> "Samples":
        """Some of the samples, by position or by mask."""
        index = np.arange(len(self))[np.asarray(where)]
        return Samples([self.inputs[k] for k in index], self.label[index], self.number[index])


@explained(ProgramError)
@dataclass(frozen=True, eq=False, kw_only=True)
class Classifier:
    """A trained network."""

    name: str
    """What `ganglion run` calls it."""
    what: str
    """What it reads, in a few words."""
    network: Network
    """The network in the integers of the chip; its last population is `OUTPUT`."""
    original: Network
    """The network in floats, before it was rounded."""
    encode: Callable[[Any], Events]
    """The events of a sample, to be run from step 0 with all state zero."""
    test_set: Callable[[str | Path | None], Samples]
    """Reads the whole test set, from a folder of data, or from the usual places."""
    params: Params
    """A chip that holds it."""
    data: str
    """What its samples are, and whose."""
    picture: Callable[[Any], npt.NDArray[np.float64]]
    """A sample as people look at it, shape (rows, columns), 0 … 1, dark on white."""
    ties: Ties = "earliest"
    """Which class wins of several with equally many spikes; see `ganglion.encode.count`."""

    @cached_property
    def outputs(self) -> IntArray:
        """Numbers of the output neurons, class by class."""
        return np.arange(self.network.neurons - self.network.populations[OUTPUT].size, self.network.neurons)

    def program(self, params: Params | None = None, *, report_all: bool = False) -> Program:
        """The network as a program, whose populations have their names.

        Args:
            params: widths of the arithmetic; None is the classifier's own chip.
            report_all: report the spikes of all neurons to the host, not only those of the outputs.

        Raises:
            NetworkError: the network does not fit these widths.
        """
        program = exact_program(self.network, params or self.params)
        return program.replace(outputs=np.arange(program.neurons)) if report_all else program

    def decode(self, trace: Trace) -> int:
        """The class that the run of one sample tells: most spikes, see `ties`; NEVER (-1) where no output fired."""
        return count(trace, self.outputs, ties=self.ties)

    def float_guesses(self, samples: Sequence[Any]) -> IntArray:
        """The classes that the float original tells, shape (samples,)."""
        flat = flatten(self.original)
        parts = parts_of(flat)
        events = [self.encode(sample) for sample in samples]
        guesses = np.empty(len(events), dtype=np.int64)
        # Runs of one length go together, as a step behind the end could still spike.
        length = np.array([each.steps for each in events])
        for steps in np.unique(length):
            alike = np.flatnonzero(length == steps)
            for chosen in np.split(alike, np.arange(RUNS, alike.size, RUNS)):
                engine = ArrayEngine(*parts, chosen.size)
                counts = steps_of([events[index] for index in chosen], flat.inputs)
                rasters = np.stack([engine.step(each).fired[self.outputs].T for each in counts], axis=1)
                guesses[chosen] = count_rasters(rasters, ties=self.ties)
        return guesses
