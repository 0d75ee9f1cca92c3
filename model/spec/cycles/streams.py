"""What packets wait in between cores and routers, and the agenda by which these are called when one may move.

Whatever happens in a cycle depends on how things stood at its beginning, as in the hardware, where no path of logic
leads through a buffer. So within a cycle the parts of a chip may be called in any order.
"""

from collections import deque
from heapq import heappop, heappush
from typing import Protocol

from ganglion.model.spec.cycles.core import Packet
from ganglion.model.spec.packets import PACKET_BITS


class Part(Protocol):
    """Something that moves packets."""

    def act(self, now: int) -> None:
        """What it does in a cycle; called at most once in each, and whenever it could do anything."""
        ...


class Source(Protocol):
    """Where packets come from."""

    def head(self, now: int) -> Packet | None:
        """The packet that waits in a cycle."""
        ...

    def pop(self, now: int) -> None:
        """Takes it."""
        ...


class Sink(Protocol):
    """Where packets go to."""

    def ready(self, now: int) -> bool:
        """Whether it takes a packet in a cycle."""
        ...

    def put(self, now: int, packet: Packet) -> None:
        """Gives it one."""
        ...


class Agenda:
    """Which part must be called in which cycle."""

    def __init__(self) -> None:
        self._cycles: list[int] = []
        self._parts: dict[int, set[Part]] = {}

    def call(self, part: Part, cycle: int) -> None:
        """Has a part called in a cycle to come."""
        if cycle not in self._parts:
            self._parts[cycle] = set()
            heappush(self._cycles, cycle)
        self._parts[cycle].add(part)

    def run(self) -> None:
        """Calls all parts, cycle by cycle, until there is nothing left to do."""
        while self._cycles:
            now = heappop(self._cycles)
            for part in self._parts.pop(now):
                part.act(now)


class Buffer:
    """Room for two packets: `ganglion.hdl.lib.streams.Buffer`."""

    def __init__(self, agenda: Agenda, writer: Part, reader: Part) -> None:
        self._agenda = agenda
        self._writer = writer
        self._reader = reader
        self._packets: deque[tuple[int, Packet]] = deque()  # each with the cycle from which on it can be taken
        self._popped = -1  # when one was taken last

    def ready(self, now: int) -> bool:
        return len(self._packets) + (self._popped == now) < 2

    def put(self, now: int, packet: Packet) -> None:
        self._packets.append((now + 1, packet))
        self._agenda.call(self._reader, now + 1)

    def head(self, now: int) -> Packet | None:
        return self._packets[0][1] if self._packets and self._packets[0][0] <= now else None

    def pop(self, now: int) -> None:
        self._packets.popleft()
        self._popped = now
        self._agenda.call(self._writer, now + 1)
        if self._packets:
            self._agenda.call(self._reader, now + 1)


class Arbiter(Buffer):
    """Several streams into one, in turn: `ganglion.hdl.lib.streams.Arbiter`.

    Args:
        agenda: of the chip.
        owner: the part that has it.
        last: the input that is taken to have been served last.
    """

    def __init__(self, agenda: Agenda, owner: Part, last: int) -> None:
        super().__init__(agenda, owner, owner)
        self.last = last

    def choose(self, now: int, offers: list[Packet | None]) -> int | None:
        """Takes one of the packets offered in a cycle, one of each input or None; the input it took it from."""
        if not self.ready(now):
            return None
        for turn in range(1, len(offers) + 1):
            k = (self.last + turn) % len(offers)
            if (packet := offers[k]) is not None:
                self.put(now, packet)
                self.last = k
                return k
        return None


class Link:
    """A link with fewer wires than a packet has bits: `ganglion.hdl.lib.serdes.Link`.

    It holds one packet that is on the wires or has arrived, and one more behind it.
    """

    def __init__(self, agenda: Agenda, writer: Part, reader: Part, wires: int) -> None:
        self._agenda = agenda
        self._writer = writer
        self._reader = reader
        self._pieces = PACKET_BITS // wires
        self._packets: deque[Packet] = deque()
        self._arrives = 0  # when the first packet does, or the last one did

    def ready(self, now: int) -> bool:
        return len(self._packets) < 2 and now >= self._arrives

    def put(self, now: int, packet: Packet) -> None:
        self._packets.append(packet)
        if len(self._packets) == 1:
            self._send(now + 1)

    def head(self, now: int) -> Packet | None:
        return self._packets[0] if self._packets and now >= self._arrives else None

    def pop(self, now: int) -> None:
        self._packets.popleft()
        if self._packets:
            self._send(now + 1)

    def _send(self, now: int) -> None:
        self._arrives = now + self._pieces
        self._agenda.call(self._writer, self._arrives)
        self._agenda.call(self._reader, self._arrives)


class Pipe:
    """Moves packets from a source to a sink."""

    source: Source
    sink: Sink

    def act(self, now: int) -> None:
        move(self.source, self.sink, now)


def move(source: Source, sink: Sink, now: int) -> None:
    """Moves the packet that waits, if there is one and the sink takes it."""
    packet = source.head(now)
    if packet is not None and sink.ready(now):
        sink.put(now, packet)
        source.pop(now)
