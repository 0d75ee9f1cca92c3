"""From events to rows: the axon table."""

from amaranth.hdl import Module, Signal, Value, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.access import access_bus
from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import Params, bits_for


class AxonLookup(wiring.Component):
    """Turns each event into the rows of its axon, in order.

    One row per cycle, the first one cycle after its event; an axon goes on in the next row of the table while `more`
    is set. Back-pressure on `rows` holds `events`. The table may be accessed while no event is offered or `busy`.
    """

    events: stream.Interface
    rows: stream.Interface
    bus: "data.View[data.StructLayout]"
    table: "data.View[data.StructLayout]"
    busy: Value

    def __init__(self, params: Params) -> None:
        self.params = params
        self.spec = memories(params)[Memory.AXONS]
        super().__init__(
            {
                "events": In(stream.Signature(unsigned(bits_for(params.axons)))),
                "rows": Out(stream.Signature(struct(self.spec.layout))),
                "bus": In(access_bus(params)),
                "table": Out(struct(self.spec.layout)),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.axons = ram = Ram(self.spec.layout, self.params.axons)
        axon = Signal(range(self.params.axons))
        fetched = Signal()
        row = ram.read_data
        table = Signal.like(row, reset_less=True)
        m.d.sync += table.eq(row)

        done = ~fetched | self.rows.ready
        chained = fetched & row.more
        m.d.comb += [
            self.rows.payload.eq(row),
            self.rows.valid.eq(fetched),
            self.events.ready.eq(done & ~chained),
            self.busy.eq(fetched),
            self.table.eq(table),
            ram.read_row.eq(self.events.payload),
            ram.read.eq(done & (chained | self.events.valid)),
        ]
        with m.If(chained):
            m.d.comb += ram.read_row.eq(axon + 1)
        with m.If(done):
            m.d.sync += [axon.eq(ram.read_row), fetched.eq(ram.read)]
        with m.If(self.bus.reading):
            m.d.comb += [ram.read_row.eq(self.bus.row), ram.read.eq(1)]
            m.d.sync += fetched.eq(0)
        m.d.comb += [
            ram.write.eq(self.bus.write[Memory.AXONS]),
            ram.write_row.eq(self.bus.row),
            ram.write_data.eq(self.bus.data),
        ]
        return m
