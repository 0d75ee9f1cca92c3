"""Rows of the memories that learning adds to a core: rules, their terms, kernels, and what a row of axons remembers."""

from enum import IntEnum

from ganglion.model.spec.formats import Field, Layout
from ganglion.model.spec.noise_constants import NUMBER_BITS
from ganglion.model.spec.params import MEMBRANE, RECEPTOR, SPIKES, TRACE, Params, bits_for

KERNEL_BITS = 9
"""Bits of a value of a kernel: 0 to 256, of which 256 is 1."""

KERNEL_ONE = 256
"""The value of a kernel that leaves a trace as it is."""

SCALE_BITS = 8
"""Signed scale S of a term."""

FRACTION_BITS = 16
"""Bits of the fraction in which the sum of the terms of a rule is exact."""

SHIFTS = (-FRACTION_BITS, 7)
"""Least and greatest exponent k of a term."""

MOST_FACTORS = 3
"""Factors of a term, at most."""

COPIES = 4
"""Synapses between the same two ends that draw different random numbers to round by."""

STAMP_BITS = 32
"""Bits of the time of a spike in PRE: the steps learned, modulo 2^32, that of the spike itself counted."""


SLOTS = (1, 2, 3)
"""Numbers of the postsynaptic traces y1 to y3."""

BOUNDS = 4
"""Bounds of a table that a trace is read from; it has one segment more."""


class Feed(IntEnum):
    """What a postsynaptic trace is fed by."""

    NONE = 0
    """Nothing: the trace is 0."""
    SPIKES = 1
    """Own spikes: a jump at each, and a kernel over the steps since the last."""
    RECEPTOR = 2
    """What arrives at receptor 1: a leaky sum of it."""
    MEMBRANE = 3
    """A table of the membrane."""
    TRACE = 4
    """A table of the trace y1."""

    @property
    def bit(self) -> int:
        """In the parameters `y1_feeds` to `y3_feeds`."""
        return 1 << self >> 1


class Destination(IntEnum):
    """What a term changes."""

    WEIGHT = 0
    """The weight w."""
    TAG = 1
    """The tag e."""


class Dependency(IntEnum):
    """The spikes without which a term is 0."""

    ALWAYS = 0
    """None: every epoch."""
    X0 = 1
    """The source fired in this epoch."""
    Y0 = 2
    """The target fired in this epoch."""


class Factor(IntEnum):
    """A factor of a term."""

    ONE = 0
    """1: no factor."""
    X0 = 1
    """1 where the source fired in this epoch, otherwise 0."""
    X1 = 2
    """What is seen of the presynaptic trace."""
    X2 = 3
    """What is seen of the second presynaptic trace."""
    Y0 = 4
    """1 where the target fired in this epoch, otherwise 0."""
    Y1 = 5
    """What is seen of the postsynaptic trace."""
    Y2 = 6
    """What is seen of the second postsynaptic trace."""
    Y3 = 7
    """What is seen of the third postsynaptic trace."""
    W = 8
    """The weight."""
    E = 9
    """The tag."""
    R0 = 10
    """Modulator 0."""
    R1 = 11
    """Modulator 1."""
    R2 = 12
    """Modulator 2."""
    R3 = 13
    """Modulator 3."""


def axon_columns(params: Params) -> tuple[Field, ...]:
    """What a row of AXONS tells besides, on a chip that learns."""
    p = params
    drawn = bool(p.stochastic)
    return (
        Field("rule", bits_for(p.rules + 1), "number of the rule, from 1; 0 is none"),
        Field("receptor", int(bool(p.feeds & RECEPTOR)), "1: the row adds to receptor 1"),
        Field("source", drawn * NUMBER_BITS, "number of the source in the network, for rounding"),
        Field("copy", drawn * bits_for(COPIES), "place among synapses of the same ends, for rounding"),
    )


def rules_layout(params: Params) -> Layout:
    """The first row of RULES of a rule; its terms are the rows that follow."""
    return _filled("RULES", _rule(params), _term(params))


def terms_layout(params: Params) -> Layout:
    """A row of RULES that holds a term."""
    return _filled("RULES (term)", _term(params), _rule(params))


def _filled(name: str, fields: tuple[Field, ...], others: tuple[Field, ...]) -> Layout:
    """A row of these fields, as wide as one of the others is if that is wider."""
    room = sum(f.width for f in others) - sum(f.width for f in fields)
    return Layout(name, (*fields, Field("unused", max(0, room), "0")))


