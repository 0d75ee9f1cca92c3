"""The cycles of a core: its queue of events, its fan-out, and from these the steps of a chip that is one core.

The model follows the same queues that the hardware has, event by event, with the moments at which each passes from one
to the next, and knows nothing of what the events mean. The host is taken to offer a packet in every cycle and to accept
one in every cycle.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.noise_constants import KEY_CYCLES
from ganglion.model.spec.packets import Scope
from ganglion.model.spec.params import Params

TO_SEQUENCER = 1
"""Cycles from the host's offer of a packet to the sequencer of the only core."""

DRAIN = 6
"""Cycles from a synapse word being walked to the memories being quiet."""

UPDATE_LATENCY = 8
"""Cycles from a group entering the update to its state being written."""

LISTED = UPDATE_LATENCY + 1
"""Cycles from there to its spikes being on the list of the fan-out."""

RETURN = 2
"""Cycles from END leaving the fan-out to END being back at the sequencer of the only core."""

Rows = Mapping[int, Sequence[int]]
"""For each axon, the `length` of each row of the axon table that its event walks."""


class Packet(NamedTuple):
    """A SPIKE packet, or an entry of the fan-out table."""

    scope: int
    axon: int
    route: int = 0


END = Packet(Scope.NOWHERE, 0)
"""The END packet; told by identity."""

Entries = Mapping[int, Sequence[Packet]]
"""For each neuron row of a core, its fan-out entries in order."""


@dataclass(frozen=True)
class StepCycles:
    """Length of one step, and what cores count in it, in clock cycles."""

    step: int
    """From the first packet of the step being offered to the chip at rest."""
    update: int
    """From the host's END being taken to the last state being written: counter UPDATE_CYCLES of each core."""
    deliver: int
    """In which an event, a row or a synapse word waited or was walked, and no update went on: counter DELIVER_CYCLES,
    over all cores."""


@explained(ProgramError)
class CycleModel:
    """Predicts the cycles of steps of a chip that is one core.

    Args:
        params: sizes of the core.
        rows: of its axon table.
        fanout: of its neurons.
    """

    def __init__(self, params: Params, rows: Rows, fanout: Entries) -> None:
        self.params = params
        self.rows = rows
        self.fanout = fanout

    def step(self, axons: Iterable[int], fired: Iterable[int], sweep: int = 0) -> StepCycles:
        """The cycles of one step.

        Args:
            axons: axons of the host's events, in the order they are sent.
            fired: neuron rows that fire in this step, in any order.
            sweep: cycles of the sweep at its end, by `ganglion.model.spec.cycles.sweep`; 0 is none.
        """
        queue = EventQueue(self.rows)
        offered = TO_SEQUENCER
        for axon in axons:
            offered = queue.event(offered, axon) + 1
        ended = max(offered, queue.quiet)
        queue.update(ended, self.params)
        offers = sending(self.params, self.fanout, fired, ended)
        offered, packet = next(offers)
        while packet is not END:
            sent = queue.event(offered, packet.axon) if packet.scope == Scope.CORE else offered
            offered, packet = offers.send(sent + 1)
        step_ends = max(offered + RETURN, queue.quiet, ended + keyed_cycles(self.params))
        return StepCycles(step_ends + sweep + 1, update_cycles(self.params), queue.delivering)


def update_cycles(params: Params) -> int:
    """Cycles of an update."""
    return params.groups + UPDATE_LATENCY


def keyed_cycles(params: Params) -> int:
    """Cycles from the host's END being taken to the keys of the next step's noise being there."""
    return KEY_CYCLES if params.noise else 0


def sending(
    params: Params, fanout: Entries, fired: Iterable[int], ended: int
) -> Generator[tuple[int, Packet], int, None]:
    """What the fan-out of a core sends, END at last: each packet, and the cycle in which it is offered. It wants to be
    sent the cycle behind that in which the packet was taken.

    Args:
        params: sizes of the core.
        fanout: of its neurons.
        fired: neuron rows that fire, in any order.
        ended: when the host's END is taken.
    """
    group, free = None, ended + 1
    for neuron in sorted(fired):
        if neuron // params.lanes != group:
            group = neuron // params.lanes
            free = max(free, ended + 1 + group + LISTED) + 2
        free += 1
        for packet in fanout[neuron]:
            free += 1
            if packet.scope == Scope.NOWHERE:
                free += 1
            else:
                free = yield free, packet
    yield max(free, ended + update_cycles(params) + 1) + 1, END


class EventQueue:
    """The way of events to the walker: a queue for two, the axon table, the walker, one row after the other."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._entered = -1  # when the last event entered the queue
        self._left = (-1, -1)  # when the last two events left it for the axon table
        self._walks = -1  # when the last row passed to the walker
        self._free = 0  # when the walker takes the next one
        self._through = -1  # the last cycle in which something waited or was walked
        self._held = 0  # from when on words are taken
        self._updated = -1  # the last cycle of an update
        self.quiet = 0
        """From when on nothing of the events so far is on its way."""
        self.delivering = 0
        """Cycles in which an event, a row or a synapse word waited or was walked, and no update went on."""

    @property
    def room(self) -> int:
        """From when on the next event can enter."""
        return max(self._entered, self._left[0]) + 1

    def update(self, ended: int, params: Params) -> None:
        """The host's END is taken in this cycle: words wait until the last group has entered the update."""
        self._held = ended + params.groups + 1
        self._updated = ended + update_cycles(params)

    def event(self, offered: int, axon: int) -> int:
        """When an event that is offered from cycle `offered` on enters the queue."""
        entered = max(offered, self.room)
        left = max(entered + 1, self._left[1] + 1, self._walks)
        fetched = left
        for length in self._rows[axon]:
            self._walks = max(fetched + 1, self._free)
            self._free = max(self._walks, self._held - 1) + length if length else self._walks + 1
            self.quiet = max(self.quiet, self._walks + 1, self._free + DRAIN if length else 0)
            fetched = self._walks
        through = max(self._through, self._free if length else self._walks)
        self.delivering += max(0, through - max(self._through, entered, self._updated))
        self._through = through
        self._entered = entered
        self._left = (self._left[1], left)
        return entered
