"""Networks that reach what random ones of a tiny chip do not: many rows, several blocks, numbers at their ends, rules
by the dozen."""

from collections.abc import Iterator

import numpy as np

from ganglion.model.spec.events import Events
from ganglion.model.spec.learning import Learning, LearningRule, Term
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.synaptic_traces import Kernel, PostTrace, PreTrace

Run = tuple[str, Program, Events]
"""A network, its name, and what comes in."""

NARROW = Params(name="narrow", delay_slots=8, current_bits=16, adaptation_bits=16, noise=True, decay_bits=16)

LEARNING = PRESETS["tiny-learning"].replace(name="roomy", neurons=512, fanout_entries=1024, axons=512, rules=80)


def networks() -> Iterator[Run]:
    """Those that do not learn."""
    yield _dense_rows()
    yield _several_blocks()
    for leak in ((0, 0), (1, 1), (1, 3), (1, 15), (1, 16)):
        for reset in ("value", "subtract"):
            yield _of_one_type(NeuronType(decay=leak, reset=reset, v_reset=-7 * (reset == "value")))
    for bits in (16, 20):
        yield _of_two_types(NARROW.replace(name=f"{bits} bits", membrane_bits=bits))


def learning_networks() -> Iterator[Run]:
    """Those that learn."""
    yield _many_rules()
    yield _tags_in_silence("e")
    yield _tags_in_silence("e", "y1")
    yield _errors_of_many()
    yield _errors_that_wrap()
    yield _many_factors()
    for terms in (
        (Term(scale=3, exponent=-2, factors=("x1",)),),
        (Term(scale=3, exponent=-3, factors=("x1", "y1")),),
        (Term(dependency="y0", scale=1), Term(dependency="y0", scale=-1, exponent=-2, factors=("x1",))),
    ):
        for rounding in ("floor", "stochastic"):
            yield _long_rows(LearningRule(terms=terms, rounding=rounding))


def _dense_rows() -> Run:
    """More inputs with the same consecutive targets than are added at once, some of other targets or delays between
    them, some whose weights are 0, and neurons of the same targets."""
    rng, neurons, inputs, sources = np.random.default_rng(1), 12, 300, 306
    number = np.arange(sources)
    first = np.where((number < 270) | (number >= inputs), 0, rng.integers(0, 4, sources))
    size = np.where((number < 275) | (number >= inputs), 9, rng.integers(7, 9, sources))
    delay = np.where((number < 280) | (number >= inputs), 3, rng.integers(1, 8, sources))
    pre = np.repeat(number, size)
    post = np.concatenate([np.arange(begin, begin + count) for begin, count in zip(first, size, strict=True)])
    program = Program.build(
        params=NARROW,
        types=(NeuronType.leaky(3),),
        threshold=np.where(np.arange(neurons) < 5, -1, rng.integers(0, 300, neurons)),
        inputs=inputs,
        pre=pre,
        post=inputs + post,
        weight=rng.integers(-8, 9, pre.size),
        delay=np.repeat(delay, size),
    )
    steps = [np.arange(inputs), [3, 280, 4], [], rng.permutation(inputs), [5] * 4, [290, 291, 299], [], []]
    return "dense rows", program, Events.from_steps(steps)


def _several_blocks() -> Run:
    """More neurons than a block of the emulator has."""
    rng, neurons, inputs = np.random.default_rng(0), 1100, 4
    program = Program.build(
        params=NARROW,
        types=(NeuronType.leaky(3), NeuronType.current_based((1, 4), (3, 5), refractory=2, noise=8)),
        threshold=rng.integers(0, 300, neurons),
        bias=rng.integers(-10, 60, neurons),
        type=np.arange(neurons) // 500 % 2,
        inputs=inputs,
        pre=rng.integers(0, inputs + neurons, 2000),
        post=inputs + rng.integers(0, neurons, 2000),
        weight=rng.integers(-128, 128, 2000),
        delay=rng.integers(1, 8, 2000),
    )
    return "several blocks", program, Events.from_steps(rng.integers(0, inputs, 6) for _ in range(3))


