"""What a router tells of itself: its traffic counters."""

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.arith import below
from ganglion.hdl.lib.counters import Counters
from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.packets import as_access
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packets import ACCESS, PACKET_BITS, Kind
from ganglion.model.spec.params import Params
from ganglion.model.spec.registers import RouterCounter


class Monitor(wiring.Component):
    """The performance counters of a router, and the answers to READs of them, which count all that was ahead of the
    READ.

    Any other access counts as a bad packet.
    """

    accesses: stream.Interface
    """READs and WRITEs for the router itself."""
    replies: stream.Interface
    """The answers."""
    add: "data.View[data.ArrayLayout]"
    """Which counters to raise by one in this cycle."""
    bad: Value
    """A packet was dropped elsewhere in the router."""
    still: Value
    """Nothing is on its way to a child."""
    busy: Value
    """A READ is being answered."""

    def __init__(self, params: Params) -> None:
        self.layout = memories(params)[Memory.COUNTERS].layout
        packets = stream.Signature(PACKET_BITS)
        super().__init__(
            {
                "accesses": In(packets),
                "replies": Out(packets),
                "add": In(data.ArrayLayout(1, len(RouterCounter))),
                "bad": In(1),
                "still": In(1),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.counters = counters = Counters(self.layout, dict.fromkeys(RouterCounter, 1))
        offer, packet = as_access(self.accesses.payload), Signal(struct(ACCESS))
        known = (offer.memory == Memory.COUNTERS) & below(offer.row, len(RouterCounter))
        answerable = (offer.kind == Kind.READ) & known & below(offer.chunk, self.layout.chunks)
        refusing = Signal()
        m.d.comb += [
            counters.add.eq(self.add),
            counters.add[RouterCounter.BAD_PACKETS].eq(self.bad | refusing),
            counters.row.eq(packet.row),
            self.busy.eq(1),
            self.replies.payload.eq(packet),
        ]
        with m.FSM():
            with m.State("Idle"):
                m.d.comb += [self.busy.eq(0), self.accesses.ready.eq(1)]
                m.d.sync += packet.eq(offer)
                with m.If(self.accesses.valid):
                    m.d.comb += refusing.eq(~answerable)
                    with m.If(answerable):
                        m.next = "AwaitStill"
            with m.State("AwaitStill"), m.If(self.still):
                m.next = "AwaitSettled"
            with m.State("AwaitSettled"):
                m.d.comb += counters.reading.eq(1)
                with m.If(counters.settled):
                    m.next = "Fetch"
            with m.State("Fetch"):
                m.d.comb += counters.reading.eq(1)
                chunk = packet.chunk[: self.layout.chunks.bit_length()]
                m.d.sync += [
                    packet.kind.eq(Kind.REPLY),
                    packet.data.eq(counters.value.word_select(chunk, CHUNK_BITS)),
                ]
                m.next = "AwaitTaken"
            with m.State("AwaitTaken"):
                m.d.comb += self.replies.valid.eq(1)
                with m.If(self.replies.ready):
                    m.next = "Idle"
        return m
