"""The cycle model: how many clock cycles a step takes on one core. Part of the contract; tests hold it to the RTL.

It follows the same queues that the hardware has, event by event, with the moments at which each passes from one to
the next, and knows nothing of what the events mean. The host is taken to offer a packet in every cycle and to accept
one in every cycle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ganglion.model.spec.packets import Scope
from ganglion.model.spec.params import KEY_CYCLES, Params

TO_SEQUENCER = 1
"""Cycles from the host's offer of a packet to the core's sequencer."""

DRAIN = 7
"""Cycles from a synapse word being walked to the memories being quiet."""

UPDATE_LATENCY = 8
"""Cycles from a group entering the update to its state being written."""

RETURN = 2
"""Cycles from END leaving the fan-out to END being back at the sequencer."""


@dataclass(frozen=True)
class StepCycles:
    """Length of one step, and of its update, in clock cycles."""

    step: int
    """From the first packet of the step being offered to the chip at rest."""
    update: int
    """From the host's END being taken to the last state being written: counter UPDATE_CYCLES."""


class CycleModel:
    """Predicts the cycles of steps on one core.

    Args:
        params: sizes of the core.
        rows: for each axon, the `length` of each row of the axon table that its event walks.
        fanout: for each neuron row of the core, its fan-out entries in order: scope and axon.
    """

    def __init__(
        self, params: Params, rows: Mapping[int, Sequence[int]], fanout: Mapping[int, Sequence[tuple[int, int]]]
    ) -> None:
        self.params = params
        self.rows = rows
        self.fanout = fanout

    def step(self, axons: Iterable[int], fired: Iterable[int]) -> StepCycles:
        """The cycles of one step.

        Args:
            axons: axons of the host's events, in the order they are sent.
            fired: neuron rows that fire in this step, in any order.
        """
        queue = _EventQueue(self.rows)
        offered = TO_SEQUENCER
        for axon in axons:
            offered = queue.event(offered, axon) + 1
        ended = max(offered, queue.quiet)
        update = (KEY_CYCLES if self.params.noise else 0) + self.params.groups + UPDATE_LATENCY
        left = self._send(queue, sorted(fired), ended + update + 1)
        step_ends = max(left + RETURN, queue.quiet)
        return StepCycles(step_ends + 1, update)

    def _send(self, queue: "_EventQueue", fired: Sequence[int], now: int) -> int:
        """When END leaves the fan-out, which looks at its list of spikes in cycle `now`."""
        group = None
        for neuron in fired:
            if neuron // self.params.lanes != group:
                group = neuron // self.params.lanes
                now += 2
            now += 1
            for scope, axon in self.fanout[neuron]:
                now += 1
                now = (queue.event(now, axon) if scope == Scope.CORE else now) + 1
        return now + 1


class _EventQueue:
    """The way of events to the walker: a queue for two, the axon table, the walker, one row after the other."""

    def __init__(self, rows: Mapping[int, Sequence[int]]) -> None:
        self._rows = rows
        self._entered = -1  # when the last event entered the queue
        self._left = (-1, -1)  # when the last two events left it for the axon table
        self._walks = -1  # when the last row passed to the walker
        self._free = 0  # when the walker takes the next one
        self.quiet = 0

    def event(self, offered: int, axon: int) -> int:
        """When an event that is offered from cycle `offered` on enters the queue."""
        entered = max(offered, self._entered + 1, self._left[0] + 1)
        left = max(entered + 1, self._left[1] + 1, self._walks)
        fetched = left
        for length in self._rows[axon]:
            self._walks = max(fetched + 1, self._free)
            self._free = self._walks + max(1, length)
            self.quiet = max(self.quiet, self._walks + 1, self._walks + length + DRAIN if length else 0)
            fetched = self._walks
        self._entered = entered
        self._left = (self._left[1], left)
        return entered
