"""No accumulator can overflow, or the compiler says which one, and how to allow it."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganglion.model.compiler import accumulator_bounds, compile_program
from ganglion.model.spec.errors import AccumulatorBoundError
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference


def fan_in(weights: list[int], **changes: object) -> Program:
    """Inputs with one synapse each to neuron 1 of two, in a chip with accumulators of 8 bits."""
    arguments: dict[str, object] = {
        "params": PRESETS["tiny"].replace(synapse_words=64, axons=64),
        "types": (NeuronType(),),
        "threshold": [127, 127],
        "inputs": len(weights),
        "pre": np.arange(len(weights)),
        "post": len(weights) + 1 + np.zeros(len(weights), dtype=np.int64),
        "weight": weights,
        "names": {"out": (1, 1)},
    }
    return Program.build(**(arguments | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("weights", [[7] * 18 + [1], [-8] * 16, [7] * 18 + [1] + [-8] * 16])
def test_bounds_that_are_just_reached_are_allowed(weights: list[int]) -> None:
    compile_program(fan_in(weights))


@pytest.mark.parametrize(("weights", "bound"), [([7] * 18 + [2], 128), ([-8] * 16 + [-1], -129)])
def test_bounds_that_are_passed_are_refused(weights: list[int], bound: int) -> None:
    message = rf"neuron out\[0\] can receive {bound} in one step.* 8 bits holds -128 to 127.*allow_overflow=True"
    with pytest.raises(AccumulatorBoundError, match=message):
        compile_program(fan_in(weights))
    compile_program(fan_in(weights), allow_overflow=True)


def test_the_worst_neuron_is_named_and_the_others_counted() -> None:
    source = np.arange(40) % 20
    target = np.arange(40) // 20
    weight = np.where(target == 0, 7, -8)
    program = fan_in([0] * 20, pre=source, post=20 + target, weight=weight)
    low, high = accumulator_bounds(program)
    assert (low.tolist(), high.tolist()) == ([0, -160], [140, 0])
    with pytest.raises(AccumulatorBoundError, match=r"neuron out\[0\] can receive -160.*1 other neurons"):
        compile_program(program)


def test_delays_do_not_loosen_the_bound() -> None:
    """Synapses of different delays meet in one slot when their axons fire in different steps."""
    with pytest.raises(AccumulatorBoundError):
        compile_program(fan_in([7] * 19, delay=1 + np.arange(19) % 3))


@settings(max_examples=50)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_no_run_leaves_the_bounds(
    programs: Callable[..., st.SearchStrategy[Program]], data: st.DataObject, seed: int
) -> None:
    """In a run in which each axon fires at most once a step, every slot stays between its bounds."""
    params = Params(neurons=16, weight_bits=8, delay_slots=4, accumulator_bits=24, axons=64, synapse_words=512)
    program = data.draw(programs(params))
    low, high = accumulator_bounds(program)
    rng = np.random.default_rng(seed)
    events = Events.from_raster(rng.integers(0, 2, size=(12, program.inputs)))
    for state in Reference(program).run(events, keep_states=True).states:
        assert (low <= state.accumulators).all() and (state.accumulators <= high).all()
