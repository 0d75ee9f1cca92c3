"""The emulator has every bit of the reference, whatever the network."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from tests.model.emulator.sharing import shared
from tests.model.emulator.writes import check_writes

pytestmark = pytest.mark.long


def _compare(case, same):
    expected = Reference(case.program).run(case.events, keep_states=True)
    same(Emulator(case.program).run(case.events, keep_states=True), expected)
    with shared():
        same(Emulator(case.program, threads=2).run(case.events, keep_states=True), expected)
    expected.states.clear()
    emulator = Emulator(case.program)
    same(emulator.run(case.events), expected)
    assert emulator.counters() == {name: counts.sum() for name, counts in expected.counters.items()}
    emulator.reset()
    stepped = [emulator.step(case.events[step].tolist()) for step in range(case.events.steps)]
    assert stepped == [fired.tolist() for fired in expected.spikes_per_step()]


@settings(max_examples=70, deadline=None)
@given(data=st.data())
def test_equals_reference(data, cases, same):
    """Every state of every step, on one thread and on two, step by step, in one go, and by `step`."""
    _compare(data.draw(cases), same)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=5000, deadline=None)
@given(data=st.data())
def test_equals_reference_over_many(data, cases, same):
    """The emulator has every bit of the reference on 5,000 random networks, on one thread and on two."""
    _compare(data.draw(cases), same)


@pytest.mark.parametrize(("seed", "threads"), [(0, 1), (1, 2), (2, 3)])
def test_several_blocks(seed, threads, large, same):
    """Neurons over several blocks, of mixed types, with the last block not full."""
    case = large(seed)
    expected = Reference(case.program).run(case.events, keep_states=True)
    assert expected.total("spikes") > 100 and expected.total("overflows") == 0
    with shared():
        same(Emulator(case.program, threads=threads).run(case.events, keep_states=True), expected)


NARROW = Params(delay_slots=4, weight_bits=4, accumulator_bits=5, current_bits=16, adaptation_bits=16, noise=True)


@pytest.mark.parametrize("params", [NARROW, PRESETS["wide"].replace(accumulator_bits=16)], ids=["narrow", "wide"])
def test_overflows_are_counted(params, large, same):
    """Sums that leave W bits, and those that leave even the guard bits, wrap and are counted alike."""
    case = large(0, params, steps=6)
    expected = Reference(case.program).run(case.events, keep_states=True)
    assert expected.total("overflows") > 50
    same(Emulator(case.program).run(case.events, keep_states=True), expected)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_writes(data, cases, same, same_state):
    """State, constants and weights written between steps, in any order, then a reset, or a return to an old state."""
    check_writes(data, data.draw(cases), Emulator, same, same_state)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_batch(data, cases, same):
    """Many samples at once are each what a run from the same state gives, and leave that state alone."""
    case = data.draw(cases)
    reference, emulator = Reference(case.program), Emulator(case.program, threads=data.draw(st.integers(1, 3)))
    for target in (reference, emulator):
        target.run(case.events)
    before = emulator.state()
    for _ in range(2):
        traces = emulator.run_batch([case.events] * 3)
    slow = reference.run_batch([case.events] * 2)
    expected = reference.run(case.events)
    assert len(traces) == 3
    for trace in (*traces, *slow):
        same(trace, expected)
    np.testing.assert_array_equal(emulator.state().v, before.v)
    same(emulator.run(case.events), expected)


def test_probes_are_what_states_say(large):
    """A probe records what the state holds, and nothing else."""
    case = large(4)
    trace = Emulator(case.program).run(
        case.events, keep_states=True, probes={"v": [0, 1299], "u": [700], "refractory": np.arange(5)}
    )
    for field, neurons in (("v", [0, 1299]), ("u", [700]), ("refractory", range(5))):
        for step, state in enumerate(trace.states):
            assert trace.probes[field][step].tolist() == getattr(state, field)[neurons].tolist()


def test_batch_makes_room_for_axons_that_fire_often(same):
    """Sums that a first batch makes larger than the accumulators chosen when the network was loaded."""
    program = Program.build(
        params=Params(accumulator_bits=20),
        types=(NeuronType.leaky(3),),
        threshold=[30_000] * 20,
        inputs=1,
        pre=[0] * 20,
        post=range(1, 21),
        weight=[127] * 20,
    )
    samples = [Events.from_steps([[0] * count, [], []]) for count in (1, 400, 2)]
    traces = Emulator(program).run_batch(samples)
    assert traces[1].total("spikes") == 20
    for trace, events in zip(traces, samples, strict=True):
        same(trace, Reference(program).run(events))


def test_batch_adds_dense_rows_whose_sums_take_all_their_bits(same):
    """More rows of least and greatest weights than are added together."""
    inputs, neurons = 300, 20
    pre, post = np.divmod(np.arange(inputs * neurons), neurons)
    program = Program.build(
        params=Params(accumulator_bits=20),
        types=(NeuronType.leaky(3),),
        threshold=30_000,
        neurons=neurons,
        inputs=inputs,
        pre=pre,
        post=inputs + post,
        weight=np.where(post % 2, 127, -128),
    )
    samples = [Events.from_steps([range(count), []]) for count in (inputs, 256, 257)]
    for trace, events in zip(Emulator(program).run_batch(samples), samples, strict=True):
        assert trace.total("spikes") == neurons // 2
        same(trace, Reference(program).run(events))
