"""The row walker: from rows to one synapse word per cycle."""

from amaranth.hdl import Module, Mux, Signal, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus
from ganglion.hdl.lib.layouts import struct
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import Params, bits_for


def synapse_word(params: Params) -> data.StructLayout:
    """One synapse word: where it lies, and where a dense one goes, `stride` groups from `group` on. A chip that learns
    has two bits more: whether it is the last of its row, and the receptor that it goes to, if there are two."""
    fields = {field.name: field.width for field in memories(params)[Memory.AXONS].layout.fields}
    return data.StructLayout(
        {
            "row": unsigned(bits_for(params.synapse_words)),
            "dense": 1,
            "beat": unsigned(bits_for(params.beats // params.stride)),
            "group": fields["group"],
            "delay": fields["delay"],
            **({"last": 1} if params.products else {}),
            **({"receptor": 1} if "receptor" in fields else {}),
        }
    )


class RowWalker(wiring.Component):
    """Walks rows of synapses: one synapse word per cycle, without a gap between rows. An empty row takes a cycle.

    The first word of a row is offered from the cycle after the row was taken, the next row is taken with the last word
    of the one before. A sparse row is `length` rows of the memory; a dense row is weights of `length` times `stride`
    groups, of which a row of the memory holds `beats`. Back-pressure on `words` holds `rows`.

    What is to be read by `bus` goes the same way, so that the address lines of the synapse memories, the longest of the
    core, come out of a register: it is in the row of the word a cycle later. No rows may come then.

    Args:
        params: sizes of the core.
    """

    READ_LATENCY = 1
    """Cycles from a read on `bus` to its row in the row of a word."""

    rows: stream.Interface
    """Rows of AXONS."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    words: stream.Interface
    """Of `synapse_word`."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.spec = memories(params)[Memory.AXONS]
        super().__init__(
            {
                "rows": In(stream.Signature(struct(self.spec.layout))),
                "bus": In(access_bus(params)),
                "words": Out(stream.Signature(synapse_word(params))),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        row, word, word_valid = self.rows.payload, Signal(synapse_word(self.params), reset_less=True), Signal()
        left = Signal(row.length.shape())  # words of the row that have not been taken, this one among them
        last = Signal()
        m.d.comb += [
            self.words.payload.eq(word),
            self.words.valid.eq(word_valid),
            self.rows.ready.eq(~word_valid | (last & self.words.ready)),
        ]
        if self.params.products:
            m.d.comb += self.words.payload.last.eq(last)
        stride = self.params.stride
        next_beat = Mux(word.dense & (word.beat != self.params.beats // stride - 1), word.beat + 1, 0)
        with m.If(self.rows.ready):
            m.d.sync += [
                word_valid.eq(self.rows.valid & (row.length != 0)),
                left.eq(row.length),
                last.eq(row.length == 1),
                word.row.eq(row.first),
                word.dense.eq(row.dense),
                word.beat.eq(0),
                word.group.eq(row.group),
                word.delay.eq(row.delay),
            ]
            if "receptor" in word.shape().members:
                m.d.sync += word.receptor.eq(row.receptor)
        with m.Elif(self.words.ready):
            m.d.sync += [
                left.eq(left - 1),
                last.eq(left == 2),
                word.beat.eq(next_beat),
                word.row.eq(word.row + (next_beat == 0)),
                word.group.eq(word.group + stride),
            ]
        with m.If(self.bus.reading):
            m.d.sync += word.row.eq(self.bus.row)
        return m
