"""What all lanes are told of the words of a sweep, each part of it in the cycle in which it is needed."""

from amaranth.hdl import Cat, Module, Mux, Signal, Value, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus, serve_writes
from ganglion.hdl.deliver.walker import synapse_word
from ganglion.hdl.learn.rows import order
from ganglion.hdl.learn.stages import CLIP, FACTORS, MERGE, ROUND, SUM, WRITE
from ganglion.hdl.learn.visit import visit_port
from ganglion.hdl.lib.faults import fault_port, tell_first
from ganglion.hdl.lib.memory import Ram
from ganglion.hdl.lib.pipeline import follow
from ganglion.model.spec.learning_memories import terms_layout
from ganglion.model.spec.memories import Memory, memories, protects
from ganglion.model.spec.params import Params, bits_for


def told(params: Params) -> data.StructLayout:
    """What goes along with a word."""
    p = params
    return data.StructLayout(
        {
            "row": unsigned(bits_for(p.synapse_words)),
            "beat": unsigned(bits_for(p.beats)),
            "order": order(p),
            "terms": order(p)["terms"].shape,
            "terms_valid": p.products,
            "opens": 1,
            "final": 1,
            "writes": 1,
            "ends": 1,
        }
    )


class VisitControl(wiring.Component):
    """A delay line beside the lanes: a word per cycle, or one in n cycles where the rule has n times as many terms as
    there are products.

    Args:
        params: sizes of the core.
    """

    begins: Value
    """A row begins; its words come from the next cycle on."""
    order: "data.View[data.StructLayout]"
    """What they share; of `order`."""
    words: stream.Interface
    """Of `synapse_word`: what the lanes read."""
    sweeping: Value
    """They are visited."""
    visit: wiring.PureInterface
    """Of `visit_port`, but for the modulators."""
    ends: Value
    """In cycle MERGE: the last word of a row."""
    busy: Value
    """A word that was taken is on its way."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(
            {
                "begins": In(1),
                "order": In(order(params)),
                "words": In(stream.Signature(synapse_word(params))),
                "sweeping": In(1),
                "visit": Out(visit_port(params)),
                "ends": Out(1),
                "busy": Out(1),
                "bus": In(access_bus(params)),
                **fault_port(params),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p, visit, spec = self.params, self.visit, memories(self.params)[Memory.RULES]

        # The terms of a word, some in each cycle.
        row = Signal(order(p), reset_less=True)
        left, next_terms = Signal.like(row.rule.count), Signal.like(row.terms)
        opens, final = Signal(), Signal(init=1)
        word, valid = self.words.payload, self.words.valid & self.sweeping
        m.d.comb += self.words.ready.eq(final)
        next_left = Mux(self.begins, self.order.rule.count, Mux(final, row.rule.count, left - p.products))
        following = Mux(self.begins, self.order.terms, Mux(final, row.terms, next_terms + p.products))
        with m.If(self.begins):
            m.d.sync += row.eq(self.order)
        with m.If(self.begins | valid):
            m.d.sync += [left.eq(next_left), next_terms.eq(following), opens.eq(self.begins | final)]
            if p.terms > p.products:
                m.d.sync += final.eq(next_left <= p.products)
        whole = ~word.dense | (word.beat == p.beats - 1) | word.last

        going = Signal(told(p))
        m.d.comb += [
            going.row.eq(word.row),
            going.beat.eq(word.beat),
            going.order.eq(row),
            going.terms.eq(next_terms),
            going.terms_valid.eq(Cat(left > k for k in range(min(p.products, p.terms)))),
            going.opens.eq(opens),
            going.final.eq(final),
            going.writes.eq(final & whole),
            going.ends.eq(final & word.last),
        ]
        at = follow(m, going, "going", 0, WRITE)
        valid_at = follow(m, valid, "valid", 0, WRITE, reset_less=False)

        # Each product reads its own term, from rules of its own.
        copies = []
        for k in range(p.products):
            terms = Ram(spec.layout, spec.depth, parity=protects(p, Memory.RULES))
            m.submodules[f"terms_{k}"] = terms
            copies.append((Memory.RULES, terms, 0))
            m.d.comb += [
                terms.read.eq(~self.bus.write[Memory.RULES]),
                terms.read_row.eq(at[FACTORS - terms.LATENCY].terms + k),
                visit.terms[k].eq(terms.read_data.as_value()[: terms_layout(p).width]),
            ]
            serve_writes(m, self.bus, spec, terms)
        if p.parity:
            tell_first(m, self.fault, copies)
        m.d.comb += [
            visit.pre.eq(at[FACTORS].order.pre),
            visit.terms_valid.eq(at[FACTORS].terms_valid),
            visit.opens.eq(at[SUM].opens),
            visit.low.eq(at[CLIP].order.rule.low),
            visit.high.eq(at[CLIP].order.rule.high),
            visit.final.eq(at[MERGE].final & valid_at[MERGE]),
            visit.beat.eq(at[MERGE].beat),
            visit.counts.eq(at[MERGE].order.active | ~at[MERGE].order.rule.quiet),
            visit.write.eq(at[WRITE].writes & valid_at[WRITE]),
            visit.row.eq(at[WRITE].row),
            self.ends.eq(at[MERGE].ends & valid_at[MERGE]),
            self.busy.eq(Cat(valid_at[1:]).any()),
        ]
        if p.stochastic:
            m.d.comb += visit.stochastic.eq(at[ROUND].order.rule.stochastic)
        if p.tag_bits:
            m.d.comb += visit.tagged.eq(at[MERGE].order.rule.tagged)
        return m