def _rule(params: Params) -> tuple[Field, ...]:
    p = params
    return (
        Field("low", p.weight_bits, "least weight", signed=True),
        Field("high", p.weight_bits, "greatest weight", signed=True),
        Field("stochastic", int(p.stochastic), "1: rounds at random; 0: down"),
        Field("quiet", 1, "1: a synapse whose x0, x1, x2 and tag are 0 stays as it is"),
        Field("tagged", int(bool(p.tag_bits)), "1: reads or changes tags"),
        Field("count", bits_for(p.terms + 1), "terms"),
    )


def _term(params: Params) -> tuple[Field, ...]:
    factor = bits_for(len(Factor))
    return (
        Field("destination", int(bool(params.tag_bits)), "0 weight, 1 tag"),
        Field("dependency", bits_for(len(Dependency)), "0 always, 1 where x0 is 1, 2 where y0 is 1"),
        *(Field(f"factor{k + 1}", factor, "a factor, as a number of `Factor`") for k in range(MOST_FACTORS)),
        Field("scale", SCALE_BITS, "scale S", signed=True),
        Field("shift", bits_for(SHIFTS[1] - SHIFTS[0] + 1), f"exponent k + {FRACTION_BITS}"),
    )


def traces_layout(params: Params) -> Layout:
    """A row of TRACES: a postsynaptic trace of a neuron type. Nothing is there of feeds that no trace of the chip may
    have."""
    p = params
    spikes, errors = bool(p.feeds & SPIKES), bool(p.feeds & RECEPTOR)
    bound = max(p.membrane_bits if p.feeds & MEMBRANE else 0, p.trace_bits + 1 if p.feeds & TRACE else 0)
    value = p.trace_bits + 1 if bound else 0
    return Layout(
        "TRACES",
        (
            Field("feed", bits_for(len(Feed)), "what feeds it, as a number of `Feed`"),
            Field("kernel", spikes * bits_for(p.kernels), "kernel of the trace, fed by spikes"),
            Field("jump", spikes * p.trace_bits, "added at a spike"),
            Field("set", int(spikes), "1: a spike sets the trace to the jump; 0: adds it"),
            Field("decay", errors * (p.decay_bits + 1), "decay, fed by receptor 1: m * 2^(decay_bits - s)"),
            *(Field(f"bound{k}", bound, f"segment {k + 1} or above from here", True) for k in range(BOUNDS)),
            *(Field(f"value{k}", value, f"the trace in segment {k}", True) for k in range(BOUNDS + 1)),
        ),
    )


def kernels_layout(params: Params) -> Layout:
    """A row of KERNELS; row kernel * G + age."""
    return Layout("KERNELS", (Field("value", KERNEL_BITS, "what is left of a trace, in 256ths"),))


def pre_layout(params: Params) -> Layout:
    """A row of PRE, which belongs to the row of AXONS of the same number."""
    p = params
    return Layout(
        "PRE",
        (
            Field("x0", 1, "1: fired in this epoch"),
            Field("x1", bool(p.pre_traces) * p.trace_bits, "presynaptic trace at the last spike"),
            Field("x2", (p.pre_traces > 1) * p.trace_bits, "second presynaptic trace at the last spike"),
            Field("stamp", bool(p.pre_traces) * STAMP_BITS, "steps learned with the one of the last spike; 0 is none"),
            Field("tagged", int(bool(p.tag_bits)), "a hint: 0 where all tags of the row are 0"),
        ),
    )


def tags_layout(params: Params) -> Layout:
    """A row of TAGS, which belongs to the row of SYNAPSES of the same number; a sparse one has its tag in `tag0`."""
    return Layout(
        "TAGS",
        tuple(Field(f"tag{k}", params.tag_bits, f"tag of weight {k}", signed=True) for k in range(params.beats)),
    )


def pre_trace_layout(params: Params) -> Layout:
    """Registers PRE_TRACE_1 and PRE_TRACE_2."""
    p = params
    return Layout(
        "PRE_TRACE",
        (
            Field("jump", p.trace_bits, "added to the trace at a spike"),
            Field("kernel", bits_for(p.kernels), "kernel of the trace"),
            Field("set", 1, "1: a spike sets the trace to the jump; 0: adds it"),
        ),
    )
