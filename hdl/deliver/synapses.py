"""The synapses of one lane: their store, and what a word of it means."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus, rows_of, serve_writes
from ganglion.hdl.deliver.accumulator import operation
from ganglion.hdl.deliver.walker import RowWalker, synapse_word
from ganglion.hdl.lib.faults import fault_port, tell_first
from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.memories import Memory, memories, protects
from ganglion.model.spec.params import Params, bits_for


class SynapseLane(wiring.Component):
    """Reads its entry of each word, and says which accumulators get which weights: one synapse per cycle of a sparse
    row, `stride` of a dense one.

    A cycle for the memory, a cycle to gather what comes out of its blocks; then `addition` is valid. On a chip that
    learns, words may be read to be visited, and then nothing is added; `write` may come in the cycle of another word.

    Args:
        params: sizes of the core.
    """

    LATENCY = Ram.LATENCY + 1
    """Cycles from a word to its addition."""

    READ_LATENCY = RowWalker.READ_LATENCY + LATENCY
    """Cycles from a read on `bus` to `rows`."""

    words: stream.Interface
    """Words of all lanes; block RAM takes one in every cycle."""
    slot: Value
    """The slot of this step in the ring of accumulators."""
    bus: "data.View[data.StructLayout]"
    """The access bus; what it reads comes as the row of a word."""
    selected: Value
    """The bus means this lane."""
    addition: "data.View[data.StructLayout]"
    """To the accumulators; its addends are 0 where there is none."""
    addition_valid: Value
    """There is one."""
    rows: "data.View[data.StructLayout]"
    """The row that the bus reads."""
    synop: Value
    """So many weights that are not zero were added in the cycle before."""
    visiting: Value
    """On a chip that learns: words are visited; nothing is added."""
    visits: Value
    """On a chip that learns: a word that is visited was read, LATENCY cycles before."""
    word: "data.View[data.StructLayout]"
    """On a chip that learns: the word, LATENCY cycles later."""
    entry: "data.View[data.StructLayout]"
    """On a chip that learns: the row of this lane."""
    group: Value
    """On a chip that learns: the group that the synapse leads to."""
    write: Value
    """On a chip that learns: write a row, which no word is of that is on its way."""
    write_row: Value
    """On a chip that learns: which."""
    write_data: Value
    """On a chip that learns: what."""
    busy: Value
    """A word is on its way."""
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.spec = memories(params)[Memory.SYNAPSES]
        super().__init__(
            {
                "words": In(stream.Signature(synapse_word(params))),
                "slot": In(bits_for(params.delay_slots)),
                "bus": In(access_bus(params)),
                "selected": In(1),
                "addition": Out(operation(params)),
                "addition_valid": Out(1),
                "rows": Out(rows_of(params, Memory.SYNAPSES)),
                "synop": Out(range(params.stride + 1)),
                "busy": Out(1),
                **fault_port(params),
                **(self._learning() if params.products else {}),
            }
        )

    def _learning(self) -> dict[str, wiring.Member]:
        """The ports of a chip that learns."""
        p, word = self.params, synapse_word(self.params)
        return {
            "visiting": In(1),
            "visits": Out(1),
            "word": Out(word),
            "entry": Out(struct(self.spec.layout)),
            "group": Out(unsigned(bits_for(p.groups))),
            "write": In(1),
            "write_row": In(unsigned(bits_for(p.synapse_words))),
            "write_data": In(self.spec.layout.width),
        }

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.store = store = Ram(
            self.spec.layout,
            self.spec.depth,
            single_port=not self.params.products,
            parity=protects(self.params, Memory.SYNAPSES),
        )
        # The bus of the core is long: what is read for it is read when its row has come through the walker.
        reading = Signal()
        m.d.sync += reading.eq(self.bus.reading)
        if self.params.parity:
            # Rows that were never written may have any parity: one that the host does not ask for is not looked at.
            m.d.sync += reading.eq(self.bus.reading & self.bus.pick.SYNAPSES.any())
        fetched, word = (Signal(synapse_word(self.params), name=n, reset_less=True) for n in ("fetched_word", "word"))
        fetched_valid, word_valid = Signal(), Signal()
        entry = Signal.like(store.read_data, name="entry", reset_less=True)
        m.d.comb += [
            self.words.ready.eq(1),
            store.read.eq(self.words.valid | reading),
            store.read_row.eq(self.words.payload.row),
        ]
        m.d.sync += [
            fetched.eq(self.words.payload),
            fetched_valid.eq(self.words.valid),
            entry.eq(store.read_data),
            word.eq(fetched),
            word_valid.eq(fetched_valid),
        ]

        adds = word_valid & ~self.visiting if self.params.products else word_valid
        slot = Signal(len(self.slot))
        bits, stride = self.params.weight_bits, self.params.stride
        weights, nonzero = entry.as_value().word_select(word.beat, stride * bits), Signal(stride)
        for k in range(stride):
            weight, dense, only = Signal(signed(bits), name=f"weight_{k}"), Signal(), Signal()
            # The one weight of a sparse word goes to one of the accumulators that lie side by side.
            here = entry.group[: stride.bit_length() - 1] == k if stride > 1 else Const(1)
            own = weights[k * bits : (k + 1) * bits]
            m.d.comb += [
                dense.eq(adds & word.dense),
                only.eq(adds & ~word.dense & here),
                weight.eq((own & dense.replicate(bits)) | (weights[:bits] & only.replicate(bits))),
                self.addition.addends[k].eq(weight),
                nonzero[k].eq(weight.any()),
            ]
        m.d.comb += [
            slot.eq(self.slot + Mux(word.dense, word.delay, entry.delay)),
            self.addition.row.eq(Cat(Mux(word.dense, word.group, entry.group), slot)),
            self.addition_valid.eq(adds),
            self.rows.SYNAPSES.eq(entry),
            self.busy.eq(fetched_valid | word_valid),
        ]
        if self.params.products:
            m.d.comb += [
                self.visits.eq(word_valid & self.visiting),
                self.word.eq(word),
                self.entry.eq(entry),
                self.group.eq(Mux(word.dense, word.group, entry.group)),
                store.write.eq(self.write),
                store.write_row.eq(self.write_row),
                store.write_data.eq(self.write_data),
            ]
        m.d.sync += self.synop.eq(sum(nonzero))
        serve_writes(m, self.bus, self.spec, store, selected=self.selected)
        if self.params.parity:
            tell_first(m, self.fault, [(Memory.SYNAPSES, store, 0)])
        return m
