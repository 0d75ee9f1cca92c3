"""The emulator over arrays has every bit of the reference, whatever the network."""

from collections.abc import Callable
from typing import Any

import array_api_strict
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.emulator.array.synapses import Synapses
from ganglion.model.spec.errors import EventError
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from tests.model.emulator.writes import check_writes

MODULES = (np, array_api_strict)
"""The second takes nothing that is not in the array API standard, no array of NumPy among it."""

NARROW = Params(delay_slots=4, weight_bits=4, accumulator_bits=5, current_bits=16, adaptation_bits=16, noise=True)

Same = Callable[[Any, Any], None]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_equals_reference(data: st.DataObject, cases: st.SearchStrategy[Any], same: Same) -> None:
    """Every state of every step: noise, currents, adaptation, delays, refractory periods, sums that wrap."""
    case = data.draw(cases)
    expected = Reference(case.program).run(case.events, keep_states=True)
    same(ArrayEmulator(case.program).run(case.events, keep_states=True), expected)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_equals_reference_on_another_array_module(
    data: st.DataObject, cases: st.SearchStrategy[Any], same: Same
) -> None:
    case = data.draw(cases)
    expected = Reference(case.program).run(case.events, keep_states=True)
    same(ArrayEmulator(case.program, xp=array_api_strict).run(case.events, keep_states=True), expected)


@pytest.mark.parametrize("xp", MODULES, ids=lambda xp: xp.__name__)
def test_dense_and_sparse_synapses_together(xp: Any, large: Callable[..., Any], same: Same) -> None:
    case = large(1)
    expected = Reference(case.program).run(case.events, keep_states=True)
    assert expected.total("spikes") > 100
    same(ArrayEmulator(case.program, xp=xp).run(case.events, keep_states=True), expected)


@pytest.mark.parametrize("params", [NARROW, PRESETS["wide"].replace(accumulator_bits=16)], ids=["narrow", "wide"])
def test_overflows_are_counted(params: Params, large: Callable[..., Any], same: Same) -> None:
    """Sums that leave W bits, and those that leave even the guard bits, wrap and are counted alike."""
    case = large(0, params, steps=6)
    expected = Reference(case.program).run(case.events, keep_states=True)
    assert expected.total("overflows") > 50
    same(ArrayEmulator(case.program).run(case.events, keep_states=True), expected)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_writes(data: st.DataObject, cases: st.SearchStrategy[Any], same: Same, same_state: Same) -> None:
    """State, constants and weights written between steps, in any order, then a reset, or a return to an old state."""
    check_writes(data, data.draw(cases), ArrayEmulator, same, same_state)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_batch(data: st.DataObject, cases: st.SearchStrategy[Any], same: Same, same_state: Same) -> None:
    """Samples of several lengths at once are each what a run from the same state gives, and leave that state alone."""
    case = data.draw(cases)
    reference, emulator = Reference(case.program), ArrayEmulator(case.program)
    for target in (reference, emulator):
        target.run(case.events)
    before = emulator.state()
    short = Events.from_steps([case.events[0], case.events[0]])
    samples = [case.events, short, Events.from_steps([]), case.events, short]
    for got, wanted in zip(emulator.run_batch(samples), reference.run_batch(samples), strict=True):
        same(got, wanted)
    assert emulator.run_batch([]) == []
    same_state(emulator.state(), before)
    same(emulator.run(case.events), reference.run(case.events))


def test_events_beyond_exact_sums_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network whose sums may come to 2^52 if an axon fires once, which takes 2^36 synapses."""
    program = Program.build(
        params=PRESETS["wide"], types=(NeuronType(),), threshold=[100], inputs=1, pre=[0], post=[1], weight=[1]
    )
    emulator = ArrayEmulator(program)
    monkeypatch.setattr(emulator._synapses, "bound", 2.0**52)
    with pytest.raises(EventError, match="3 events in a step are too many"):
        emulator.run(Events.from_steps([[0], [0, 0, 0]]))
    assert emulator.t == 0
    assert emulator.run(Events.from_steps([[0], [0, 0]])).total("synops") == 3


def test_dense_blocks_between_populations(same: Same) -> None:
    """Populations that begin anywhere, all to all and recurrent, with weights of 0 and two synapses between a pair."""
    rng = np.random.default_rng(4)
    names = {"first": (0, 40), "second": (40, 50), "third": (90, 30)}
    ends = [((0, 60), "first"), ((60, 40), "second"), ((100, 50), "third"), ((150, 30), "second")]
    pre, post = (np.concatenate(each) for each in zip(*[_all_to_all(*end, names) for end in ends], strict=True))
    program = Program.build(
        params=Params(delay_slots=4),
        types=(NeuronType.leaky(3, reset="subtract"),),
        neurons=120,
        threshold=rng.integers(60, 200, 120),
        inputs=60,
        pre=np.concatenate((pre, pre[:9])),
        post=60 + np.concatenate((post, post[:9])),
        weight=rng.integers(-20, 31, pre.size + 9) * (rng.random(pre.size + 9) < 0.9),
        delay=np.concatenate((np.where(pre < 60, 2, 1), np.full(9, 3))),
        names=names,
    )
    blocks = Synapses.of(program).blocks
    assert sum(isinstance(block.matrix, np.ndarray) for block in blocks) == 4 and len(blocks) == 5
    events = Events.from_raster(rng.integers(0, 2, (12, 60)))
    expected = Reference(program).run(events, keep_states=True)
    assert all((expected.counts(range(first, first + size)) > 0).any() for first, size in names.values())
    same(ArrayEmulator(program).run(events, keep_states=True), expected)


def _all_to_all(source: tuple[int, int], target: str, names: dict[str, tuple[int, int]]) -> tuple[Any, Any]:
    pre, post = np.indices((source[1], names[target][1])).reshape(2, -1)
    return source[0] + pre, names[target][0] + post


@pytest.mark.parametrize("then", ["written", "loaded"])
def test_sums_from_before_still_wrap(then: str, same: Same) -> None:
    """A sum beyond W bits that waits while the weight it was made with goes, or that came with a state."""
    program = Program.build(
        params=Params(delay_slots=4, accumulator_bits=8),
        types=(NeuronType(),),
        threshold=[9],
        inputs=1,
        pre=[0],
        post=[1],
        weight=[100 if then == "written" else 1],
        delay=[2],
    )
    targets = Reference(program), ArrayEmulator(program)
    for target in targets:
        if then == "written":
            target.run(Events.from_steps([[0, 0]]))
            target.write_weights(0, 1)
        else:
            state = target.state()
            state.accumulators[1] = 200
            target.load_state(state)
    expected, got = (target.run(Events.from_steps([[], [], []]), keep_states=True) for target in targets)
    assert expected.total("overflows") == 1
    same(got, expected)
