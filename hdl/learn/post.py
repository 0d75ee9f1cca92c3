"""The postsynaptic traces of a lane: what each neuron remembers of its spikes and of what comes to receptor 1."""

from functools import reduce
from operator import or_

from amaranth.hdl import Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus, rows_of
from ganglion.hdl.learn.slot import PostTrace
from ganglion.hdl.lib.arith import wrap
from ganglion.hdl.lib.faults import fault_port, tell_first
from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.memory import Ram
from ganglion.hdl.lib.pipeline import follow
from ganglion.model.spec.learning_memories import SLOTS
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import RECEPTOR, SPIKES, Params, bits_for


def post_slots(params: Params) -> list[int]:
    """The slots that a chip has traces in."""
    return [slot for slot, feeds in zip(SLOTS, params.y_feeds, strict=True) if feeds]


def post_view(params: Params) -> data.StructLayout:
    """What a rule sees of a neuron: whether it fired in this epoch, and what is left of its traces."""
    trace = signed(params.trace_bits + 1)
    return data.StructLayout({"y0": 1, **{f"y{slot}": trace for slot in post_slots(params)}})


def post_memories(params: Params) -> tuple[Memory, ...]:
    """The memories that say how the traces are fed."""
    return ((Memory.TRACES,) if params.feeds else ()) + ((Memory.KERNELS,) if params.feeds & SPIKES else ())


class PostTraces(wiring.Component):
    """A pipeline beside that of the update, one neuron per cycle: the next traces, or what is seen of the present ones.

    The type of a neuron is wanted in the cycle before everything else of it, which comes in cycle 0 unless said
    otherwise.

    Args:
        params: sizes of the core.
    """

    VIEW_LATENCY = PostTrace.VIEW_LATENCY
    """Cycles to the view."""

    UPDATE_LATENCY = PostTrace.UPDATE_LATENCY
    """Cycles to the next state."""

    READ_LATENCY = Ram.LATENCY
    """Cycles from a read on `bus` to `rows`."""

    type: Value
    """The type of a neuron."""
    type_valid: Value
    """There is one."""
    state: "data.View[data.StructLayout]"
    """Its row of STATE."""
    input: Value
    """What its accumulator of receptor 1 held."""
    steps: Value
    """This is an update on a chip that learns, in which the last spike grows older by a step."""
    spike: Value
    """The neuron fires; UPDATE_LATENCY cycles later."""
    next_state: "data.View[data.StructLayout]"
    """Its row of STATE, of which the traces are meant; UPDATE_LATENCY cycles later."""
    overflow: Value
    """The sum at receptor 1 had left its W bits."""
    view: "data.View[data.StructLayout]"
    """Of `post_view`; VIEW_LATENCY cycles later."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`."""
    rows: "data.View[data.StructLayout]"
    """The rows that the bus reads, of `post_memories`, if there are any."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.specs = memories(params)
        row = struct(self.specs[Memory.STATE].layout)
        super().__init__(
            {
                "type": In(unsigned(bits_for(params.types))),
                "type_valid": In(1),
                "state": In(row),
                "input": In(signed(self.specs[Memory.ACCUMULATORS].layout.width)),
                "steps": In(1),
                "spike": In(1),
                "next_state": Out(row),
                "overflow": Out(1),
                "view": Out(post_view(params)),
                "bus": In(access_bus(params)),
                **fault_port(params),
                **({"rows": Out(rows_of(params, *of))} if (of := post_memories(params)) else {}),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p, end = self.params, self.UPDATE_LATENCY
        slots = {slot: PostTrace(p, slot) for slot in post_slots(p)}
        for slot, trace in slots.items():
            m.submodules[f"y{slot}"] = trace

        steps, y0 = follow(m, self.steps, "steps", 0, end), follow(m, self.state.y0, "y0", 0, end)
        fires = steps[end] & self.spike
        m.d.comb += [self.view.y0.eq(y0[self.VIEW_LATENCY]), self.next_state.y0.eq(y0[end] | fires)]
        if p.feeds & SPIKES:
            age = Signal.like(self.state.yg)
            m.d.comb += [
                age.eq(self.state.yg + (self.steps & ~self.state.yg.all())),
                self.next_state.yg.eq(Mux(fires, 0, follow(m, age, "age", 0, end)[end])),
                *(trace.age.eq(age) for trace in slots.values() if trace.feeds & SPIKES),
            ]
        arrived = wrap(self.input, p.accumulator_bits)
        if p.feeds & RECEPTOR:
            m.d.comb += self.overflow.eq(arrived != self.input)
        for slot, trace in slots.items():
            name = f"y{slot}"
            later = self.VIEW_LATENCY - trace.FIRST_LATENCY if slot == SLOTS[0] else 0
            m.d.comb += [
                trace.type.eq(self.type),
                trace.type_valid.eq(self.type_valid),
                trace.v.eq(self.state.v),
                trace.input.eq(arrived),
                trace.spike.eq(self.spike),
                trace.bus.eq(self.bus),
                self.view[name].eq(follow(m, trace.seen, f"seen_{name}", 0, later)[later]),
            ]
            if slot != SLOTS[0] and SLOTS[0] in slots:
                m.d.comb += trace.first.eq(slots[SLOTS[0]].seen)
            if name in self.state.shape().members:
                kept = follow(m, self.state[name], f"kept_{name}", 0, end)[end]
                m.d.comb += [
                    trace.kept.eq(self.state[name]),
                    self.next_state[name].eq(Mux(steps[end], trace.next, kept)),
                ]
        if slots:
            m.d.comb += self.rows.TRACES.eq(reduce(or_, (trace.traces_row for trace in slots.values())))
        if p.feeds & SPIKES:
            m.d.comb += self.rows.KERNELS.eq(next(t for t in slots.values() if t.feeds & SPIKES).kernels_row)
        if p.parity:
            tell_first(m, self.fault, parts=slots.values())
        return m
