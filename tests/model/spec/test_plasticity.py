"""The contract of learning in numbers: traces, epochs, the exact sum, rounding, clipping, on the reference."""

from typing import Any

import numpy as np
import pytest

from ganglion.model.spec.events import Events
from ganglion.model.spec.learning import Learning
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.noise import draw, step_keys
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.rule_text import parse_rule
from ganglion.model.spec.state import State
from ganglion.model.spec.synaptic_traces import Kernel, PostTrace, PreTrace

PARAMS = PRESETS["tiny-learning"].replace(
    name="learns", weight_bits=8, membrane_bits=16, accumulator_bits=16, tag_bits=6
)

HALVING = Kernel((256, 128, 64, 32, 16, 0))
BOX = Kernel((256, 256, 0))

TEACHER, ERROR = 1, 2
"""Inputs that make the target fire, and that feed its receptor 1."""


def learner(
    rule: str = "dw = x1 * y0",
    *,
    weight: int = 0,
    traces: tuple[PostTrace, ...] = (),
    pre: tuple[PreTrace, ...] = (PreTrace(jump=16),),
    epoch: int = 1,
    seed: int = 0,
    refractory: int = 0,
    **settings: Any,
) -> Reference:
    """A neuron with one synapse that learns, from input 0; the teacher makes it fire a step later."""
    program = Program.build(
        params=PARAMS,
        types=(NeuronType(decay=(1, 0), traces=traces, refractory=refractory),),
        threshold=[90],
        inputs=3,
        pre=[0, TEACHER, ERROR],
        post=[3, 3, 3],
        weight=[weight, 100, 5],
        learning=Learning(epoch=epoch, pre=pre, kernels=(HALVING, BOX), rules=(parse_rule(rule, **settings),)),
        rule=[1, 0, 0],
        receptor=[0, 0, 1],
        seed=seed,
    )
    return Reference(program)


def states(target: Reference, *steps: list[int]) -> list[State]:
    """The state after each of these steps."""
    return target.run(Events.from_steps(list(steps)), keep_states=True).states


def test_a_trace_adds_a_jump_to_what_is_seen_of_it_and_ages() -> None:
    run = states(learner(), [0], [], [0], [0], [], [], [], [], [], [0])
    assert [s.x1[0] for s in run] == [16, 16, 20, 26, 26, 26, 26, 26, 26, 16]
    assert [s.xg[0] for s in run] == [0, 1, 0, 0, 1, 2, 3, 4, 5, 0]


def test_a_trace_saturates_or_is_set_by_the_nearest_spike() -> None:
    full = states(learner(pre=(PreTrace(jump=30, kernel=1),)), [0], [0], [0])
    assert [s.x1[0] for s in full] == [30, 31, 31]
    nearest = states(learner(pre=(PreTrace(jump=30, kernel=1, mode="set"),)), [0], [0], [0])
    assert [s.x1[0] for s in nearest] == [30, 30, 30]


def test_several_events_of_a_source_in_a_step_are_one_spike() -> None:
    (state,) = states(learner(), [0, 0, 0])
    assert state.x1[0] == 16


def test_a_source_without_a_rule_has_no_traces() -> None:
    run = states(learner(), [TEACHER], [])
    assert not any(s.x1.any() or s.x0.any() for s in run)


def test_the_target_has_traces_of_its_spikes() -> None:
    traces = (PostTrace(jump=8), PostTrace(jump=20, kernel=1, mode="set"))
    run = states(learner(traces=traces, epoch=4), [TEACHER], [TEACHER], [], [])
    assert [s.y1[0] for s in run] == [0, 8, 12, 12] and [s.y2[0] for s in run] == [0, 20, 20, 20]
    assert [s.yg[0] for s in run] == [1, 0, 0, 1]
    assert [s.y0[0] for s in run] == [0, 1, 1, 0]
    once = states(learner(epoch=4), [TEACHER], [], [], [])
    assert [s.y0[0] for s in once] == [0, 1, 1, 0]


