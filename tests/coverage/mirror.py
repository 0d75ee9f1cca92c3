"""A chip with mirrors for cores: anything may come up from them, which cores never send."""

from unittest.mock import patch

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered

from ganglion.hdl import verilog
from ganglion.hdl.chip import PORTS
from ganglion.hdl.lib.packets import kind_of
from ganglion.model.spec.packets import KIND_BITS, PACKET_BITS, ROUTE_BITS, Kind
from ganglion.model.spec.params import Params
from ganglion.sim.build import Chip

BETWEEN_ENDS = 60
"""Packets that a host may send between two ENDs: a mirror holds so many."""

LOWEST = KIND_BITS + ROUTE_BITS
"""Of the bits that come back as the lowest."""

PAUSE_BITS = 4
"""The highest bits of a packet: pairs of cycles for which a mirror takes no other one."""

AT_ONCE = 16
"""Packets of which the first is sent though no step has begun."""


class Mirror(wiring.Component):
    """A stand-in for a core: sends back what is written to it, as another packet, and ends each step behind that.

    A WRITE comes back when the step begins, or AT_ONCE of them wait, turned by LOWEST bits but for its kind, so that it
    may be a packet of any kind but END; all else is swallowed. Packets are taken whether or not one is sent, but for
    pauses between.
    """

    i: stream.Interface
    """Down, from the router."""
    o: stream.Interface
    """Up."""
    busy: Value
    """A step is under way."""

    def __init__(self) -> None:
        super().__init__(PORTS)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.queue = queue = SyncFIFOBuffered(width=PACKET_BITS, depth=BETWEEN_ENDS + 1)
        word, begun, pause = self.i.payload, Signal(), Signal(PAUSE_BITS + 1)
        turned = Cat(word[LOWEST:], word[KIND_BITS:LOWEST], word[-KIND_BITS:])
        taken = self.i.valid & self.i.ready
        ends = taken & (kind_of(word) == Kind.END)
        sends = begun | (queue.level >= AT_ONCE)
        comes_back = taken & (kind_of(word) == Kind.WRITE) & (kind_of(turned) != Kind.END)
        m.d.comb += [
            self.i.ready.eq(pause == 0),
            queue.w_data.eq(Mux(ends, Kind.END, turned)),
            queue.w_en.eq((ends & ~begun) | comes_back),
            self.o.payload.eq(queue.r_data),
            self.o.valid.eq(queue.r_rdy & sends),
            queue.r_en.eq(self.o.ready & sends),
            self.busy.eq(sends),
        ]
        m.d.sync += pause.eq(Mux(taken, word[-PAUSE_BITS:] << 1, pause - (pause != 0)))
        with m.If(ends):
            m.d.sync += begun.eq(~begun)
        return m


def mirrored(params: Params) -> Chip:
    """A chip of these sizes with mirrors for cores."""
    with patch.object(verilog, "Core", lambda _: Mirror()):
        return Chip(params, verilog.chip_verilog(params, sources=True), ())
