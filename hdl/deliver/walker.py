"""The row walker: from rows to one synapse word per cycle."""

from amaranth.hdl import Module, Mux, Signal, Value, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.access import access_bus
from ganglion.hdl.lib.layouts import struct
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import Params, bits_for


def walk(params: Params) -> data.StructLayout:
    """One synapse word: where it lies, and where a dense one goes."""
    fields = {field.name: field.width for field in memories(params)[Memory.AXONS].layout.fields}
    return data.StructLayout(
        {
            "row": unsigned(bits_for(params.synapse_words)),
            "dense": 1,
            "beat": unsigned(bits_for(params.beats)),
            "group": fields["group"],
            "delay": fields["delay"],
        }
    )


class RowWalker(wiring.Component):
    """Walks rows of synapses: one synapse word per cycle, without a gap between rows. An empty row takes a cycle.

    `word` is valid from the cycle after its row was taken. A sparse row is `length` rows of the memory; a dense row is
    `length` groups of weights, of which a row of the memory holds `beats`. Nothing holds `word` back.

    What is to be read by `bus` goes the same way, so that the address lines of the synapse memories, the longest of the
    core, come out of a register: it is in the row of `word` a cycle later. No rows may come then.
    """

    rows: stream.Interface
    bus: "data.View[data.StructLayout]"
    word: "data.View[data.StructLayout]"
    valid: Value

    def __init__(self, params: Params) -> None:
        self.params = params
        self.spec = memories(params)[Memory.AXONS]
        super().__init__(
            {
                "rows": In(stream.Signature(struct(self.spec.layout))),
                "bus": In(access_bus(params)),
                "word": Out(walk(params)),
                "valid": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        word, row = Signal(walk(self.params), reset_less=True), self.rows.payload
        left = Signal(row.length.shape())
        last = Signal()
        m.d.comb += [self.word.eq(word), self.rows.ready.eq(~self.valid | last)]

        valid = Signal()
        m.d.comb += self.valid.eq(valid)
        next_beat = Mux(word.dense & (word.beat != self.params.beats - 1), word.beat + 1, 0)
        with m.If(self.rows.ready):
            m.d.sync += [
                valid.eq(self.rows.valid & (row.length != 0)),
                left.eq(row.length),
                last.eq(row.length == 1),
                word.row.eq(row.first),
                word.dense.eq(row.dense),
                word.beat.eq(0),
                word.group.eq(row.group),
                word.delay.eq(row.delay),
            ]
        with m.Else():
            m.d.sync += [
                left.eq(left - 1),
                last.eq(left == 2),
                word.beat.eq(next_beat),
                word.row.eq(word.row + (next_beat == 0)),
                word.group.eq(word.group + 1),
            ]
        with m.If(self.bus.reading):
            m.d.sync += word.row.eq(self.bus.row)
        return m
