"""Read-out of a network: which neurons tell the classes, how long to run for them, and how what they did is a class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.latency import steps_behind
from ganglion.model.interchange.encode.decoders import Ties, count_rasters
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import BoolArray, FloatArray, IntArray
from ganglion.model.spec.errors import EventError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace


@explained(ProgramError)
@dataclass(frozen=True, eq=False, kw_only=True)
class Readout:
    """How a network answers: by the neuron that fires most, or, of neurons that never fire, by the greatest membrane
    after the last step."""

    neurons: IntArray
    """One per class, shape (classes,)."""
    lag: int = 0
    """Steps by which they come later than in the network that this one was made from; these are left out."""
    behind: int = 0
    """Steps that a run goes on for after the last input, in which what it causes is still on its way."""
    spiking: bool = True
    """Whether they fire; otherwise their membranes are read."""
    scale: FloatArray | float = 1.0
    """Units of the chip per unit of the user, one or per class: membranes are compared in the user's."""
    rest: FloatArray | float = 0.0
    """What the membrane 0 stands for, in the user's units, one or per class."""
    ties: Ties = "lowest"
    """Which of several wins that fired equally often."""

    @classmethod
    def of_program(cls, program: Program, ties: Ties = "lowest") -> "Readout":
        """That of a bare program: the last population all of whose neurons are outputs, or else all outputs.

        Neurons whose threshold is the greatest membrane there is never fire, so their membranes are read.
        """
        shown = np.zeros(program.neurons, dtype=bool)
        shown[program.outputs] = True
        named = [np.arange(first, first + count) for first, count in program.names.values() if count]
        neurons = next((each for each in reversed(named) if shown[each].all()), program.outputs)
        silent = program.threshold[neurons] == signed_range(program.params.membrane_bits)[1]
        return cls(neurons=neurons, behind=steps_behind(program, neurons), spiking=not silent.all(), ties=ties)

    @property
    def how(self) -> str:
        """How a sample is decided, in words."""
        return "the most spikes" if self.spiking else "the greatest membrane after the last step"

    @property
    def probes(self) -> dict[str, IntArray] | None:
        """What a run must record for `answer`."""
        return None if self.spiking else {"v": self.neurons}

    def padded(self, events: Events) -> Events:
        """The events of a sample, and the steps after them in which what they cause comes out."""
        return Events(events.axon, np.concatenate([events.start, np.full(self.behind, events.start[-1])]))

    def raster(self, trace: Trace) -> BoolArray:
        """Spikes of the classes in the run of a padded sample, shape (steps, classes)."""
        return trace.raster(self.neurons)[self.lag :]

    def answer(self, trace: Trace) -> int:
        """The class that the run of a padded sample tells; -1 where no neuron fired.

        Raises:
            ProgramError: membranes are read, and the run recorded none.
        """
        if self.spiking:
            return int(count_rasters(self.raster(trace)[np.newaxis], ties=self.ties)[0])
        if "v" not in trace.probes or trace.probes["v"].shape != (trace.steps, self.neurons.size):
            raise ProgramError("these neurons never fire, so the run must probe their membranes: probes=readout.probes")
        membranes: FloatArray = trace.probes["v"][-1] / self.scale + self.rest
        return int(membranes.argmax())


@explained(ProgramError)
@dataclass(frozen=True, eq=False, kw_only=True)
class Answers:
    """What a network said to some samples."""

    traces: Sequence[Trace]
    """The run of each sample."""
    classes: IntArray
    """The class that was told for each, shape (samples,); -1 where no neuron of a class fired."""
    rasters: Sequence[BoolArray]
    """Spikes of the classes, step by step as in the network that an import was made from, shape (steps, classes)
    each."""

    def accuracy(self, labels: npt.ArrayLike) -> float:
        """Share of the samples that were told right.

        Args:
            labels: the class of each sample, shape (samples,).

        Raises:
            EventError: another number of labels than of samples, or labels that are not whole numbers.
        """
        return float((self.classes == check_labels(labels, self.classes.size)).mean())


def answers(target: Target, readout: Readout, samples: Sequence[Events]) -> Answers:
    """Run each sample from step 0 with all state zero, for as long as its last spikes take to come out.

    Raises:
        EventError: no samples, or events that the network cannot have; nothing was run.
    """
    if not samples:
        raise EventError("there must be at least one sample")
    target.reset()
    traces = target.run_batch([readout.padded(sample) for sample in samples], probes=readout.probes)
    return Answers(
        traces=traces,
        classes=np.array([readout.answer(trace) for trace in traces]),
        rasters=[readout.raster(trace) for trace in traces],
    )


def check_labels(labels: npt.ArrayLike, samples: int) -> IntArray:
    """Labels as whole numbers, one for each sample.

    Raises:
        EventError: another number of them, or not whole numbers from 0.
    """
    values = np.asarray(labels)
    if values.shape != (samples,):
        raise EventError(f"labels must be one class for each of the {samples} samples, not of shape {values.shape}")
    if values.dtype.kind not in "iu" or (values < 0).any():
        wrong = values.dtype if values.dtype.kind not in "iu" else values.min()
        raise EventError(f"labels must be whole numbers from 0, the classes of the samples, not {wrong}")
    return values.astype(np.int64)
