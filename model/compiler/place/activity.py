"""What a network does while it runs, as far as its cycles depend on it: which sources fire in which step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target

STEPS = 8
"""Of a made-up run."""

RATE = 0.1
"""Share of all sources that fire in each step of a made-up run."""


@dataclass(frozen=True, eq=False)
class Activity:
    """Steps of a run."""

    events: Sequence[IntArray]
    """Inputs that fire in each step."""
    fired: Sequence[IntArray]
    """Neurons that fire in each step."""

    def rates(self, program: Program) -> FloatArray:
        """How often each source fires in a step, shape (inputs + neurons,)."""
        inputs = np.concatenate([np.zeros(0, dtype=np.int64), *self.events])
        neurons = np.concatenate([np.zeros(0, dtype=np.int64), *self.fired])
        sources = np.concatenate((inputs, program.inputs + neurons))
        counts = np.bincount(sources, minlength=program.inputs + program.neurons)
        return counts / max(1, len(self.events))


def activity_of(program: Program, samples: Sequence[Events]) -> Activity:
    """What a network does with samples, each from rest; where there are none, what it might do: a tenth of all inputs
    and neurons at random in each step."""
    events: list[IntArray] = []
    fired: list[IntArray] = []
    if not samples:
        rng = np.random.default_rng(0)
        for _ in range(STEPS):
            events.append(np.flatnonzero(rng.random(program.inputs) < RATE))
            fired.append(np.flatnonzero(rng.random(program.neurons) < RATE))
        return Activity(events, fired)
    for sample, trace in zip(samples, _emulator(program).run_batch(samples), strict=True):
        events += [sample[step] for step in range(sample.steps)]
        fired += trace.spikes_per_step()
    return Activity(events, fired)


def _emulator(program: Program) -> Target:
    """The one that starts sooner, where it will do."""
    everyone = program.replace(outputs=np.arange(program.neurons))
    if program.learning is None:
        from ganglion.model.emulator.array.emulator import ArrayEmulator

        return ArrayEmulator(everyone)
    from ganglion.model.emulator.emulator import Emulator  # loads Numba

    return Emulator(everyone)
