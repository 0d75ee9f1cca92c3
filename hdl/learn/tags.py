"""The tags of one lane: a row beside each row of its synapses."""

from amaranth.hdl import Module, Signal, Value, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus, rows_of, serve_writes
from ganglion.hdl.learn.stages import ENTRY
from ganglion.hdl.lib.faults import fault_port, tell_first
from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.memories import Memory, memories, protects
from ganglion.model.spec.params import Params, bits_for


class TagStore(wiring.Component):
    """Reads the tags of a word in the cycles in which the synapses are read, and writes them as they are written.

    Args:
        params: sizes of the core.
    """

    fetch: Value
    """A word is fetched."""
    fetch_row: Value
    """Its row, also that of the bus."""
    tags: Value
    """ENTRY cycles later: its tags."""
    write: Value
    """Write a row."""
    write_row: Value
    """Which."""
    write_data: Value
    """What."""
    bus: "data.View[data.StructLayout]"
    """The access bus; what it reads comes as the row of a word."""
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`."""
    selected: Value
    """The bus means this lane."""
    rows: "data.View[data.StructLayout]"
    """The row that the bus reads."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.spec = memories(params)[Memory.TAGS]
        row, width = unsigned(bits_for(params.synapse_words)), self.spec.layout.width
        super().__init__(
            {
                "fetch": In(1),
                "fetch_row": In(row),
                "tags": Out(width),
                "write": In(1),
                "write_row": In(row),
                "write_data": In(width),
                "bus": In(access_bus(params)),
                **fault_port(params),
                "selected": In(1),
                "rows": Out(rows_of(params, Memory.TAGS)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.store = store = Ram(
            self.spec.layout, self.spec.depth, parity=protects(self.params, Memory.TAGS)
        )
        reading, tags = Signal(), Signal.like(self.tags, name="tags_row", reset_less=True)
        assert store.LATENCY + 1 == ENTRY
        m.d.sync += [reading.eq(self.bus.reading), tags.eq(store.read_data)]
        m.d.comb += [
            store.read.eq(self.fetch | reading),
            store.read_row.eq(self.fetch_row),
            store.write.eq(self.write),
            store.write_row.eq(self.write_row),
            store.write_data.eq(self.write_data),
            self.tags.eq(tags),
            self.rows.TAGS.eq(tags),
        ]
        serve_writes(m, self.bus, self.spec, store, selected=self.selected)
        if self.params.parity:
            tell_first(m, self.fault, [(Memory.TAGS, store, 0)])
        return m
