"""A router in the cycle model: the arbiters and buffers of `ganglion.hdl.router.router`."""

from typing import Protocol

from ganglion.model.spec.cycles.core import END, Packet
from ganglion.model.spec.cycles.streams import Agenda, Arbiter, Buffer, Link, Part, Pipe, Sink, Source, move
from ganglion.model.spec.packets import PACKET_BITS, Scope
from ganglion.model.spec.params import RADIX


class Child(Part, Protocol):
    """What stands below a router, or the port of the host: a router or a core."""

    i: Source
    o: Sink


class Router:
    """A router of one level, and the links to its children.

    Args:
        agenda: of the chip.
        level: of the router.
        children: what stands below it.
        wires: of each link.
    """

    i: Source
    o: Sink

    def __init__(self, agenda: Agenda, level: int, children: list[Child], wires: int) -> None:
        self._scope = Scope[f"LEVEL_{level}"]
        self._shift = RADIX * (level - 1)
        self._everybody = (1 << len(children)) - 1
        self._served = 0
        self._climbing = Arbiter(agenda, self, last=len(children) - 1)
        self._turning = Arbiter(agenda, self, last=0)
        self._descent = Arbiter(agenda, self, last=1)
        self._inboxes: list[Buffer] = []
        self._outboxes: list[Buffer] = []
        for child in children:
            if wires < PACKET_BITS:
                up, down = Pipe(), Pipe()
                inbox, outbox = Buffer(agenda, up, self), Buffer(agenda, self, down)
                child.o = up.source = Link(agenda, child, up, wires)
                child.i = down.sink = Link(agenda, down, child, wires)
                up.sink, down.source = inbox, outbox
            else:
                child.o = inbox = Buffer(agenda, child, self)
                child.i = outbox = Buffer(agenda, self, child)
            self._inboxes.append(inbox)
            self._outboxes.append(outbox)

    def act(self, now: int) -> None:
        move(self._climbing, self.o, now)
        self._ascend(now)
        self._descend(now)
        self._fork(now)

    def _ascend(self, now: int) -> None:
        """One packet from a child climbs and one turns; END climbs when all children have sent it."""
        heads = [inbox.head(now) for inbox in self._inboxes]
        if all(head is END for head in heads):
            if self._turning.head(now) is None and self._climbing.ready(now):
                self._climbing.put(now, END)
                self._climbing.last = len(heads) - 1
                for inbox in self._inboxes:
                    inbox.pop(now)
            return
        climbs: list[Packet | None] = []
        turns: list[Packet | None] = []
        for head in heads:
            turned = head is not None and head.scope == self._scope
            climbs.append(None if turned or head is END else head)
            turns.append(head if turned else None)
        for arbiter, offers in ((self._climbing, climbs), (self._turning, turns)):
            if (k := arbiter.choose(now, offers)) is not None:
                self._inboxes[k].pop(now)

    def _descend(self, now: int) -> None:
        """One packet that turned, or came from above, goes down."""
        sources = (self._turning, self.i)
        if (k := self._descent.choose(now, [source.head(now) for source in sources])) is not None:
            sources[k].pop(now)

    def _fork(self, now: int) -> None:
        """Each child that the packet is for gets it as soon as it takes it."""
        packet = self._descent.head(now)
        if packet is None:
            return
        wanted = self._everybody if packet is END else packet.route >> self._shift & self._everybody
        for k, outbox in enumerate(self._outboxes):
            if (wanted & ~self._served) >> k & 1 and outbox.ready(now):
                outbox.put(now, packet)
                self._served |= 1 << k
        if self._served == wanted:
            self._descent.pop(now)
            self._served = 0
