"""The chip: cores, the tree of routers above them, and the port of the host at its root.

         host
          ^|
      [ port ]                 steps begin and end here
          ^v
     [ router_2_0 ]            level 2
      ^v  ...  ^v              links, which may be narrow
[ router_1_0 ]  ...            level 1
 ^v  ^v  ^v  ^v
core core core core ...
"""

from collections.abc import Callable, Iterator

from amaranth.hdl import Cat, Module, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.hdl.core import Core
from ganglion.hdl.link import Link
from ganglion.hdl.router import Router
from ganglion.hdl.streams import Merge
from ganglion.model.spec.packets import KIND_BITS, PACKET_BITS, Kind
from ganglion.model.spec.params import Params


class HostPort(wiring.Component):
    """The top of the chip, where a step begins and ends.

    An END of the host goes down and starts the step; nothing else of the host passes until the END of the cores has
    come up. That one goes out to the host, and down again behind the last spike, to end the step.
    """

    host_i: stream.Interface
    host_o: stream.Interface
    down: stream.Interface
    up: stream.Interface
    busy: Value

    def __init__(self) -> None:
        packets = stream.Signature(PACKET_BITS)
        super().__init__(
            {"host_i": In(packets), "host_o": Out(packets), "down": Out(packets), "up": In(packets), "busy": Out(1)}
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.merge = merge = Merge(PACKET_BITS)
        connect(m, merge.o, flipped(self.down))
        host_ends = self.host_i.payload[:KIND_BITS] == Kind.END
        cores_end = self.up.payload[:KIND_BITS] == Kind.END
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
                with m.If(merge.second.valid & merge.second.ready & host_ends):
                    m.next = "Step"
            with m.State("Step"):
                m.d.comb += self.busy.eq(1)
                with m.If(self.up.valid & self.up.ready & cores_end):
                    m.next = "End"
            with m.State("End"):
                m.d.comb += [self.busy.eq(1), merge.first.valid.eq(1)]
                with m.If(merge.first.ready):
                    m.next = "Host"
        return m


class Chip(wiring.Component):
    """What the host talks to: packets in, packets out, and whether anything is going on.

    Args:
        params: sizes, the number of cores among them.
        core: makes a core; another one than `Core` must have its ports.
        router: makes a router of a level, as `Router` does.
    """

    i: stream.Interface
    o: stream.Interface
    busy: Value

    def __init__(
        self,
        params: Params,
        core: Callable[[Params], wiring.Component] = Core,
        router: Callable[[Params, int], wiring.Component] = Router,
    ) -> None:
        self.params = params
        self.core = core
        self.router = router
        packets = stream.Signature(PACKET_BITS)
        super().__init__({"i": In(packets), "o": Out(packets), "busy": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.port = port = HostPort()
        connect(m, flipped(self.i), port.host_i)
        connect(m, port.host_o, flipped(self.o))

        busy = [port.busy]
        below: list[tuple[stream.Interface, stream.Interface]] = []
        for number in range(self.params.cores):
            m.submodules[f"core_{number}"] = core = self.core(self.params)
            below.append((core.o, core.i))
            busy.append(core.busy)
        for level, size in enumerate(self.params.levels, start=1):
            routers = []
            for number, children in enumerate(batched(below, size)):
                m.submodules[f"router_{level}_{number}"] = router = self.router(self.params, level)
                for k, (up, down) in enumerate(children):
                    ways = {"up": (up, router.child_i[k]), "down": (router.child_o[k], down)}
                    for way, (begin, end) in ways.items():
                        # Cores sit beside their router; a link between routers may leave the die, or the board.
                        if level > 1 and self.params.link_bits < PACKET_BITS:
                            m.submodules[f"{way}_{level}_{number}_{k}"] = link = Link(self.params.link_bits)
                            connect(m, begin, link.i)
                            begin = link.o
                            busy.append(link.busy)
                        connect(m, begin, end)
                routers.append((router.parent_o, router.parent_i))
                busy.append(router.busy)
            below = routers
        ((up, down),) = below
        connect(m, up, port.up)
        connect(m, port.down, down)
        m.d.comb += self.busy.eq(Cat(busy).any())
        return m


def batched(
    ports: list[tuple[stream.Interface, stream.Interface]], size: int
) -> Iterator[list[tuple[stream.Interface, stream.Interface]]]:
    """The ports in groups of so many: the children of one router each."""
    for first in range(0, len(ports), size):
        yield ports[first : first + size]
