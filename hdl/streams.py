"""Stream plumbing that the Amaranth library lacks."""

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out


class Merge(wiring.Component):
    """Two streams into one: `first` goes before `second`.

    A transfer appears on `o` one cycle later; the throughput is one per cycle. There is room for two, so that neither
    `ready` depends on `o.ready` and no path of logic runs through.
    """

    first: stream.Interface
    second: stream.Interface
    o: stream.Interface

    def __init__(self, shape: Any) -> None:
        signature = stream.Signature(shape)
        super().__init__({"first": In(signature), "second": In(signature), "o": Out(signature)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spare, spared = Signal.like(self.o.payload), Signal()
        chosen = Mux(self.first.valid, self.first.payload, self.second.payload)
        taken = ~spared & (self.first.valid | self.second.valid)
        m.d.comb += [self.first.ready.eq(~spared), self.second.ready.eq(~spared & ~self.first.valid)]
        with m.If(self.o.ready | ~self.o.valid):
            m.d.sync += [
                self.o.payload.eq(Mux(spared, spare, chosen)),
                self.o.valid.eq(spared | taken),
                spared.eq(0),
            ]
        with m.Elif(taken):
            m.d.sync += [spare.eq(chosen), spared.eq(1)]
        return m
