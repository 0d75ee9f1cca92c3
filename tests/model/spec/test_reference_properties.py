"""Laws that the semantics keep for every network, tried on the reference."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from tests.model.chips import BYTES

TYPES = (
    NeuronType(decay=(1, 2), v_reset=-3),
    NeuronType.current_based((3, 4), (1, 1), reset="subtract", refractory=1),
    NeuronType.adaptive((1, 3), (1, 2), 7),
    NeuronType.binary(noise=3),
)
Programs = Callable[..., st.SearchStrategy[Program]]


def random_steps(program: Program, seed: int, steps: int = 10) -> list[list[int]]:
    """Events of each step, some axons more than once."""
    rng = np.random.default_rng(seed)
    return [rng.integers(program.inputs, size=rng.integers(6)).tolist() if program.inputs else [] for _ in range(steps)]


def everything(program: Program, events: list[list[int]]) -> list[list[Any]]:
    """All state at the end of each step."""
    return [
        [values.tolist() for values in state.arrays().values()]
        for state in Reference(program).run(Events.from_steps(events), keep_states=True).states
    ]


@settings(max_examples=50)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_events_and_synapses_never_matters(programs: Programs, data: st.DataObject, seed: int) -> None:
    """Any permutation of the events of a step, and of the synapses of the network, leaves every bit the same."""
    program = data.draw(programs(BYTES, TYPES))
    events = random_steps(program, seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(program.synapses)
    names = ("post", "weight", "delay")
    shuffled = program.replace(pre=program.pre[order], **{name: getattr(program, name)[order] for name in names})
    assert everything(program, events) == everything(shuffled, [rng.permutation(e).tolist() for e in events])


@settings(max_examples=50)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_a_weight_may_be_split(programs: Programs, data: st.DataObject, seed: int) -> None:
    """A synapse of weight a + b and two synapses of weights a and b leave every bit the same."""
    program = data.draw(programs(BYTES, TYPES))
    events = random_steps(program, seed)
    a = np.random.default_rng(seed).integers(-100, 100, size=program.synapses)
    a = np.clip(a, program.weight - 127, program.weight + 128).clip(-128, 127)
    split = program.replace(
        pre=np.tile(program.pre, 2),
        post=np.tile(program.post, 2),
        weight=np.concatenate((a, program.weight - a)),
        delay=np.tile(program.delay, 2),
    )
    assert everything(program, events) == everything(split, events)


@settings(max_examples=50)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_a_later_axon_equals_an_earlier_event(programs: Programs, data: st.DataObject, seed: int) -> None:
    """Input delays one longer, and inputs one step earlier: every neuron is the same in every step."""
    program = data.draw(programs(BYTES, TYPES))
    later = program.replace(
        params=BYTES.replace(delay_slots=8),
        delay=program.delay + (program.pre < program.inputs),
    )
    events = random_steps(program, seed)
    before = everything(program, [[], *events])
    after = everything(later, [*events, []])
    assert [step[:-1] for step in before] == [step[:-1] for step in after]


@settings(max_examples=50)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_layers_shift_by_their_depth(programs: Programs, data: st.DataObject, seed: int) -> None:
    """All delays one longer, inputs one step earlier: in a network of layers, layer k is k - 1 steps later.

    Layers are drawn by keeping synapses from inputs to the first half of the neurons and from these to the second;
    there is no noise, which depends on the step, and no bias, with which a neuron would act before its input.
    """
    program = data.draw(programs(BYTES, TYPES[:3]))
    half = -(-program.neurons // 2)
    source = program.pre
    first = (source < program.inputs) & (program.post_neuron < half)
    second = (source >= program.inputs) & (source < program.inputs + half) & (program.post_neuron >= half)
    kept = first | second
    program = program.replace(
        threshold=np.maximum(program.threshold, 0),
        pre=source[kept],
        **{name: getattr(program, name)[kept] for name in ("post", "weight", "delay")},
    )
    later = program.replace(params=BYTES.replace(delay_slots=8), delay=program.delay + 1)
    events = random_steps(program, seed)
    before = Reference(program).run(Events.from_steps([[], *events, []])).spikes
    after = Reference(later).run(Events.from_steps([*events, [], []])).spikes
    expected = before + (before[:, 1:] >= half) * [1, 0]
    expected = expected[expected[:, 0] < len(events) + 2]
    assert sorted(after.tolist()) == sorted(expected.tolist())
