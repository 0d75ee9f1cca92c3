"""From events to rows: the axon table."""

from amaranth.hdl import Module, Signal, Value, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus, serve
from ganglion.hdl.lib.faults import fault_port, tell_first
from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.memories import Memory, memories, protects
from ganglion.model.spec.params import Params, bits_for


class AxonLookup(wiring.Component):
    """Turns each event into the rows of its axon, in order.

    One row per cycle, the first one cycle after its event; an axon goes on in the next row of the table while `more`
    is set, unless rows are asked for one by one. Back-pressure on `rows` holds `events`. The table may be accessed
    while no event is offered or `busy`.

    The last row of the table ends its axon; where `more` is set there, `bad` pulses.

    Args:
        params: sizes of the core.
    """

    READ_LATENCY = Ram.LATENCY + 1
    """Cycles from a read on `bus` to the row on `table`, which is a register."""

    events: stream.Interface
    """Numbers of axons that exist."""
    rows: stream.Interface
    """Rows of AXONS."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    table: "data.View[data.StructLayout]"
    """The row that the bus reads."""
    bad: Value
    """An axon wanted to go on behind the end of the table."""
    single: Value
    """On a chip that learns: each event is for its own row alone."""
    fetch: Value
    """On a chip that learns: a row is fetched."""
    fetch_row: Value
    """On a chip that learns: which."""
    busy: Value
    """A row has not been taken."""
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.spec = memories(params)[Memory.AXONS]
        axon = unsigned(bits_for(params.axons))
        super().__init__(
            {
                "events": In(stream.Signature(axon)),
                "rows": Out(stream.Signature(struct(self.spec.layout))),
                "bus": In(access_bus(params)),
                "table": Out(struct(self.spec.layout)),
                "bad": Out(1),
                "busy": Out(1),
                **fault_port(params),
                **({"single": In(1), "fetch": Out(1), "fetch_row": Out(axon)} if params.products else {}),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        parity = protects(self.params, Memory.AXONS)
        m.submodules.axons = ram = Ram(self.spec.layout, self.spec.depth, parity=parity)
        axon = Signal(range(self.params.axons))
        row, row_valid = ram.read_data, Signal()
        table = Signal.like(row, reset_less=True)
        m.d.sync += table.eq(row)

        done = ~row_valid | self.rows.ready
        more = row.more
        if self.params.products:
            more &= ~self.single
        last = axon == self.params.axons - 1
        chained = row_valid & more & ~last
        m.d.comb += [
            self.bad.eq(row_valid & more & last & self.rows.ready),
            self.rows.payload.eq(row),
            self.rows.valid.eq(row_valid),
            self.events.ready.eq(done & ~chained),
            self.busy.eq(row_valid),
            self.table.eq(table),
            ram.read_row.eq(self.events.payload),
            ram.read.eq(done & (chained | self.events.valid)),
        ]
        if self.params.products:
            m.d.comb += [self.fetch.eq(done & (chained | self.events.valid)), self.fetch_row.eq(ram.read_row)]
        with m.If(chained):
            m.d.comb += ram.read_row.eq(axon + 1)
        with m.If(done):
            m.d.sync += [axon.eq(ram.read_row), row_valid.eq(ram.read)]
        with m.If(self.bus.reading):
            m.d.sync += row_valid.eq(0)
        serve(m, self.bus, self.spec, ram)
        if self.params.parity:
            tell_first(m, self.fault, [(Memory.AXONS, ram, 0)])
        return m
