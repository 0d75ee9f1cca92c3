"""Rules, traces and kernels: what is no rule is refused where it is made, and what a chip lacks is told by name."""

import math

import pytest

from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.learning import Learning, LearningRule, Term
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.synaptic_traces import Kernel, PostTrace, PreTrace

LEARNS = PRESETS["tiny-learning"]
RULE = LearningRule(name="hebb", terms=(Term(scale=1, factors=("x1", "y0")),))


def learns(**changes: object) -> Learning:
    values: dict[str, object] = {"kernels": [Kernel.box(1)], "pre": [PreTrace(jump=3)], "rules": [RULE]}
    return Learning(**{**values, **changes})  # type: ignore[arg-type]


def program(params: Params = LEARNS, **changes: object) -> Program:
    values: dict[str, object] = {
        "types": (NeuronType(traces=(PostTrace(jump=4),)),),
        "threshold": [1, 2],
        "inputs": 1,
        "pre": [0, 0, 1],
        "post": [1, 2, 1],
        "weight": [1, 0, -3],
        "learning": learns(),
        "rule": [1, 1, 0],
    }
    return Program.build(params=params, **{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("tau", [0.5, 2.0, 5.0, 40.0])
def test_an_exponential_kernel_is_the_exponential_rounded(tau: float) -> None:
    kernel = Kernel.exponential(tau, 16)
    assert all(abs(value - 256 * math.exp(-age / tau)) <= 0.5 for age, value in enumerate(kernel.values[:-1]))
    assert kernel.values[0] == 256 and kernel.values[-1] == 0 and len(kernel.values) == 16


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Kernel((256, 300)), r"kernel\[1\] must be 0 to 256, not 300"),
        (lambda: Kernel(()), "a kernel needs a value"),
        (lambda: Kernel.exponential(0, 8), "tau of a kernel must be greater than 0, not 0"),
        (lambda: Kernel.box(0), "steps of a box must be 1 to 255, not 0"),
        (lambda: PreTrace(jump=-1), "jump of a pre trace must be 0 to 65535, not -1"),
        (lambda: PreTrace(jump=1, mode="max"), "mode of a pre trace must be \"add\" or \"set\", not 'max'"),
        (lambda: PostTrace(feed="glia"), "fed by one of none, spikes, receptor, membrane, trace, not 'glia'"),
        (lambda: PostTrace(feed="membrane", bounds=(3, 1), values=(0, 1, 2)), "ascending, not \\(3, 1\\)"),
        (lambda: PostTrace(feed="membrane", bounds=(1,), values=(0,)), "with 1 bounds takes 2 values, not 1"),
        (lambda: PostTrace(feed="spikes", values=(1,)), "takes no bounds and values, which are those of a table"),
        (lambda: Term(scale=128), "scale of a term must be -128 to 127, not 128"),
        (lambda: Term(scale=1, exponent=8), "exponent of a term must be -16 to 7, not 8"),
        (lambda: Term(scale=1, factors=("x1",) * 4), "a term has up to 3 factors, not 4"),
        (lambda: Term(scale=1, factors=("x3",)), "a factor of a term is one of x0, x1, .*, not 'x3'"),
        (lambda: Term(scale=1, dependency="u0"), "dependency of a term must be one of always, x0, y0, not 'u0'"),
        (lambda: LearningRule(name="none", terms=()), "rule 'none' must have a sequence of at least one Term"),
        (lambda: Learning(epoch=0), "epoch, in steps, must be 1 to 64, not 0"),
        (lambda: NeuronType(traces=(PostTrace(),) * 4), "traces must be up to 3 of PostTrace"),
    ],
)
def test_what_no_chip_could_hold_is_refused_where_it_is_made(make: object, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tag_bits": 0}, r"rule 'r', term 1 \(de = 1 \* 2\^0 \* x1 \* r1\): the chip \(custom\) has no tags"),
        ({"modulators": 1}, r"rule 'r', term 1 .*: the chip \(custom\) has no r1"),
        ({"pre_traces": 0}, r"the network has 1 presynaptic traces; the chip \(custom\) holds 0"),
        ({"terms": 1}, r"rule 'r' has 2 terms; the chip \(custom\) holds 1 of a rule"),
        ({"stochastic": False}, r"rule 'r' rounds at random, which the chip \(custom\) cannot"),
        ({"products": 0}, "products"),
    ],
)
def test_what_a_chip_lacks_is_told_with_rule_and_term(changes: dict[str, object], message: str) -> None:
    rule = LearningRule(
        name="r",
        terms=(Term(destination="tag", scale=1, factors=("x1", "r1")), Term(scale=1, factors=("e",))),
        rounding="stochastic",
    )
    learning = learns(rules=[rule])
    learning.check(LEARNS)
    with pytest.raises(ProgramError, match=message):
        learning.check(PRESETS["tiny"] if "products" in changes else LEARNS.replace(**changes))


