"""Stream plumbing that the Amaranth library lacks."""

from functools import reduce
from operator import or_
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped


class Buffer(wiring.Component):
    """Room for two transfers, so that no path of logic runs through, in neither direction.

    A transfer appears on `o` one cycle later; the throughput is one per cycle.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, shape: Any) -> None:
        signature = stream.Signature(shape)
        super().__init__({"i": In(signature), "o": Out(signature)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        payload, spare = (Signal.like(self.o.payload, name=n, reset_less=True) for n in ("payload", "spare"))
        spared = Signal()
        taken = ~spared & self.i.valid
        m.d.comb += [self.i.ready.eq(~spared), self.o.payload.eq(payload)]
        with m.If(self.o.ready | ~self.o.valid):
            m.d.sync += [
                payload.eq(Mux(spared, spare, self.i.payload)),
                self.o.valid.eq(spared | taken),
                spared.eq(0),
            ]
        with m.Elif(taken):
            m.d.sync += [spare.eq(self.i.payload), spared.eq(1)]
        return m


class Merge(wiring.Component):
    """Two streams into one: `first` goes before `second`. Behind it is a `Buffer`."""

    first: stream.Interface
    second: stream.Interface
    o: stream.Interface

    def __init__(self, shape: Any) -> None:
        self.shape = shape
        signature = stream.Signature(shape)
        super().__init__({"first": In(signature), "second": In(signature), "o": Out(signature)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.buffer = buffer = Buffer(self.shape)
        connect(m, buffer.o, flipped(self.o))
        m.d.comb += [
            buffer.i.payload.eq(Mux(self.first.valid, self.first.payload, self.second.payload)),
            buffer.i.valid.eq(self.first.valid | self.second.valid),
            self.first.ready.eq(buffer.i.ready),
            self.second.ready.eq(buffer.i.ready & ~self.first.valid),
        ]
        return m


class Arbiter(wiring.Component):
    """Several streams into one, in turn: after one of input k, the next that has something, round from k + 1, goes.

    So an input waits for at most one transfer of each of the others. Behind it is a `Buffer`.
    """

    o: stream.Interface

    def __init__(self, shape: Any, inputs: int) -> None:
        self.shape = shape
        self.inputs = inputs
        signature = stream.Signature(shape)
        super().__init__({"i": In(signature).array(inputs), "o": Out(signature)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.buffer = buffer = Buffer(self.shape)
        connect(m, buffer.o, flipped(self.o))
        valid = Cat(one.valid for one in self.i)
        later = Signal(self.inputs, init=(1 << self.inputs) - 2)  # the inputs behind the last one that went
        # Signals, since an expression is written out again for every bit that uses it.
        waiting, grant = Signal(self.inputs), Signal(self.inputs)
        m.d.comb += [
            waiting.eq(valid & later),
            # No carry from input to input: each looks at all that go before it.
            grant.eq(Mux(waiting.any(), _first(waiting), _first(valid))),
            buffer.i.valid.eq(valid.any()),
            buffer.i.payload.eq(reduce(or_, (_only_if(grant[k], one.payload) for k, one in enumerate(self.i)))),
            *(one.ready.eq(buffer.i.ready & grant[k]) for k, one in enumerate(self.i)),
        ]
        with m.If(buffer.i.valid & buffer.i.ready):
            m.d.sync += later.eq(Cat(grant[:k].any() for k in range(self.inputs)))
        return m


def _first(bits: Value) -> Value:
    """The lowest bit that is set, alone."""
    return Cat(bits[k] & ~bits[:k].any() for k in range(len(bits)))


def _only_if(condition: Value, payload: Any) -> Value:
    """The bits of a payload, or zero."""
    bits = Value.cast(payload)
    return bits & condition.replicate(len(bits))