def test_an_error_is_summed_with_a_decay_also_while_refractory_and_leaves_the_membrane_alone() -> None:
    target = learner(traces=(PostTrace(feed="receptor", decay=(1, 2)),), refractory=3)
    run = states(target, [TEACHER, ERROR], [ERROR], [], [], [])
    assert [s.y1[0] for s in run] == [0, 5, 9, 7, 6]
    assert [s.refractory[0] for s in run] == [0, 3, 2, 1, 0]
    assert not any(s.v.any() for s in run)
    held = states(learner(traces=(PostTrace(feed="receptor"),)), *[[ERROR]] * 9)
    assert [s.y1[0] for s in held] == [0, 5, 10, 15, 20, 25, 30, 31, 31]


@pytest.mark.parametrize(("events", "weight"), [(1, -3), (2, 7), (3, 2)])
def test_a_table_gives_the_segment_of_the_membrane(events: int, weight: int) -> None:
    table = PostTrace(feed="membrane", bounds=(20, 40), values=(-3, 7, 2))
    target = learner("dw = x0 * y1", weight=20, traces=(table,))
    # When the source fires, v is what the teacher has sent in the step before.
    target.write_weights(1, 15)
    target.run(Events.from_steps([[TEACHER] * events, [0]]))
    assert target.weights([0]).tolist() == [20 + weight]


def test_a_table_may_be_of_what_is_seen_of_y1() -> None:
    traces = (PostTrace(jump=16), PostTrace.window(5, 10, feed="trace"))
    target = learner("dw = y2", traces=traces)
    changes = [int(s.w[0]) for s in states(target, [TEACHER], [], [], [], [])]
    assert changes == [0, 0, 1, 1, 1], "16, 8, 4 are seen of y1: only 8 is in the window"


def test_rules_are_applied_at_the_end_of_an_epoch_and_then_the_spikes_are_forgotten() -> None:
    run = states(learner("dw = x0 + 2 * y0", epoch=3), [0], [TEACHER], [], [], [], [0], [])
    assert [s.w[0] for s in run] == [0, 0, 3, 3, 3, 4, 4]
    assert [s.x0[0] for s in run] == [1, 1, 0, 0, 0, 0, 0]
    assert [s.learned for s in run] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("dw = x0 / 2 + x0 / 2", 1),
        ("dw = x0 * 3 / 4", 0),
        ("dw = -x0 / 4", -1),
        ("dw = x0 * 127 * 2^7 - x0 * 127 * 2^7 + x0 * x1 * w * 2^-4", 9),
        ("dw = x0 * w * w / 64", 1),
        ("dw = 2^-16 * x0 * x1 * x1 * x1", 0),
        ("dw = -2^-16 * x0", -1),
    ],
)
def test_the_sum_is_exact_and_rounded_once(rule: str, change: int) -> None:
    target = learner(rule, weight=9)
    target.step([0])
    assert target.weights([0]).tolist() == [9 + change]


@pytest.mark.parametrize(
    ("settings", "weights"),
    [
        ({}, [70, 127, -3]),
        ({"low": 5, "high": 50}, [50, 50, 5]),
        ({"high": 70}, [70, 70, -60]),
        ({"sign": "excitatory"}, [70, 127, 0]),
        ({"sign": "inhibitory", "weight": -10}, [0, 0, -128]),
    ],
)
def test_weights_are_clipped_and_that_is_counted(settings: dict[str, Any], weights: list[int]) -> None:
    target = learner("dw = 60 * x0 - 65 * y0 * 2", **{"weight": 10, **settings})
    run = target.run(Events.from_steps([[0], [0, TEACHER], []]), keep_states=True)
    assert [s.w[0] for s in run.states] == weights
    unclipped, now = [], int(target.program.weight[0])
    for change, weight in zip((60, 60, -130), weights, strict=True):
        unclipped.append(int(now + change != weight))
        now = weight
    assert run.counters["saturations"].tolist() == unclipped


def test_tag_and_weight_see_each_other_as_they_were() -> None:
    target = learner("de = x0 * 4 + w; dw = e", weight=1)
    run = states(target, [0], [0], [])
    assert [s.e[0] for s in run] == [5, 10, 16] and [s.w[0] for s in run] == [1, 6, 16]
    assert target.tags().tolist() == [16, 0, 0]


