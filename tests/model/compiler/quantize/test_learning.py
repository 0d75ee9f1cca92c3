"""Projections that learn, from a network in floats to a program."""

import numpy as np
import pytest

from ganglion.model.compiler.bounds import accumulator_bounds, check_accumulators
from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.quantize.exact import exact_program
from ganglion.model.compiler.quantize.quantize import quantize
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.events import Events
from ganglion.model.spec.named_rules import delta, stdp
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.plastic import PlasticRule, Spikes
from ganglion.model.spec.reference import Reference

PARAMS = PRESETS["tiny-learning"].replace(
    name="learns", trace_bits=8, trace_ages=64, weight_bits=8, accumulator_bits=16, membrane_bits=16
)
RULE = stdp(low=0, high=100, jump=64, name="pairs")


def network(weight: float = 0.5, rule: PlasticRule | None = RULE, **more: object) -> Network:
    made = Network()
    entry, hidden = made.input("entry", 4), made.population("hidden", 3, threshold=2.0, decay=0.25)
    weights = np.full((3, 4), weight)
    weights[0, 0] = 0
    made.all_to_all(entry, hidden, weights, learning=rule, **more)  # type: ignore[arg-type]
    return made


def test_a_projection_that_learns_keeps_its_synapses_of_weight_0() -> None:
    program = quantize(network(), PARAMS).program
    assert program.synapses == 12 and (program.rule == 1).all()
    assert quantize(network(rule=None), PARAMS).program.synapses == 11
    assert quantize(network(rule=None), PARAMS).program.learning is None


def test_rules_and_traces_reach_the_program() -> None:
    program = quantize(network(), PARAMS).program
    assert program.learning is not None and program.learning.rules == (RULE.rule,)
    assert [trace.feed for trace in program.types[0].traces] == ["spikes"]
    made = network()
    made.one_to_one("hidden", made.population("out", 3), 0.5)
    types = quantize(made, PARAMS).program.types
    assert [len(each.traces) for each in types] == [1, 0]


def test_scales_and_bounds_are_over_what_a_rule_allows() -> None:
    params = PARAMS.replace(accumulator_bits=9)
    program = quantize(network(rule=stdp(low=-10, high=60)), params).program
    low, high = accumulator_bounds(program)
    assert low.tolist() == [-40] * 3 and high.tolist() == [240] * 3
    check_accumulators(program, 9)
    free = Network()
    entry, hidden = free.input("entry", 4), free.population("hidden", 3, threshold=2.0)
    free.all_to_all(entry, hidden, 0.5, learning=stdp(low=0, high=50))
    free.all_to_all(entry, hidden, -0.1)
    mixed = quantize(free, params).program
    check_accumulators(mixed, 9)
    assert mixed.weight[mixed.rule == 1].max() <= 50


def test_an_error_feeds_traces_alone_in_units_of_the_chip() -> None:
    made = network(rule=delta(0.0625, tau=4, jump=32, rounding="floor"))
    teacher = made.input("teacher", 3)
    made.one_to_one(teacher, "hidden", 8, receptor=1)
    program = quantize(made, PARAMS, samples=[Events.from_steps([[0, 1], [2], []])]).program
    error = program.receptor == 1
    assert program.weight[error].tolist() == [8, 8, 8] and not program.rule[error].any()
    target = Reference(program)
    before = target.weights()
    target.run(Events.from_steps([[0], [0, 4], [0], [], []]))
    changed = np.flatnonzero(target.weights() != before)
    assert changed.tolist() == [0], "the input 0 to the neuron with the error, and no other"


def test_samples_run_without_learning() -> None:
    plain = quantize(network(rule=None), PARAMS, samples=np.ones((2, 6, 4), dtype=int), scale={"hidden": 20})
    learns = quantize(network(), PARAMS, samples=np.ones((2, 6, 4), dtype=int), scale={"hidden": 20})
    assert learns.report.output == plain.report.output


@pytest.mark.parametrize(
    ("rule", "params", "message"),
    [
        (RULE, PRESETS["tiny"], r"projection entry -> hidden: rule 'pairs': the chip \(tiny\) does not learn"),
        (stdp(high=200), PARAMS, "projection entry -> hidden: rule 'stdp': the clip range -128 to 200 is not inside"),
        (
            PlasticRule.from_text("dw = x0 * y1", name="half"),
            PARAMS,
            r"entry -> hidden: rule 'half', term 1 \(dw = 1 \* 2\^0 \* x0 \* y1\): .* trace y1 is; give post=",
        ),
        (PlasticRule.from_text("dw = x1 * y0", name="half"), PARAMS, "rule 'half', term 1 .* trace x1 is; give pre="),
        (RULE, PARAMS.replace(terms=1), "projection entry -> hidden: rule 'pairs' has 2 terms; the chip .* holds 1"),
        (
            PlasticRule.from_text("dw = r3 * x1", pre=[Spikes(tau=2, jump=1)], name="reward"),
            PARAMS,
            r"projection entry -> hidden: rule 'reward', term 1 \(dw = 1 \* 2\^0 \* x1 \* r3\): the chip .* has no r3",
        ),
        (stdp(high=-1), PARAMS, "projection entry -> hidden: weight 0 becomes 0, .* not in the range -128 to -1"),
        (stdp(sign="inhibitory"), PARAMS, "entry -> hidden: weight 0.5 becomes 10, .* not in the range -128 to 0"),
    ],
)
def test_what_a_projection_cannot_be_taught_names_it(rule: PlasticRule, params: Params, message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        quantize(network(rule=rule), params, scale={"hidden": 20})


def test_learning_that_is_none_is_refused_where_it_is_given() -> None:
    with pytest.raises(NetworkError, match=r"entry -> hidden: learning must be a plastic rule, .* not 'stdp'"):
        network(rule="stdp")  # type: ignore[arg-type]
    with pytest.raises(NetworkError, match="entry -> hidden: receptor must be 0 or 1, not 2"):
        network(receptor=2)
    with pytest.raises(NetworkError, match=r"projection entry -> hidden: the chip \(tiny\) has no receptor 1"):
        quantize(network(rule=None, receptor=1), PRESETS["tiny"])


def test_a_network_in_units_of_the_chip_keeps_its_numbers() -> None:
    made = Network()
    entry, out = made.input("entry", 2), made.population("out", 2, threshold=40)
    made.all_to_all(entry, out, [[10, 20], [30, 0]], learning=RULE)
    program = exact_program(made, PARAMS)
    assert program.weight.tolist() == [10, 30, 20, 0] and program.rule.tolist() == [1] * 4
