"""The presynaptic traces: what each row of the axon table remembers of the events of its axon."""

from amaranth.hdl import Module, Mux, Signal, Value, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus, serve
from ganglion.hdl.learn.kernel import KernelLookup
from ganglion.hdl.lib.faults import fault_port, tell_first
from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.learning_memories import STAMP_BITS, pre_trace_layout
from ganglion.model.spec.memories import Memory, memories, protects
from ganglion.model.spec.params import Params, bits_for


def pre_names(params: Params) -> list[str]:
    """The traces that a chip has besides x0."""
    return [f"x{k + 1}" for k in range(params.pre_traces)]


def pre_view(params: Params) -> data.StructLayout:
    """What a rule sees of a row: whether its axon fired in this epoch, and what is left of its traces."""
    return data.StructLayout({"x0": 1, **dict.fromkeys(pre_names(params), unsigned(params.trace_bits))})


class PreTraces(wiring.Component):
    """The traces of each row of the axon table, in the row of the same number of a memory of their own.

    A row keeps its traces as they were at the last spike, and when that was; so it costs nothing in a step without one.

    Deliver: a row of the axon table that is fetched notes the spike, VIEW_LATENCY cycles later. Whatever else comes of
    its axon in the same step changes nothing, also before the first one is noted. Sweep: `view` is of the row that was
    fetched VIEW_LATENCY cycles ago, those without `advance` not counted; `write` replaces rows.

    Args:
        params: sizes of the core.
    """

    VIEW_LATENCY = Ram.LATENCY + 1 + KernelLookup.LATENCY
    """Cycles from a row being fetched to its view: the row, its age, the kernel."""

    READ_LATENCY = Ram.LATENCY
    """Cycles from a read on `bus` to `row` and `kernels_row`."""

    fetch: Value
    """A row of the axon table is fetched."""
    fetch_row: Value
    """Which."""
    learns: Value
    """The row that was fetched in the cycle before has a rule, and it is for an event on a chip that learns."""
    advance: Value
    """Go on; always, but in a sweep."""
    now: Value
    """Steps learned, the present one counted."""
    traces: "data.View[data.StructLayout]"
    """How each trace is fed, by name, if there are any: of `pre_trace_layout`."""
    view: "data.View[data.StructLayout]"
    """Of `pre_view`."""
    kept: "data.View[data.StructLayout]"
    """Together with `view`: the row as it is kept."""
    write: Value
    """Replace a row; no event may be on its way then."""
    write_row: Value
    """Which."""
    write_data: "data.View[data.StructLayout]"
    """What is to be kept."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`."""
    row: Value
    """The row of PRE that the bus reads."""
    kernels_row: Value
    """The row of KERNELS that the bus reads, where there is a trace that has one."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.specs = memories(params)
        self.spec = self.specs[Memory.PRE]
        self.names = pre_names(params)
        row, fed = unsigned(bits_for(params.axons)), struct(pre_trace_layout(params))
        traced = {}
        if self.names:
            traced["traces"] = In(data.StructLayout(dict.fromkeys(self.names, fed)))
            traced["kernels_row"] = Out(self.specs[Memory.KERNELS].layout.width)
        super().__init__(
            {
                "fetch": In(1),
                "fetch_row": In(row),
                "learns": In(1),
                "advance": In(1),
                "now": In(STAMP_BITS),
                "view": Out(pre_view(params)),
                "kept": Out(struct(self.spec.layout)),
                "write": In(1),
                "write_row": In(row),
                "write_data": In(struct(self.spec.layout)),
                "bus": In(access_bus(params)),
                **fault_port(params),
                "row": Out(self.spec.layout.width),
                **traced,
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p = self.params
        # What is read of a row in the cycle in which its spike is noted is not asked for: it is one of the same step.
        m.submodules.pre = pre = Ram(
            self.spec.layout, self.spec.depth, collisions=True, parity=protects(p, Memory.PRE)
        )
        lookups = {name: KernelLookup(p) for name in self.names}
        for name, lookup in lookups.items():
            m.submodules[f"kernels_{name}"] = lookup

        # Cycle 1: the row is there.
        fetched, noted = Signal(), Signal()
        where = Signal(len(self.fetch_row), reset_less=True)
        noted_row = Signal.like(where, reset_less=True)
        m.d.comb += [pre.read.eq(self.fetch), pre.read_row.eq(self.fetch_row)]
        m.d.sync += [fetched.eq(self.fetch), noted.eq(pre.write), noted_row.eq(pre.write_row)]
        with m.If(self.fetch):
            m.d.sync += where.eq(self.fetch_row)
        row, notes = pre.read_data, fetched & self.learns & ~(noted & (noted_row == where))
        if self.names:
            age, last = Signal(STAMP_BITS), p.trace_ages - 1
            ages = Signal(range(p.trace_ages), reset_less=True)
            m.d.comb += age.eq(self.now - row.stamp)
            with m.If(self.advance):
                m.d.sync += ages.eq(Mux(age > last, last, age))
            notes &= age != 0

        # From there to the view: the row, its number, and whether it is to note a spike.
        rows, wheres = [row], [where]
        for cycle in range(2, self.VIEW_LATENCY + 1):
            noting = Signal(name=f"notes_{cycle}")
            rows.append(Signal.like(row, name=f"row_{cycle}", reset_less=True))
            wheres.append(Signal.like(where, name=f"where_{cycle}", reset_less=True))
            m.d.sync += noting.eq(notes)
            with m.If(self.advance):
                m.d.sync += [rows[-1].eq(rows[-2]), wheres[-1].eq(wheres[-2])]
            notes = noting
        after = Signal.like(self.kept, name="after")
        m.d.comb += [self.kept.eq(rows[-1]), self.view.x0.eq(self.kept.x0), after.eq(self.kept), after.x0.eq(1)]
        for name, lookup in lookups.items():
            trace, raised = self.traces[name], Signal(p.trace_bits + 1, name=f"{name}_raised")
            m.d.comb += [
                lookup.advance.eq(self.advance),
                lookup.kernel.eq(trace.kernel),
                lookup.age.eq(ages),
                lookup.value.eq(rows[1][name]),
                lookup.bus.eq(self.bus),
                self.view[name].eq(lookup.seen),
                raised.eq(lookup.seen + trace.jump),
                after[name].eq(Mux(trace.set, trace.jump, raised[:-1] | raised[-1].replicate(p.trace_bits))),
                after.stamp.eq(self.now),
                self.kernels_row.eq(lookup.row),
            ]
        m.d.comb += [
            pre.write.eq(notes | self.write),
            pre.write_row.eq(Mux(self.write, self.write_row, wheres[-1])),
            pre.write_data.eq(Mux(self.write, self.write_data, after)),
            self.row.eq(pre.read_data),
        ]
        serve(m, self.bus, self.spec, pre)
        if p.parity:
            tell_first(m, self.fault, [(Memory.PRE, pre, 0)], lookups.values())
        return m