def _of_one_type(kind: NeuronType) -> Run:
    """Neurons of one type without options, which 16 bits hold, with thresholds and membranes at their ends."""
    rng, neurons, inputs = np.random.default_rng(kind.decay[1]), 24, 6
    low, high = -(1 << 15), (1 << 15) - 1
    program = Program.build(
        params=Params(name="plain", weight_bits=16, bias_bits=15, delay_slots=4, decay_bits=16),
        types=(kind,),
        threshold=np.choose(np.arange(neurons) % 4, (low, high, *rng.integers(-9000, 9000, (2, neurons)))),
        bias=np.where(np.arange(neurons) % 3, rng.integers(-500, 500, neurons), rng.choice([-9000, 9000], neurons)),
        inputs=inputs,
        pre=rng.integers(0, inputs + neurons, 100),
        post=inputs + rng.integers(0, neurons, 100),
        weight=rng.integers(-2000, 2000, 100),
        delay=rng.integers(1, 4, 100),
    )
    events = Events.from_steps(rng.permutation(inputs)[: rng.integers(0, inputs + 1)] for _ in range(10))
    return f"of one type, leak {kind.decay}, reset by {kind.reset}", program, events


def _of_two_types(params: Params) -> Run:
    """Neurons that leak by an odd shift, and by a factor, with no other option but a current of some of them."""
    rng, neurons, inputs = np.random.default_rng(6), 12, 6
    program = Program.build(
        params=params,
        types=(NeuronType.leaky(3), NeuronType(decay=(5, 7), reset="subtract", current_decay=(3, 5))),
        threshold=rng.integers(-300, 3000, neurons),
        type=np.arange(neurons) % 2,
        inputs=inputs,
        pre=rng.integers(0, inputs + neurons, 80),
        post=inputs + rng.integers(0, neurons, 80),
        weight=rng.integers(-100, 128, 80),
        delay=rng.integers(1, 8, 80),
    )
    return f"of two types, {params.name}", program, Events.from_steps(rng.integers(0, inputs, 5) for _ in range(10))


def _many_rules() -> Run:
    """More rules than a word has bits, each of which waits for spikes of its targets."""
    rng, neurons, inputs, rules = np.random.default_rng(3), 6, 12, 70
    pre, post = rng.integers(0, inputs, 140), rng.integers(0, neurons, 140)
    program = Program.build(
        params=LEARNING,
        types=(NeuronType(traces=(PostTrace(jump=9),)),),
        threshold=rng.integers(-1, 4, neurons),
        inputs=inputs,
        pre=pre,
        post=inputs + post,
        weight=rng.integers(-3, 4, 140),
        learning=Learning(
            epoch=2,
            pre=(PreTrace(jump=9),),
            kernels=(Kernel.exponential(3, LEARNING.trace_ages),),
            rules=tuple(
                LearningRule(name=f"rule {k}", terms=(Term(dependency="y0", scale=k % 5 - 2, factors=("x1",)),))
                for k in range(rules)
            ),
        ),
        rule=1 + np.arange(140) // 2,
    )
    return "many rules", program, Events.from_steps(rng.integers(0, inputs, 3) for _ in range(8))


def _tags_in_silence(*fade: str) -> Run:
    """Sources that fall silent while tags of some of their synapses are left, which go one after the other, or stay
    until their targets fire."""
    rng, neurons, inputs = np.random.default_rng(7), 6, 6
    rule = LearningRule(
        terms=(
            Term(destination="tag", scale=1, exponent=-1, factors=("x1", "y1")),
            Term(destination="tag", scale=-1, exponent=-3, factors=fade),
            Term(scale=1, exponent=-2, factors=("e", "y1")),
        )
    )
    program = Program.build(
        params=LEARNING,
        types=(NeuronType(traces=(PostTrace(jump=9),)),),
        threshold=(-1, 30, 40, 2, 3, 50),
        bias=1,
        inputs=inputs,
        pre=rng.integers(0, inputs, 30),
        post=inputs + rng.integers(0, neurons, 30),
        weight=rng.integers(-2, 4, 30),
        learning=Learning(
            pre=(PreTrace(jump=3),), kernels=(Kernel.exponential(1, LEARNING.trace_ages),), rules=(rule,)
        ),
        rule=1,
    )
    events = Events.from_steps([[0, 1, 2], [2, 3], [], [4], *[[]] * 18])
    return f"tags in silence, fading by {' '.join(fade)}", program, events


