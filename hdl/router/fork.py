"""What goes down to the children of a router."""

from collections.abc import Sequence

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.packets import as_access
from ganglion.hdl.lib.streams import transfers
from ganglion.model.spec.packets import PACKET_BITS, Kind
from ganglion.model.spec.params import RADIX


class Fork(wiring.Component):
    """An eager fork: each packet goes to every child that it is for, to each as soon as that one takes it.

    A packet whose mask names no child, or one that is not there, pulses `bad`; those that are there get it.

    Args:
        level: of the router.
        children: how many there are.
    """

    i: stream.Interface
    """Packets from above, and those that turned."""
    o: Sequence[stream.Interface]
    """To each child."""
    own: stream.Interface
    """Accesses to the router itself."""
    hold: Value
    """Nothing begins to leave."""
    bad: Value
    """A packet was dropped, or names a child that is not there."""

    def __init__(self, level: int, children: int) -> None:
        self.level = level
        self.children = children
        packets = stream.Signature(PACKET_BITS)
        super().__init__(
            {
                "i": In(packets),
                "o": Out(packets).array(children),
                "own": Out(packets),
                "hold": In(1),
                "bad": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        packet = as_access(self.i.payload)
        mask = packet.route.word_select(self.level - 1, RADIX)
        everybody = (1 << self.children) - 1
        is_end = packet.kind == Kind.END
        is_own = ((packet.kind == Kind.READ) | (packet.kind == Kind.WRITE)) & (mask == 0)
        destinations = Signal(self.children)
        served = Signal(self.children)  # destinations that took this packet in an earlier cycle
        accepting = Cat(transfers(child) for child in self.o)
        offering, done = Signal(), Signal()
        m.d.comb += [
            destinations.eq(Mux(is_end, everybody, mask)),
            offering.eq(self.i.valid & ~self.hold),
            done.eq(offering & Mux(is_own, self.own.ready, (destinations & ~served & ~accepting) == 0)),
            self.i.ready.eq(done),
            self.own.payload.eq(self.i.payload),
            self.own.valid.eq(offering & is_own),
            self.bad.eq(done & ~is_end & ~is_own & ((mask == 0) | (mask & ~everybody != 0))),
        ]
        for k, child in enumerate(self.o):
            m.d.comb += [child.payload.eq(self.i.payload), child.valid.eq(offering & destinations[k] & ~served[k])]
        m.d.sync += served.eq(Mux(done, 0, served | accepting))
        return m