def test_a_new_weight_counts_from_the_next_step_on() -> None:
    target = learner("dw = 50 * x0", weight=50)
    run = states(target, [0], [0], [])
    assert [s.v[0] for s in run] == [0, 50, 0], "100 is above the threshold: it fires, and is reset"


def test_modulators_are_factors_and_stay_until_they_are_written() -> None:
    target = learner("dw = r0 * x0 + r1 * r1")
    target.modulate(r0=3)
    target.step([0])
    target.modulate(r0=-2, r1=1)
    target.step([0])
    target.step()
    assert target.weights([0]).tolist() == [3 - 2 + 1 + 1] and target.modulators == (-2, 1, 0, 0)
    target.reset()
    assert target.modulators == (0, 0, 0, 0) and target.weights([0]).tolist() == [3]


def test_stochastic_rounding_is_up_as_often_as_the_fraction_says() -> None:
    target = learner("dw = 3 * 2^-4 * x0", rounding="stochastic")
    ups = []
    for _ in range(600):
        target.write_weights([0], 0)
        target.step([0])
        ups.append(int(target.weights([0])[0]))
    assert set(ups) == {0, 1} and abs(np.mean(ups) - 3 / 16) < 0.05


def test_stochastic_rounding_is_a_function_of_seed_epoch_source_copy_and_target() -> None:
    rule = parse_rule("dw = x0 / 2", rounding="stochastic")
    pre, post = [0, 0, 0, 1, 1, 2], [4, 4, 5, 4, 5, 5]
    program = Program.build(
        params=PARAMS, types=(NeuronType(),), threshold=[99, 99], inputs=4, pre=pre, post=post, weight=0, rule=1,
        learning=Learning(epoch=2, rules=(rule,)), seed=77,
    )  # fmt: skip
    target = Reference(program)
    copies = [0, 1, 0, 0, 0, 0]
    before = np.zeros(6, dtype=int)
    for epoch in range(12):
        target.run(Events.from_steps([[0, 1, 2], []]))
        now = target.weights()
        for synapse, (source, end, copy) in enumerate(zip(pre, post, copies, strict=True)):
            keys = step_keys(77 ^ (1 << 31 | copy << 20 | source), epoch)
            up = (draw(keys, end - 4) & 0xFFFF) >= 1 << 15
            assert now[synapse] - before[synapse] == up, (epoch, synapse)
        before = now


def test_while_learning_is_off_nothing_of_it_moves() -> None:
    target = learner(traces=(PostTrace(jump=8), PostTrace(feed="receptor")), epoch=2)
    target.run(Events.from_steps([[0, TEACHER, ERROR], [], [0]]))
    before = target.state()
    target.learning = False
    target.run(Events.from_steps([[0, TEACHER, ERROR], [0, ERROR], [], []]))
    after = target.state()
    for name in ("x0", "x1", "xg", "y0", "y1", "y2", "yg", "e", "w"):
        assert np.array_equal(getattr(before, name), getattr(after, name)), name
    assert after.learned == before.learned == 3 and not after.receptor.any()
    target.learning = True
    target.run(Events.from_steps([[], [TEACHER, 0], []]))
    assert target.state().learned == 6


def test_visits_are_those_that_could_have_changed_something() -> None:
    quiet = learner("dw = x1 * y1").run(Events.from_steps([[], [0], [], [], [], [], [], []]))
    assert quiet.counters["visits"].tolist() == [0, 1, 1, 1, 1, 1, 0, 0]
    always = learner("dw = x1 - w / 16").run(Events.from_steps([[], [], []]))
    assert always.counters["visits"].tolist() == [1, 1, 1]
    tagged = learner("de = 4 * x0 - e / 2; dw = r0 * e", pre=())
    assert tagged.run(Events.from_steps([[], [0], [], []])).counters["visits"].tolist() == [0, 1, 1, 1]
    changes = learner("dw = x0").run(Events.from_steps([[], [0], []])).counters["changes"]
    assert changes.tolist() == [0, 1, 0]