def test_a_kernel_ends_at_the_last_age() -> None:
    program(learning=learns(kernels=[Kernel((256,) * 7 + (0,))]))
    for values in ((256,) * 8, (256, *(0,) * 8)):
        with pytest.raises(ProgramError, match="kernel 0 must be 0 at age 7"):
            program(learning=learns(kernels=[Kernel(values)]))


def test_the_clip_range_is_inside_the_weights_and_follows_the_sign() -> None:
    def rule(**values: object) -> LearningRule:
        return LearningRule(name="r", terms=RULE.terms, **values)  # type: ignore[arg-type]

    assert rule().clip(LEARNS) == (-8, 7)
    assert rule(low=-3, high=4).clip(LEARNS) == (-3, 4)
    assert rule(low=-3, sign="excitatory").clip(LEARNS) == (0, 7)
    assert rule(high=3, sign="inhibitory").clip(LEARNS) == (-8, 0)
    with pytest.raises(ProgramError, match=r"rule 'r': the clip range -8 to 8 is not inside -8 to 7"):
        rule(high=8).clip(LEARNS)
    with pytest.raises(ProgramError, match=r"rule 'r': no weight is left from 1 to 0 \(inhibitory\)"):
        rule(low=1, sign="inhibitory").clip(LEARNS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rule": 2}, r"rule\[0\] is 2; it must be 0 to 1"),
        ({"receptor": [0, 2, 0]}, r"receptor\[1\] is 2; it must be 0 to 1"),
        ({"learning": None}, r"rule\[0\] is not 0, and the program has no learning"),
        ({"learning": None, "rule": 0}, "a neuron type has traces, and the program has no learning"),
        ({"types": (NeuronType(traces=(PostTrace(kernel=1),)),)}, "type 0, trace y1: there is no kernel 1; there"),
        ({"types": (NeuronType(traces=(PostTrace(jump=32),)),)}, "trace y1: jump 32: the chip .* traces of 0 to 31"),
        (
            {"types": (NeuronType(traces=(PostTrace(feed="trace", bounds=(1,), values=(0, 1)),)),)},
            "trace y1 cannot be fed by trace: on the chip .* y1 is fed by spikes, receptor, membrane",
        ),
    ],
)
def test_a_program_that_cannot_learn_so_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        program(**changes)


def test_weights_of_a_rule_are_inside_its_clip_range() -> None:
    rule = LearningRule(name="small", terms=RULE.terms, low=0, high=3)
    program(learning=learns(rules=[rule]), weight=[3, 0, -8])
    with pytest.raises(ProgramError, match=r"weight\[1\] is 4; rule 'small' clips to 0 to 3"):
        program(learning=learns(rules=[rule]), weight=[3, 4, -8])


def test_no_more_synapses_round_at_random_than_can_be_told_apart() -> None:
    rule = LearningRule(name="r", terms=RULE.terms, rounding="stochastic")
    values: dict[str, object] = {"learning": learns(rules=[rule]), "post": 1, "weight": 1, "rule": 1}
    assert program(**{**values, "pre": [0] * 4, "post": [1] * 4}).copy.tolist() == [0, 1, 2, 3]
    with pytest.raises(ProgramError, match="synapse 4 is one of more than 4 from 0 to neuron 0"):
        program(**{**values, "pre": [0] * 5, "post": [1] * 5})


def test_rules_follow_their_synapses_into_stored_order_and_through_a_file(tmp_path: object) -> None:
    made = program(pre=[1, 0, 0], post=[1, 2, 1], rule=[0, 1, 1], receptor=[0, 0, 1], weight=[-3, 0, 1])
    assert made.rule.tolist() == [1, 1, 0] and made.receptor.tolist() == [0, 1, 0]
    assert made.ruled.tolist() == [0, 1]
    path = tmp_path / "program.npz"  # type: ignore[operator]
    made.save(path)
    back = Program.load(path)
    assert back.learning == made.learning and back.types == made.types
    assert back.rule.tolist() == made.rule.tolist() and back.receptor.tolist() == made.receptor.tolist()


def test_a_quiet_rule_is_one_whose_terms_all_need_the_source_or_the_tag() -> None:
    def quiet(*terms: Term) -> bool:
        return LearningRule(terms=terms).is_quiet

    hebb, forget = Term(scale=1, factors=("y1", "x1")), Term(scale=-1, factors=("w",))
    assert quiet(hebb) and quiet(hebb, Term(scale=1, dependency="x0")) and quiet(Term(scale=1, factors=("r0", "e")))
    assert not quiet(hebb, forget) and not quiet(Term(scale=1, dependency="y0"))
