"""A running vote: classify while the network runs, and stop as soon as the answer is clear."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ganglion.model.interchange.encode.decoders import NEVER
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.target import Target


@dataclass(frozen=True, eq=False)
class Vote:
    """How a vote ended."""

    answer: int
    """The class with most spikes; of several the first; NEVER where no neuron fired."""
    steps: int
    """Steps that were run."""
    stopped: bool
    """Whether the lead was large enough, so that later steps were not run."""
    counts: IntArray
    """Spikes of each class, shape (classes,)."""


@explained(ProgramError)
def running_vote(
    target: Target,
    events: Events,
    neurons: npt.ArrayLike,
    lead: int,
    *,
    least_steps: int = 1,
    every: int = 1,
) -> Vote:
    """Run a target until one class leads the second by `lead` spikes, or until the events end.

    Args:
        target: goes on from where it stands; it is not reset.
        events: of the whole sample.
        neurons: of which each stands for a class, shape (classes,).
        lead: spikes by which the first class must be ahead of the second.
        least_steps: steps to run at the least.
        every: steps between two looks at the counts; the chip is asked less often where this is larger.

    Raises:
        ProgramError: an argument out of range; nothing was run.
        EventError: an event for an axon the network has not; nothing was run.
    """
    numbers = np.asarray(neurons, dtype=np.int64).ravel()
    for name, value in (("lead", lead), ("least_steps", least_steps), ("every", every), ("classes", numbers.size)):
        if value < 1:
            raise ProgramError(f"{name} must be at least 1, not {value}")
    events.check(target.program.inputs)
    counts = np.zeros(numbers.size, dtype=np.int64)
    step, stopped = 0, False
    while step < events.steps and not stopped:
        last = min(step + every, events.steps)
        counts += target.run(_part(events, step, last)).counts(numbers)
        step = last
        second, first = np.sort(np.append(counts, 0))[-2:]
        stopped = bool(step >= least_steps and first - second >= lead and step < events.steps)
    return Vote(int(counts.argmax()) if counts.any() else NEVER, step, stopped, counts)


def _part(events: Events, first: int, last: int) -> Events:
    """The events of steps first … last - 1."""
    start = events.start[first : last + 1]
    return Events(events.axon[start[0] : start[-1]], start - start[0])
