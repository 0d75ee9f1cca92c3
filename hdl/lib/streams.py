"""Stream plumbing that the Amaranth library lacks."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped


def transfers(port: Any) -> Value:
    """Whether a stream transfers an item in this cycle."""
    transfer: Value = port.valid & port.ready
    return transfer


class Buffer(wiring.Component):
    """A skid buffer: room for two transfers, so that no path of logic runs through, in neither direction.

    A transfer appears on `o` one cycle later; the throughput is one per cycle.

    Args:
        shape: of the payload.
    """

    i: stream.Interface
    """What comes in."""
    o: stream.Interface
    """The same, in order."""

    def __init__(self, shape: Any) -> None:
        signature = stream.Signature(shape)
        super().__init__({"i": In(signature), "o": Out(signature)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        payload, skid = (Signal.like(self.o.payload, name=n, reset_less=True) for n in ("payload", "skid"))
        skid_valid = Signal()
        enters = self.i.valid & ~skid_valid
        m.d.comb += [self.i.ready.eq(~skid_valid), self.o.payload.eq(payload)]
        with m.If(self.o.ready | ~self.o.valid):
            m.d.sync += [
                payload.eq(Mux(skid_valid, skid, self.i.payload)),
                self.o.valid.eq(skid_valid | enters),
                skid_valid.eq(0),
            ]
        with m.Elif(enters):
            m.d.sync += [skid.eq(self.i.payload), skid_valid.eq(1)]
        return m


class Merge(wiring.Component):
    """A fixed-priority merge of two streams: `first` goes before `second`. Behind it is a `Buffer`.

    Args:
        shape: of the payload.
    """

    first: stream.Interface
    """Waits for nothing but room."""
    second: stream.Interface
    """Waits while `first` has something."""
    o: stream.Interface
    """Both."""

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
    """A round-robin arbiter of several streams: after an item of input k goes one of the next input that has any, round
    from k + 1.

    So an input waits for at most one transfer of each of the others. Behind it is a `Buffer`.

    Args:
        shape: of the payload.
        inputs: how many there are.
    """

    i: Sequence[stream.Interface]
    """The inputs."""
    o: stream.Interface
    """All of them."""

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
        with m.If(transfers(buffer.i)):
            m.d.sync += later.eq(Cat(grant[:k].any() for k in range(self.inputs)))
        return m


def _first(bits: Value) -> Value:
    """A priority encoder, one-hot: the lowest bit that is set, alone."""
    return Cat(bits[k] & ~bits[:k].any() for k in range(len(bits)))


def _only_if(condition: Value, payload: Any) -> Value:
    """The bits of a payload, or zero."""
    bits = Value.cast(payload)
    return bits & condition.replicate(len(bits))
