"""Plastic rules: what several of them come to in one network, and where they do not agree."""

import pytest

from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.named_rules import delta, feast, homeostatic, reward_stdp, sdsp, stdp, three_factor
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.plastic import PlasticRule, Spikes, Together
from ganglion.model.spec.synaptic_traces import Kernel, PostTrace

PARAMS = PRESETS["tiny-learning"].replace(trace_bits=8, trace_ages=64, weight_bits=8)


def test_rules_share_kernels_and_presynaptic_traces() -> None:
    together = Together(PARAMS)
    one, other = stdp(tau_minus=10, name="one"), stdp(a_plus=2, tau_minus=10, name="other")
    assert (together.add(one), together.add(other), together.add(one)) == (1, 2, 1)
    assert together.post_traces([one, other]) == (PostTrace(kernel=0, jump=64),)
    learning = together.learning()
    assert learning.kernels == (Kernel.exponential(10, 64), Kernel.exponential(20, 64))
    assert learning.pre[0].kernel == 1 and [rule.name for rule in learning.rules] == ["one", "other"]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (stdp(tau_plus=30, name="other"), "rules 'one' and 'other' of one network want different trace x1s"),
        (delta(epoch=4, name="other"), "rules 'one' and 'other' of one network want different epochs"),
    ],
)
def test_rules_that_do_not_agree_are_named(other: PlasticRule, message: str) -> None:
    together = Together(PARAMS)
    together.add(stdp(name="one"))
    with pytest.raises(ProgramError, match=message):
        together.add(other)


def test_rules_into_the_same_neurons_must_want_the_same_traces() -> None:
    one, other = stdp(name="one"), delta(name="other")
    with pytest.raises(ProgramError, match="'one' and 'other' end in the same neurons, and want different traces y1"):
        Together(PARAMS).post_traces([one, other])
    second = PlasticRule.from_text("dw = x1 * y2", post=[None, PostTrace.window(1, 3)])
    assert Together(PARAMS).post_traces([second]) == (PostTrace(feed="none"), PostTrace.window(1, 3))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Spikes(jump=1), "one of tau, box and kernel, not none of them"),
        (lambda: Spikes(jump=1, tau=2, box=3), "one of tau, box and kernel, not tau and box"),
        (lambda: PlasticRule.from_text("dw = x1", pre=[Spikes(jump=1, tau=2)] * 3), "pre of rule 'rule' must be up"),
        (lambda: PlasticRule.from_text("dw = x1", post=[PostTrace()]), "a trace of spikes is told by Spikes"),
        (lambda: PlasticRule.from_text("dw = x1", name="mine", epoch=0), "epoch of rule 'mine', .* 1 to 64, not 0"),
        (lambda: PlasticRule.from_text("dw = z1", name="mine"), "rule 'mine' cannot be read: there is no factor z1"),
    ],
)
def test_what_is_no_plastic_rule_is_refused(make: object, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (stdp(), ["dw = 1 * 2^-6 * y0 * x1", "dw = -1 * 2^-6 * x0 * y1"]),
        (
            reward_stdp(0.125, a_minus=0),
            ["de = 1 * 2^-6 * y0 * x1", "de = -1 * 2^-5 * e", "dw = 1 * 2^-3 * e * r0"],
        ),
        (three_factor(2**-8, window=(-4, 4)), ["dw = 1 * 2^-8 * x1 * y1 * y2"]),
        (delta(2**-8), ["dw = 1 * 2^-8 * x1 * y1"]),
        (
            sdsp(10),
            ["dw = 1 * 2^-1 * x0 * y2 * y3", "dw = 1 * 2^0 * x0 * y3", "dw = -1 * 2^-1 * x0 * y3 * y3"],
        ),
        (feast(0.25), ["dw = 1 * 2^-2 * y0 * x1", "dw = -1 * 2^-2 * y0 * w"]),
        (homeostatic(), ["dw = 1 * 2^-6 * y0 * x1", "dw = 1 * 2^-2 * y0", "dw = -1 * 2^-8 * y0 * y1"]),
    ],
    ids=lambda value: value.name if isinstance(value, PlasticRule) else "",
)
def test_named_rules_are_the_sums_that_they_say_and_fit_the_chip(rule: PlasticRule, text: list[str]) -> None:
    assert [str(term) for term in rule.rule.terms] == text
    together = Together(PARAMS)
    together.add(rule)
    traces = together.post_traces([rule])
    together.learning().check(PARAMS)
    assert len(traces) == len(rule.post)
