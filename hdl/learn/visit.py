"""The visits of one lane: a synapse per cycle, its new weight and tag."""

from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.deliver.walker import synapse_word
from ganglion.hdl.learn.post import post_slots, post_view
from ganglion.hdl.learn.pre import pre_names, pre_view
from ganglion.hdl.learn.product import Product, factors, modulators, term_bits
from ganglion.hdl.learn.stages import CONSTANTS, ENTRY, FACTORS, MERGE, ROUND
from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.pipeline import follow
from ganglion.hdl.update.noise import NoiseLane
from ganglion.model.spec.learning_memories import FRACTION_BITS, Factor, terms_layout
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.noise_constants import NOISE_BITS
from ganglion.model.spec.params import Params, bits_for

DRAW = CONSTANTS + NoiseLane.LATENCY
"""The cycle in which a draw is there."""


def visit_port(params: Params) -> wiring.Signature:
    """What all lanes are told of a visit, each in its own cycle as `ganglion.hdl.learn.stages` has them.

    Members:
        pre: FACTORS: what is seen of the source.
        terms: FACTORS: as many as a lane has products.
        terms_valid: FACTORS: which of them there are.
        opens: SUM: these are the first terms of the rule.
        stochastic: ROUND: rounds at random.
        low: CLIP: the least weight.
        high: CLIP: the greatest.
        final: MERGE: these were the last terms of the rule.
        beat: MERGE: which weight of the row.
        counts: MERGE: the visit counts, whatever the tag.
        tagged: MERGE: it counts where the tag is not 0.
        write: WRITE: the row is whole.
        row: WRITE: which.
        modulators: all the time.
    """
    p = params
    return wiring.Signature(
        {
            "pre": Out(pre_view(p)),
            "terms": Out(data.ArrayLayout(struct(terms_layout(p)), p.products)),
            "terms_valid": Out(p.products),
            "opens": Out(1),
            "stochastic": Out(1),
            "low": Out(signed(p.weight_bits)),
            "high": Out(signed(p.weight_bits)),
            "final": Out(1),
            "beat": Out(unsigned(bits_for(p.beats))),
            "counts": Out(1),
            "tagged": Out(1),
            "write": Out(1),
            "row": Out(unsigned(bits_for(p.synapse_words))),
            "modulators": Out(modulators(p)),
        }
    )