def _errors_of_many() -> Run:
    """Receptor 1 of more neurons than are read at a time."""
    rng, neurons, inputs = np.random.default_rng(8), 600, 3
    post = rng.permutation(neurons)[:90]
    program = Program.build(
        params=LEARNING.replace(name="many", neurons=1024, fanout_entries=1024),
        types=(NeuronType(traces=(PostTrace(feed="receptor", decay=(1, 2)),)),),
        threshold=9,
        neurons=neurons,
        inputs=inputs,
        pre=rng.integers(0, inputs, 90),
        post=inputs + post,
        weight=rng.integers(-3, 4, 90),
        receptor=np.arange(90) % 2,
        learning=Learning(rules=(LearningRule(terms=(Term(scale=1, factors=("y1",)),)),)),
        rule=np.minimum(np.arange(90) % 3, 1),
    )
    return "errors of many", program, Events.from_steps([[0, 1], [2], [0]])


def _errors_that_wrap() -> Run:
    """More at receptor 1 than an accumulator holds."""
    neurons, inputs = 4, 6
    pre, post = np.divmod(np.arange(inputs * neurons), neurons)
    program = Program.build(
        params=LEARNING.replace(name="wraps", accumulator_bits=5),
        types=(NeuronType(traces=(PostTrace(feed="receptor", decay=(1, 2)),)),),
        threshold=9,
        neurons=neurons,
        inputs=inputs,
        pre=pre,
        post=inputs + post,
        weight=7 - 4 * (post % 2),
        receptor=1,
        learning=Learning(rules=(LearningRule(terms=(Term(scale=1, exponent=-3, factors=("y1",)),)),)),
        rule=pre % 2,
    )
    return "errors that wrap", program, Events.from_steps([np.arange(6), [2], np.arange(5), [0, 1, 2]])


def _many_factors() -> Run:
    """Terms of up to four factors that differ from synapse to synapse, seen from its source."""
    rng, neurons, inputs = np.random.default_rng(9), 6, 6
    factors = (("y1", "w", "w"), ("y1", "w", "y1"), ("y1", "w"), ("w", "w", "w"))
    rule = LearningRule(
        terms=tuple(
            Term(dependency="always" if k > 1 else "y0", scale=3 - 2 * k, exponent=-3 * len(each), factors=each)
            for k, each in enumerate(factors)
        )
    )
    program = Program.build(
        params=LEARNING.replace(name="many factors", weight_bits=8, accumulator_bits=12),
        types=(NeuronType(traces=(PostTrace(jump=5),)),),
        threshold=rng.integers(-1, 30, neurons),
        inputs=inputs,
        pre=rng.integers(0, inputs, 24),
        post=inputs + rng.integers(0, neurons, 24),
        weight=rng.integers(-20, 20, 24),
        learning=Learning(epoch=2, kernels=(Kernel.exponential(3, LEARNING.trace_ages),), rules=(rule,)),
        rule=1,
    )
    return "many factors", program, Events.from_steps(rng.integers(0, inputs, 4) for _ in range(8))


def _long_rows(rule: LearningRule) -> Run:
    """Rows of more synapses than are visited at a time, and neurons with as many, in rows that are dense and not."""
    rng, neurons, inputs = np.random.default_rng(4), 300, 280
    wide = [np.sort(rng.permutation(neurons)[:270]) for _ in range(2)] + [np.arange(5, 295)]
    deep = [np.arange(4, 6)] * (inputs - len(wide))
    pre = np.repeat(np.arange(inputs), [targets.size for targets in (*wide, *deep)])
    program = Program.build(
        params=LEARNING,
        types=(NeuronType(traces=(PostTrace(jump=9),)),),
        threshold=rng.integers(-2, 9, neurons),
        inputs=inputs,
        pre=pre,
        post=inputs + np.concatenate((*wide, *deep)),
        weight=rng.integers(-2, 4, pre.size),
        learning=Learning(
            epoch=2, pre=(PreTrace(jump=9),), kernels=(Kernel.exponential(3, LEARNING.trace_ages),), rules=(rule,)
        ),
        rule=1,
    )
    steps = [rng.permutation(inputs)[:size] for size in (9, 9, 0, 0, 0, 0, 9, 9)]
    told = f"{rule.terms[0].dependency} {' '.join(rule.terms[0].factors)} {rule.rounding}"
    return f"long rows, {told}", program, Events.from_steps(steps)
