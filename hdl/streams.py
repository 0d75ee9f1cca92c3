"""Stream plumbing that the Amaranth library lacks."""

from typing import Any

from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out


class Merge(wiring.Component):
    """Two streams into one, through a register: `first` goes before `second`.

    A transfer appears on `o` one cycle later; the throughput is one per cycle.
    """

    first: stream.Interface
    second: stream.Interface
    o: stream.Interface

    def __init__(self, shape: Any) -> None:
        signature = stream.Signature(shape)
        super().__init__({"first": In(signature), "second": In(signature), "o": Out(signature)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        with m.If(self.o.ready | ~self.o.valid):
            m.d.comb += [self.first.ready.eq(1), self.second.ready.eq(~self.first.valid)]
            m.d.sync += [
                self.o.valid.eq(self.first.valid | self.second.valid),
                self.o.payload.eq(self.second.payload),
            ]
            with m.If(self.first.valid):
                m.d.sync += self.o.payload.eq(self.first.payload)
        return m