class SynapseVisit(wiring.Component):
    """Products, their sum, rounding and clipping: the new weight and tag of one synapse per cycle.

    A rule with more terms than there are products takes several cycles; its synapse comes again in each of them, and
    the sum goes on until `final`. The weights of a dense row are gathered until the row is whole.

    Args:
        params: sizes of the core.
    """

    word: "data.View[data.StructLayout]"
    """In cycle ENTRY: the word; of `synapse_word`."""
    entry: "data.View[data.StructLayout]"
    """In cycle ENTRY: the lane's row of SYNAPSES."""
    tags: Value
    """In cycle ENTRY: its row of TAGS, if there are tags."""
    post: "data.View[data.StructLayout]"
    """In cycle FACTORS: what is seen of the target; of `post_view`."""
    draw: Value
    """In cycle DRAW: a random number."""
    visit: wiring.PureInterface
    """Of `visit_port`."""
    new_entry: Value
    """In cycle WRITE: the row of SYNAPSES as it is to be."""
    new_tags: Value
    """In cycle WRITE: the row of TAGS as it is to be, if there are tags."""
    visited: Value
    """In cycle WRITE: a synapse was visited that the rule could change."""
    changed: Value
    """In cycle WRITE: its weight is another one."""
    saturated: Value
    """In cycle WRITE: so many of its sums, of weight and tag, left their range."""
    tagged: Value
    """In cycle WRITE: its tag is not 0."""

    def __init__(self, params: Params) -> None:
        self.params = params
        entry = memories(params)[Memory.SYNAPSES].layout
        tags = {"tags": In(width), "new_tags": Out(width)} if (width := params.beats * params.tag_bits) else {}
        super().__init__(
            {
                "word": In(synapse_word(params)),
                "entry": In(struct(entry)),
                "post": In(post_view(params)),
                "draw": In(NOISE_BITS),
                "visit": In(visit_port(params)),
                "new_entry": Out(entry.width),
                **tags,
                "visited": Out(1),
                "changed": Out(1),
                "saturated": Out(range(3)),
                "tagged": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p, visit = self.params, self.visit

        # The old rows, weight and tag go along, from the cycle in which they are there.
        exists = follow(m, self.word.dense | self.entry.delay.any(), "exists", ENTRY, MERGE)[MERGE]
        beat = self.word.beat
        rows, old = {"w": follow(m, self.entry.as_value(), "entry", ENTRY, MERGE)}, {}
        if p.tag_bits:
            rows["e"] = follow(m, self.tags, "tags", ENTRY, MERGE)
        bits = {"w": p.weight_bits, "e": p.tag_bits}
        for name, row in rows.items():
            old[name] = follow(m, row[ENTRY].word_select(beat, bits[name]).as_signed(), name, ENTRY, MERGE)

        # Terms.
        seen: Any = Signal(factors(p), name="factors")
        values = {"one": 1, **{name: value[FACTORS] for name, value in old.items()}}
        values |= {name: visit.pre[name] for name in ("x0", *pre_names(p))}
        values |= {name: self.post[name] for name in ("y0", *(f"y{slot}" for slot in post_slots(p)))}
        values |= {f"r{k}": visit.modulators[k] for k in range(p.modulators)}
        m.d.comb += [seen[Factor[name.upper()]].eq(value) for name, value in values.items()]
        products = [Product(p) for _ in range(p.products)]
        for k, product in enumerate(products):
            m.submodules[f"product_{k}"] = product
            m.d.comb += [
                product.valid.eq(visit.terms_valid[k]),
                product.term.eq(visit.terms[k]),
                product.factors.eq(seen),
            ]

        # Their sums, exact until they are rounded, and clipped.
        rounding: Any = 0
        if p.stochastic:
            draw = follow(m, self.draw[:FRACTION_BITS], "draw", DRAW, ROUND)[ROUND]
            rounding = Mux(visit.stochastic, draw, 0)
        half = 1 << (p.tag_bits - 1) if p.tag_bits else 0
        limits = {"w": (visit.low, visit.high), "e": (-half, half - 1)}
        new, beyond = {}, []
        for name, value in old.items():
            terms = [product.to_weight if name == "w" else product.to_tag for product in products]
            width = term_bits(p) + (p.terms + p.products).bit_length()
            total = Signal(signed(width), name=f"total_{name}", reset_less=True)
            rounded = Signal(signed(width + 1), name=f"rounded_{name}", reset_less=True)
            new[name] = Signal(signed(bits[name]), name=f"new_{name}", reset_less=True)
            beyond.append(Signal(name=f"beyond_{name}", reset_less=True))
            (low, high), whole = limits[name], rounded >> FRACTION_BITS
            m.d.sync += [
                total.eq(Mux(visit.opens, 0, total) + sum(terms)),
                rounded.eq((value[ROUND] << FRACTION_BITS) + total + rounding),
                new[name].eq(Mux(whole < low, low, Mux(whole > high, high, whole))),
                beyond[-1].eq((whole < low) | (whole > high)),
            ]

        # The rows that they go to, and what is counted. An entry that is no synapse stays as it is.
        counts = visit.counts
        for name, row in rows.items():
            out = self.new_entry if name == "w" else self.new_tags
            merged = Signal.like(out, name=f"merged_{name}", reset_less=True)
            together = Signal.like(out, name=f"together_{name}")
            m.d.comb += [
                together.eq(Mux(visit.beat == 0, row[MERGE], merged)),
                out.eq(merged),
            ]
            m.d.comb += together.word_select(visit.beat, bits[name]).eq(Mux(exists, new[name], old[name][MERGE]))
            with m.If(visit.final):
                m.d.sync += merged.eq(together)
        if p.tag_bits:
            counts |= visit.tagged & old["e"][MERGE].any()
            m.d.sync += self.tagged.eq(exists & visit.final & new["e"].any())
        m.d.sync += [
            self.visited.eq(exists & visit.final & counts),
            self.changed.eq(exists & visit.final & (new["w"] != old["w"][MERGE])),
            self.saturated.eq(Mux(exists & visit.final, sum(beyond), 0)),
        ]
        return m
