"""What comes up from the children of a router."""

from collections.abc import Sequence
from functools import reduce
from operator import and_

from amaranth.hdl import Cat, Module, Mux, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.hdl.lib.streams import Arbiter
from ganglion.model.spec.packets import PACKET_BITS, Kind


def sorted_packet() -> data.StructLayout:
    """A packet and where it goes, found out before a register: behind it, the arbiters have their own to find out."""
    return data.StructLayout({"packet": PACKET_BITS, "ends": 1, "turns": 1})


class Ascent(wiring.Component):
    """A crossbar of two round-robin arbiters: some of what comes up turns, the rest climbs.

    Args:
        children: how many there are.
    """

    i: Sequence[stream.Interface]
    """From each child: its packets, with what becomes of them."""
    replies: stream.Interface
    """The router's own."""
    climb: stream.Interface
    """To the parent: replies, spikes of higher scopes, and an END for one of every child."""
    turn: stream.Interface
    """Spikes to be sent down again."""
    busy: Value
    """Something waits, or has not been taken."""

    def __init__(self, children: int) -> None:
        self.children = children
        packets = stream.Signature(PACKET_BITS)
        super().__init__(
            {
                "i": In(stream.Signature(sorted_packet())).array(children),
                "replies": In(packets),
                "climb": Out(packets),
                "turn": Out(packets),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.climbing = climbing = Arbiter(PACKET_BITS, self.children + 2)
        m.submodules.turning = turning = Arbiter(PACKET_BITS, self.children)
        connect(m, climbing.o, flipped(self.climb))
        connect(m, turning.o, flipped(self.turn))
        *from_children, ends, own = climbing.i
        connect(m, flipped(self.replies), own)
        at_end = []
        # A packet that ends never turns; that this holds in any state at all is what the proofs by induction need.
        for child, up, down in zip(self.i, from_children, turning.i, strict=True):
            packet = child.payload
            at_end.append(child.valid & packet.ends)
            m.d.comb += [
                up.payload.eq(packet.packet),
                up.valid.eq(child.valid & ~packet.ends & ~packet.turns),
                down.payload.eq(packet.packet),
                down.valid.eq(child.valid & packet.turns & ~packet.ends),
                child.ready.eq(Mux(packet.ends, ends.valid & ends.ready, Mux(packet.turns, down.ready, up.ready))),
            ]
        # The root answers with an END that comes down behind what has left `turn`, but ahead of what has not.
        m.d.comb += [
            ends.payload.eq(Kind.END),
            ends.valid.eq(reduce(and_, at_end) & ~self.turn.valid),
            self.busy.eq(Cat(child.valid for child in self.i).any() | self.climb.valid | self.turn.valid),
        ]
        return m
