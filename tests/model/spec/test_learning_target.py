"""What a target can be asked about learning, and what it says to what cannot be."""

from collections.abc import Callable

import numpy as np
import pytest

from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.mismatch.distortion import Distortion
from ganglion.model.mismatch.target import Mismatch
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.learning import Learning
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.rule_text import parse_rule
from ganglion.model.spec.state import State
from ganglion.model.spec.synaptic_traces import Kernel, PostTrace, PreTrace
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace

PARAMS = PRESETS["tiny-learning"]


def program() -> Program:
    """Two inputs, three neurons, five synapses of which the last has no rule."""
    return Program.build(
        params=PARAMS,
        types=(NeuronType(decay=(1, 2), traces=(PostTrace(jump=9),)),),
        threshold=[3, 4, 5],
        inputs=2,
        pre=[0, 0, 1, 2, 3],
        post=[2, 3, 3, 4, 2],
        weight=[3, 2, -1, 6, -2],
        learning=Learning(
            epoch=2,
            pre=(PreTrace(jump=9),),
            kernels=(Kernel.exponential(3, 8),),
            rules=(parse_rule("de = x0 + y0 - e / 4; dw = r0 * e / 2 + x1 * y1 / 64", low=-3, name="bounded"),),
        ),
        rule=[1, 1, 1, 1, 0],
    )


EVENTS = Events.from_steps([[0], [1, 0], [0], [], [0, 1], [1], [0]])


@pytest.fixture
def target() -> Reference:
    target = Reference(program())
    target.modulate(r0=3)
    target.run(EVENTS)
    return target


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: t.modulate(r0=8), "r0 must be -8 to 7, not 8"),
        (lambda t: t.modulate(r2=1), "there is no modulator r2; there are r0, r1"),
        (lambda t: t.modulate(r1=0.5), "r1 must be a whole number from -8 to 7, not 0.5"),
        (lambda t: t.write_tags(4, 1), "synapse 4 has no learning rule, and so no tag"),
        (lambda t: t.write_tags(0, 16), "tag of synapse 0 must be -16 to 15, not 16"),
        (lambda t: t.write_tags(5, 0), "synapse must be 0 to 4, not 5"),
        (lambda t: t.write_weights(1, -4), "weight of synapse 1 must be -3 to 7, to which rule 'bounded' clips"),
        (lambda t: t.run_batch([EVENTS]), "a batch would have to learn from each sample by itself"),
        (lambda t: t.rewire([0, 0], pre=1), "a synapse that is to be rewired is there twice"),
        (lambda t: t.rewire([0], post=1), "post.* is 1, an input"),
        (lambda t: t.rewire([0, 1], pre=[1, 1, 1]), "pre must be one whole number, or one for each of 2 synapses"),
        (lambda t: t.rewire([0], pre=5), r"pre\[0\] is 5; it must be 0 to 4"),
        (lambda t: t.load_state(State.zeros(3, 4)), "the network has a learning rule, and the state is of one that"),
    ],
)
def test_a_mistake_is_told_and_changes_nothing(
    target: Reference, call: Callable[[Target], object], message: str
) -> None:
    before, made = target.state(), target.program
    with pytest.raises(ProgramError, match=message):
        call(target)
    assert target.modulators == (3, 0, 0, 0) and target.program is made
    for name, array in target.state().arrays().items():
        assert np.array_equal(array, getattr(before, name)), name


def test_a_network_without_learning_says_that_it_has_none() -> None:
    plain = Reference(program().replace(learning=None, rule=0, types=(NeuronType(),)))
    assert plain.learning is False and plain.tags().tolist() == [0] * 5
    for call, message in (
        (lambda: setattr(plain, "learning", True), "the network has nothing that learns"),
        (lambda: plain.modulate(r0=1), "there is no modulator r0; there are none"),
        (lambda: plain.write_tags(0, 1), "there are no tags: the network has none"),
    ):
        with pytest.raises(ProgramError, match=message):
            call()
    plain.learning = False
    plain.run_batch([EVENTS])


def test_a_target_that_does_not_learn_refuses_a_network_that_does() -> None:
    """Each with its reason, and what to use instead."""
    with pytest.raises(ProgramError, match=r"the array cannot run .* learns: a batch .*; Reference, Emul"):
        ArrayEmulator(program())
    distortion = Distortion.draw(program(), seed=1)
    with pytest.raises(ProgramError, match=r"mismatch cannot run .* learns: what .*; Reference"):
        Mismatch(program(), distortion, Reference)


