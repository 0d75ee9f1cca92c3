"""One postsynaptic trace of a lane: its table of what feeds it, and the pipeline that keeps it."""

from amaranth.hdl import Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus
from ganglion.hdl.learn.kernel import KernelLookup
from ganglion.hdl.learn.table import TableLookup
from ganglion.hdl.lib.arith import saturate
from ganglion.hdl.lib.faults import fault_port, tell_first
from ganglion.hdl.lib.memory import Ram
from ganglion.hdl.lib.pipeline import follow
from ganglion.model.spec.learning_memories import SLOTS, Feed
from ganglion.model.spec.memories import Memory, memories, protects
from ganglion.model.spec.params import MEMBRANE, RECEPTOR, SPIKES, TRACE, Params, bits_for


class PostTrace(wiring.Component):
    """The trace of one slot, one neuron per cycle: what becomes of it in an update, and what is seen of it.

    The type of a neuron is wanted in the cycle before everything else of it, which comes in cycle 0 unless said
    otherwise. What the chip cannot feed to this slot is not built.

    Args:
        params: sizes of the core.
        slot: 1 to 3.
    """

    FIRST_LATENCY = KernelLookup.LATENCY + TableLookup.LATENCY
    """Cycles to what is seen of y1, which may feed the other traces."""

    VIEW_LATENCY = FIRST_LATENCY + TableLookup.LATENCY
    """Cycles to what is seen of any trace."""

    UPDATE_LATENCY = 5
    """Cycles to the next value."""

    type: Value
    """The type of a neuron."""
    type_valid: Value
    """There is one."""
    kept: Value
    """The trace as it is in STATE."""
    age: Value
    """Where spikes feed it: steps since the neuron's last spike."""
    v: Value
    """Its membrane."""
    input: Value
    """What came to receptor 1."""
    first: Value
    """What is seen of y1, FIRST_LATENCY cycles later."""
    spike: Value
    """The neuron fires; UPDATE_LATENCY cycles later."""
    next: Value
    """The trace from now on; UPDATE_LATENCY cycles later."""
    seen: Value
    """What is seen of it: FIRST_LATENCY cycles later in slot 1, VIEW_LATENCY in the others."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`."""
    traces_row: Value
    """The row of TRACES that the bus reads, a cycle later; 0 where it is of another slot."""
    kernels_row: Value
    """Where spikes feed it: the row of KERNELS that the bus reads, a cycle later."""

    def __init__(self, params: Params, slot: int) -> None:
        self.params = params
        self.slot = slot
        self.feeds = params.y_feeds[slot - 1]
        self.specs = memories(params)
        trace, kernels = signed(params.trace_bits + 1), self.specs.get(Memory.KERNELS)
        aged = {}
        if kernels and self.feeds & SPIKES:
            aged = {"age": In(unsigned(bits_for(params.trace_ages))), "kernels_row": Out(kernels.layout.width)}
        super().__init__(
            {
                "type": In(unsigned(bits_for(params.types))),
                "type_valid": In(1),
                "kept": In(trace),
                "v": In(signed(params.membrane_bits)),
                "input": In(signed(params.accumulator_bits)),
                "first": In(trace),
                "spike": In(1),
                "next": Out(trace),
                "seen": Out(trace),
                "bus": In(access_bus(params)),
                **fault_port(params),
                "traces_row": Out(self.specs[Memory.TRACES].layout.width),
                **aged,
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p, spec, end = self.params, self.specs[Memory.TRACES], self.UPDATE_LATENCY
        looks_at = KernelLookup.LATENCY if self.slot == SLOTS[0] else self.FIRST_LATENCY

        # The rows of this slot alone, out of those of all slots.
        m.submodules.traces = table = Ram(spec.layout, p.types, parity=protects(p, Memory.TRACES))
        first_row = (self.slot - 1) * p.types
        row, own = Signal.like(self.bus.row), Signal()
        m.d.comb += [
            row.eq(self.bus.row - first_row),
            own.eq(row < p.types),
            table.read.eq(self.type_valid | self.bus.reading),
            table.read_row.eq(Mux(self.bus.reading, row, self.type)),
            table.write.eq(self.bus.write[Memory.TRACES] & own),
            table.write_row.eq(row),
            table.write_data.eq(self.bus.data),
        ]
        answers = follow(m, own, "answers", 0, 1)[1]
        m.d.comb += self.traces_row.eq(Mux(answers, table.read_data, 0))

        type_ = follow(m, table.read_data, "type", 0, end)
        kept = follow(m, self.kept, "kept", 0, end)
        following, value = kept[end], kept[KernelLookup.LATENCY]
        if self.feeds & (SPIKES | RECEPTOR):
            # The host may have written a trace that nothing feeds, or another type.
            value = Mux(type_[KernelLookup.LATENCY].feed == Feed.NONE, 0, value)
        if self.feeds & RECEPTOR:
            factor, leak, total = Signal(len(type_[0].decay)), Signal.like(self.kept), Signal.like(self.kept)
            arrived = follow(m, self.input, "input", 0, 2)
            m.d.sync += [
                factor.eq(type_[0].decay),
                leak.eq((kept[1] * factor) >> p.decay_bits),
                total.eq(saturate(kept[2] - leak + arrived[2], p.trace_bits + 1)),
            ]
            total = follow(m, total, "total", 3, end)[end]
            following = Mux(type_[end].feed == Feed.RECEPTOR, total, following)
        if self.feeds & SPIKES:
            m.submodules.kernels = kernel = KernelLookup(p)
            m.d.comb += [
                kernel.advance.eq(1),
                kernel.kernel.eq(type_[0].kernel),
                kernel.age.eq(self.age),
                kernel.value.eq(self.kept),
                kernel.bus.eq(self.bus),
                self.kernels_row.eq(kernel.row),
            ]
            at, raised, jumped = type_[KernelLookup.LATENCY], Signal(p.trace_bits + 1), Signal(p.trace_bits)
            m.d.comb += raised.eq(kernel.seen + at.jump)
            m.d.sync += jumped.eq(Mux(at.set, at.jump, raised[:-1] | raised[-1].replicate(p.trace_bits)))
            jumped = follow(m, jumped, "jumped", KernelLookup.LATENCY + 1, end)[end]
            following = Mux((type_[end].feed == Feed.SPIKES) & self.spike, jumped, following)
            value = Mux(at.feed == Feed.SPIKES, kernel.seen, value)
        m.d.comb += self.next.eq(following)

        seen = Signal.like(self.kept)
        m.d.comb += seen.eq(value)
        seen = follow(m, seen, "seen", KernelLookup.LATENCY, looks_at + TableLookup.LATENCY)[-1]
        if self.feeds & (MEMBRANE | TRACE):
            m.submodules.table = lookup = TableLookup(p)
            v = follow(m, self.v, "v", 0, looks_at)[looks_at] if self.feeds & MEMBRANE else self.first
            looked_at = Mux(type_[looks_at].feed == Feed.TRACE, self.first, v) if self.feeds & TRACE else v
            m.d.comb += [lookup.type.eq(type_[looks_at]), lookup.value.eq(looked_at)]
            feed = type_[looks_at + TableLookup.LATENCY].feed
            seen = Mux((feed == Feed.MEMBRANE) | (feed == Feed.TRACE), lookup.segment, seen)
        m.d.comb += self.seen.eq(seen)
        if p.parity:
            kernels = [kernel] if self.feeds & SPIKES else []
            tell_first(m, self.fault, [(Memory.TRACES, table, first_row)], kernels)
        return m
