"""The chip: a core and the port of the host."""

from amaranth.hdl import Module, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.hdl.core import Core
from ganglion.hdl.streams import Merge
from ganglion.model.spec.packets import KIND_BITS, PACKET_BITS, Kind
from ganglion.model.spec.params import Params


class HostPort(wiring.Component):
    """The root of the chip, where a step begins and ends.

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
    """What the host talks to: packets in, packets out, and whether anything is going on."""

    i: stream.Interface
    o: stream.Interface
    busy: Value

    def __init__(self, params: Params) -> None:
        self.params = params
        packets = stream.Signature(PACKET_BITS)
        super().__init__({"i": In(packets), "o": Out(packets), "busy": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.port = port = HostPort()
        m.submodules.core = core = Core(self.params)
        connect(m, flipped(self.i), port.host_i)
        connect(m, port.host_o, flipped(self.o))
        connect(m, port.down, core.i)
        connect(m, core.o, port.up)
        m.d.comb += self.busy.eq(port.busy | core.busy)
        return m
