"""The chip: cores, the tree of routers above them, and the port of the host at its root.

         host
          ^|
      [ port ]                 steps begin and end here
          ^v
      [ router ]               cluster of level 2
      ^v  ...  ^v              links, which may be narrow
  [ router ]   ...             clusters of level 1
 ^v  ^v  ^v  ^v
core core core core ...
"""

from collections.abc import Callable

from amaranth.hdl import Cat, Module, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.hdl.core import Core
from ganglion.hdl.lib.packets import kind_of
from ganglion.hdl.lib.serdes import Link
from ganglion.hdl.lib.streams import Merge, transfers
from ganglion.hdl.names import TREE, child
from ganglion.hdl.router.router import Router
from ganglion.model.spec.packets import PACKET_BITS, Kind
from ganglion.model.spec.params import Params

PORTS = {"i": In(stream.Signature(PACKET_BITS)), "o": Out(stream.Signature(PACKET_BITS)), "busy": Out(1)}
"""Ports of everything that stands in the tree: packets in, packets out, and whether anything is going on."""

Child = Callable[[Params, int], wiring.Component]
"""Makes the cluster of a level."""


class HostPort(wiring.Component):
    """The top of the chip, where a step begins and ends.

    An END of the host goes down and starts the step; nothing else of the host passes until the END of the cores has
    come up. That one goes out to the host, and down again behind the last spike, to end the step.
    """

    host_i: stream.Interface
    """From the host."""
    host_o: stream.Interface
    """To the host: spikes of its outputs, ENDs, replies."""
    down: stream.Interface
    """To the root of the tree."""
    up: stream.Interface
    """From the root of the tree."""
    busy: Value
    """A step is under way, or something has not been taken."""

    def __init__(self) -> None:
        packets = stream.Signature(PACKET_BITS)
        super().__init__(
            {"host_i": In(packets), "host_o": Out(packets), "down": Out(packets), "up": In(packets), "busy": Out(1)}
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.merge = merge = Merge(PACKET_BITS)
        connect(m, merge.o, flipped(self.down))
        host_ends = kind_of(self.host_i.payload) == Kind.END
        cores_end = kind_of(self.up.payload) == Kind.END
        m.d.comb += [
            self.host_o.payload.eq(self.up.payload),
            self.host_o.valid.eq(self.up.valid),
            self.up.ready.eq(self.host_o.ready),
            merge.first.payload.eq(Kind.END),
            merge.second.payload.eq(self.host_i.payload),
        ]
        with m.FSM():
            with m.State("Host"):
                m.d.comb += [
                    merge.second.valid.eq(self.host_i.valid),
                    self.host_i.ready.eq(merge.second.ready),
                    self.busy.eq(self.down.valid),
                ]
                with m.If(transfers(merge.second) & host_ends):
                    m.next = "Step"
            with m.State("Step"):
                m.d.comb += self.busy.eq(1)
                with m.If(transfers(self.up) & cores_end):
                    m.next = "End"
            with m.State("End"):
                m.d.comb += [self.busy.eq(1), merge.first.valid.eq(1)]
                with m.If(merge.first.ready):
                    m.next = "Host"
        return m


class Cluster(wiring.Component):
    """A router of a level and the clusters, or cores, below it.

    Args:
        params: sizes, those of the levels among them.
        level: of the router.
        child: makes the cluster of a level that is to stand below; another one than `cluster` must have its ports.
    """

    i: stream.Interface
    """Down, from above."""
    o: stream.Interface
    """Up."""
    busy: Value
    """Anything is going on in it."""

    def __init__(self, params: Params, level: int, child: "Child | None" = None) -> None:
        self.params = params
        self.level = level
        self.child = child or cluster
        super().__init__(PORTS)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.router = router = Router(self.params, self.level)
        connect(m, flipped(self.i), router.parent_i)
        connect(m, router.parent_o, flipped(self.o))
        busy = [router.busy]
        for k in range(router.children):
            m.submodules[child(k)] = below = self.child(self.params, self.level - 1)
            busy.append(below.busy)
            for way, begin, end in (("up", below.o, router.child_i[k]), ("down", router.child_o[k], below.i)):
                # Cores sit beside their router; a link between routers may leave the die, or the board.
                if self.level > 1 and self.params.link_bits < PACKET_BITS:
                    m.submodules[f"{way}_{k}"] = link = Link(self.params.link_bits)
                    connect(m, begin, link.i)
                    connect(m, link.o, end)
                    busy.append(link.busy)
                else:
                    connect(m, begin, end)
        m.d.comb += self.busy.eq(Cat(busy).any())
        return m


def cluster(params: Params, level: int) -> wiring.Component:
    """The cluster of a level, down to its cores; that of level 0 is a core."""
    return Cluster(params, level) if level else Core(params)


class Chip(wiring.Component):
    """What the host talks to: packets in, packets out.

    Args:
        params: sizes, the number of cores among them.
        child: makes the cluster of the uppermost level; another one than `cluster` must have its ports.
    """

    i: stream.Interface
    """From the host."""
    o: stream.Interface
    """To the host."""
    busy: Value
    """A step is under way, or a packet has not been taken."""

    def __init__(self, params: Params, child: Child = cluster) -> None:
        self.params = params
        self.child = child
        super().__init__(PORTS)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.port = port = HostPort()
        m.submodules[TREE] = tree = self.child(self.params, len(self.params.levels))
        connect(m, flipped(self.i), port.host_i)
        connect(m, port.host_o, flipped(self.o))
        connect(m, port.down, tree.i)
        connect(m, tree.o, port.up)
        m.d.comb += self.busy.eq(port.busy | tree.busy)
        return m
