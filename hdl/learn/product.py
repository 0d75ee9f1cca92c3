"""One term of a learning rule: a scaled product of up to three factors."""

from amaranth.hdl import Array, Module, Mux, Signal, Value, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.pipeline import follow
from ganglion.model.spec.learning_memories import MOST_FACTORS, SCALE_BITS, SHIFTS, Dependency, Factor, terms_layout
from ganglion.model.spec.params import Params


def factor_bits(params: Params) -> int:
    """Bits of a factor of a term, signed: those of the widest."""
    p = params
    return max(2, p.weight_bits, p.tag_bits, p.modulator_bits, p.trace_bits + 1)


def factors(params: Params) -> data.ArrayLayout:
    """The factors that a term may have, by the numbers of `Factor`."""
    return data.ArrayLayout(signed(factor_bits(params)), len(Factor))


def modulators(params: Params) -> data.ArrayLayout:
    """The modulators; one that is always 0 where there is none, as ports have a bit at least."""
    return data.ArrayLayout(signed(max(1, params.modulator_bits)), max(1, params.modulators))


def term_bits(params: Params) -> int:
    """Bits of a term, signed, of which FRACTION_BITS are a fraction."""
    return MOST_FACTORS * factor_bits(params) + SCALE_BITS + SHIFTS[1] - SHIFTS[0]


class Product(wiring.Component):
    """A multiplier pipeline: scale * 2^shift * factor * factor * factor, exact, one term per cycle.

    A term that depends on a spike that was not there is 0.

    Args:
        params: sizes of the core.
    """

    LATENCY = 4
    """Cycles from a term to its value: pick, multiply, multiply, shift."""

    valid: Value
    """There is a term; without one, the value is 0."""
    term: "data.View[data.StructLayout]"
    """Of `terms_layout`."""
    factors: "data.View[data.ArrayLayout]"
    """Of `factors`."""
    to_weight: Value
    """What it adds to the weight, in units of 2^-FRACTION_BITS."""
    to_tag: Value
    """What it adds to the tag."""

    def __init__(self, params: Params) -> None:
        self.params = params
        value = signed(term_bits(params))
        super().__init__(
            {
                "valid": In(1),
                "term": In(struct(terms_layout(params))),
                "factors": In(factors(params)),
                "to_weight": Out(value),
                "to_tag": Out(value),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p, term, bits = self.params, self.term, factor_bits(self.params)
        by_number = Array(self.factors[number] for number in Factor)
        # Numbers beyond the last factor are in no rule: an array gives its last element for them.
        depends = {Dependency.X0: Factor.X0, Dependency.Y0: Factor.Y0}
        counts = Signal()
        m.d.comb += counts.eq(self.valid)
        with m.Switch(term.dependency):
            for dependency, factor in depends.items():
                with m.Case(dependency):
                    m.d.comb += counts.eq(self.valid & self.factors[factor].any())

        one, two, three = (Signal(signed(bits), name=f"factor{k + 1}", reset_less=True) for k in range(MOST_FACTORS))
        scale = Signal(signed(SCALE_BITS), reset_less=True)
        left = Signal(signed(2 * bits), reset_less=True)
        right = Signal(signed(bits + SCALE_BITS), reset_less=True)
        product = Signal(signed(len(left) + len(right)), reset_less=True)
        value = Signal(signed(term_bits(p)), reset_less=True)
        shift = follow(m, term.shift, "shift", 0, 3)
        m.d.sync += [
            *(picked.eq(by_number[term[f"factor{k + 1}"]]) for k, picked in enumerate((one, two, three))),
            scale.eq(Mux(counts, term.scale, 0)),
            left.eq(one * two),
            right.eq(three * scale),
            product.eq(left * right),
            value.eq(product << shift[3]),
        ]
        if p.tag_bits:
            for_tag = follow(m, term.destination, "for_tag", 0, self.LATENCY)[self.LATENCY]
            m.d.comb += [self.to_weight.eq(Mux(for_tag, 0, value)), self.to_tag.eq(Mux(for_tag, value, 0))]
        else:
            m.d.comb += self.to_weight.eq(value)
        return m
