"""The cycles of a chip of several cores, from the first packet of the host to END in the last core."""

from collections import deque
from collections.abc import Generator, Iterable, Sequence

from ganglion.model.spec.cycles.core import (
    END,
    Entries,
    EventQueue,
    Packet,
    Rows,
    StepCycles,
    keyed_cycles,
    sending,
    update_cycles,
)
from ganglion.model.spec.cycles.router import Child, Router
from ganglion.model.spec.cycles.streams import Agenda, Buffer, Sink, Source
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.packets import PACKET_BITS, Scope
from ganglion.model.spec.params import Params


@explained(ProgramError)
class ChipModel:
    """Predicts the cycles of the steps of a chip, one after the other: its routers remember whose turn it is.

    Args:
        params: sizes of the chip.
        rows: of the axon table of each core.
        fanout: of the neurons of each core.
    """

    def __init__(self, params: Params, rows: Sequence[Rows], fanout: Sequence[Entries]) -> None:
        self.params = params
        self._agenda = Agenda()
        self._cores = [_Core(params, self._agenda, *tables) for tables in zip(rows, fanout, strict=True)]
        self._now = self._delivered = 0
        clusters: list[Child] = list(self._cores)
        for level, size in enumerate(params.levels, start=1):
            # Cores sit beside their router; only a link between routers may be narrow.
            wires = params.link_bits if level > 1 else PACKET_BITS
            clusters = [
                Router(self._agenda, level, clusters[first : first + size], wires)
                for first in range(0, len(clusters), size)
            ]
        self._port = _HostPort(self._agenda, *clusters)

    def step(
        self, packets: Iterable[Packet], fired: Sequence[Iterable[int]], sweeps: Sequence[int] | None = None
    ) -> StepCycles:
        """The cycles of the next step.

        Args:
            packets: of the host's events, in the order they are sent.
            fired: of each core, the neuron rows that fire in this step, in any order.
            sweeps: of each core, the cycles of the sweep at the end of the step; None is no sweep.
        """
        for core, rows in zip(self._cores, fired, strict=True):
            core.begin(rows)
        self._port.begin(self._now, packets)
        self._agenda.run()
        ends = [core.ended + sweep for core, sweep in zip(self._cores, sweeps or [0] * len(self._cores), strict=True)]
        begun, self._now = self._now, max(ends) + 1
        before, self._delivered = self._delivered, sum(core.queue.delivering for core in self._cores)
        return StepCycles(self._now - begun, update_cycles(self.params), self._delivered - before)


class _HostPort:
    """The top of the chip: sends what the host has for a step, and at last the END that came up down again."""

    def __init__(self, agenda: Agenda, root: Child) -> None:
        self._agenda = agenda
        self._waiting: deque[Packet] = deque()
        root.i = self._down = Buffer(agenda, self, root)
        root.o = self

    def begin(self, now: int, packets: Iterable[Packet]) -> None:
        self._waiting.extend(packets)
        self._waiting.append(END)
        self._agenda.call(self, now)

    def act(self, now: int) -> None:
        if self._waiting and self._down.ready(now):
            self._down.put(now, self._waiting.popleft())
            self._agenda.call(self, now + 1)

    def ready(self, now: int) -> bool:
        return True

    def put(self, now: int, packet: Packet) -> None:
        if packet is END:
            self._waiting.append(END)
            self._agenda.call(self, now + 1)


class _Core:
    """A core: its sequencer, the queue of its events, and its fan-out."""

    i: Source
    o: Sink

    def __init__(self, params: Params, agenda: Agenda, rows: Rows, fanout: Entries) -> None:
        self._params = params
        self._agenda = agenda
        self._fanout = fanout
        self.queue = EventQueue(rows)
        self._fired: Iterable[int] = ()
        self._sending: Generator[tuple[int, Packet], int, None]
        self._packet: Packet | None = None  # what the fan-out sends,
        self._offered = 0  # and from when on
        self._updated = 0  # when the sequencer goes on after the update
        self._keyed = 0  # when the keys of the next step are there
        self._stepping = False
        self.ended = 0
        """When the last step ended here."""

    @property
    def _rested(self) -> int:
        """From when on END is taken."""
        return max(self.queue.quiet, self._keyed)

    def begin(self, fired: Iterable[int]) -> None:
        self._fired = fired

    def act(self, now: int) -> None:
        self._take(now, enters=self._send(now))

    def _send(self, now: int) -> bool:
        """The fan-out; whether it offers an event to the core's own queue."""
        if self._packet is None or now < self._offered:
            return False
        enters = self._packet.scope == Scope.CORE
        if enters and self.queue.room > now:
            self._agenda.call(self, self.queue.room)
        elif enters:
            self.queue.event(now, self._packet.axon)
            self._make(now + 1)
        elif self.o.ready(now):
            self.o.put(now, self._packet)
            self._make(now + 1)
        return enters

    def _make(self, now: int) -> None:
        """The fan-out begins with its next packet, if there is one."""
        if self._packet is END:
            self._packet = None
        else:
            self._offered, self._packet = self._sending.send(now)
            self._agenda.call(self, self._offered)

    def _take(self, now: int, enters: bool) -> None:
        """The sequencer, behind which an event has to wait while one of the fan-out enters the queue."""
        packet = self.i.head(now)
        if packet is None:
            return
        earliest = max(now + enters, self._updated, self._rested if packet is END else self.queue.room)
        if earliest > now:
            self._agenda.call(self, earliest)
            return
        self.i.pop(now)
        if packet is not END:
            self.queue.event(now, packet.axon)
        elif self._stepping:
            self._stepping, self.ended = False, now
        else:
            self._stepping, self._updated = True, now + update_cycles(self._params) + 1
            self._keyed = now + keyed_cycles(self._params)
            self.queue.update(now, self._params)
            self._sending = sending(self._params, self._fanout, self._fired, now)
            self._offered, self._packet = next(self._sending)
            self._agenda.call(self, self._offered)