def test_a_state_goes_on_in_another_target_with_weights_tags_and_modulators(target: Reference) -> None:
    other = Reference(program())
    other.load_state(target.state())
    assert other.modulators == (3, 0, 0, 0) and other.weights().tolist() == target.weights().tolist()
    one, two = (each.run(EVENTS, keep_states=True) for each in (target, other))
    assert not one.differences(two) and one == two


def test_a_difference_of_learning_is_named(target: Reference) -> None:
    other = Reference(program())
    other.load_state(target.state())
    other.write_tags(2, 7)
    difference = target.run(EVENTS, keep_states=True).differences(other.run(EVENTS, keep_states=True))[0]
    assert difference.field == "e of synapse 2" and difference.neuron is None


@pytest.mark.parametrize(
    ("field", "place", "value", "message"),
    [
        ("x1", 0, 32, "x1 of a source must be 0 to 31, not 32"),
        ("xg", 1, 8, "xg of a source must be 0 to 7, not 8"),
        ("x1", 4, 1, "x1 of source 4 must be 0: none of its synapses has a rule"),
        ("y1", 2, -33, "y1 of a neuron must be -32 to 31, not -33"),
        ("w", 1, -4, "weight of synapse 1 must be -3 to 7"),
        ("e", 3, 16, "e of a synapse must be -16 to 15, not 16"),
    ],
)
def test_a_state_that_the_network_cannot_have_is_refused(
    target: Reference, field: str, place: int, value: int, message: str
) -> None:
    state = target.state()
    getattr(state, field)[place] = value
    with pytest.raises(ProgramError, match=message):
        target.load_state(state)


def test_reset_keeps_what_was_learned_and_forgets_the_rest(target: Reference) -> None:
    learned = target.weights().tolist()
    assert learned != program().weight.tolist()
    target.reset()
    assert target.weights().tolist() == learned and not target.tags().any() and target.state().learned == 0


def test_rewiring_keeps_weights_tags_and_state(target: Reference) -> None:
    weights, tags, before = target.weights(), target.tags(), target.state()
    number = target.rewire([0, 3], pre=[3, 1], post=[4, 2])
    assert sorted(number.tolist()) == list(range(5))
    assert target.weights(number).tolist() == weights.tolist() and target.tags(number).tolist() == tags.tolist()
    ends = np.stack((target.program.pre[number], target.program.post[number]), axis=1).tolist()
    assert ends == [[3, 4], [0, 3], [1, 3], [1, 2], [3, 2]]
    after = target.state()
    assert all(np.array_equal(getattr(after, name), getattr(before, name)) for name in ("v", "y1", "accumulators"))
    fresh = Reference(target.program)
    fresh.load_state(after)
    fresh.write_weights(np.arange(5), target.weights())
    assert target.run(EVENTS) == fresh.run(EVENTS)


@pytest.mark.parametrize("kind", [Reference, ArrayEmulator])
def test_a_network_that_does_not_learn_is_rewired_as_if_it_had_been_made_so(kind: Callable[[Program], Target]) -> None:
    for seed in range(12):
        network = random_network(PRESETS["tiny"], seed)
        made, rng = network.program, np.random.default_rng(seed)
        if not made.synapses:
            continue
        target = kind(made)
        target.run(network.events)
        chosen = rng.permutation(made.synapses)[: rng.integers(1, made.synapses + 1)]
        pre = rng.integers(0, made.inputs + made.neurons, chosen.size)
        number = target.rewire(chosen, pre=pre, post=made.inputs)
        assert target.weights(number).tolist() == made.weight.tolist()
        fresh = Reference(target.program)
        fresh.load_state(target.state())
        got, wanted = (each.run(network.events, keep_states=True) for each in (target, fresh))
        assert not got.differences(wanted), seed


def test_a_trace_of_a_network_that_learns_comes_back_from_a_file(target: Reference, tmp_path: object) -> None:
    trace = target.run(EVENTS, keep_states=True)
    path = tmp_path / "trace.npz"  # type: ignore[operator]
    trace.save(path)
    back = Trace.load(path)
    assert back == trace and not back.differences(trace)
    assert [s.learned for s in back.states] == [s.learned for s in trace.states]
    assert back.states[-1].modulators == (3, 0, 0, 0)
