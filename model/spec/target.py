"""The interface that everything which runs a network has in common."""

from typing import Protocol

import numpy.typing as npt

from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import State, Trace


class Target(Protocol):
    """Something that runs a `Program`: reference, emulator, RTL, board. A test or a user swaps one for another.

    A target is made with its program (or image), loaded and at step 0.
    """

    @property
    def program(self) -> Program:
        """What it runs."""
        ...

    def run(self, events: Events, *, keep_states: bool = False) -> Trace:
        """Run `events.steps` steps from where the target stands.

        Args:
            events: the host's events of each step.
            keep_states: keep all state at the end of every step in the trace.

        Raises:
            EventError: an event for an axon the network has not; nothing was run.
        """
        ...

    def reset(self) -> None:
        """Back to step 0 and to all state zero. Weights and constants stay as they are."""
        ...

    def state(self) -> State:
        """All state now, between two steps."""
        ...

    def write(self, field: str, neuron: int, value: int) -> None:
        """Set `v`, `u`, `a`, `refractory`, `threshold`, `bias` or `type` of one neuron, between two steps."""
        ...

    def write_weight(self, synapse: int, value: int) -> None:
        """Set the weight of one synapse, numbered as in the program, between two steps."""
        ...

    def weights(self) -> npt.NDArray:  # type: ignore[type-arg]
        """The weights now, shape (synapses,), int64."""
        ...
