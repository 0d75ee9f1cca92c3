"""Placements of short steps: more cores and fuller lanes, the same network, and never more cycles than before."""

import numpy as np
import pytest

from ganglion.model.compiler import Image, compile_program, unpack
from ganglion.model.compiler.place.activity import activity_of
from ganglion.model.compiler.place.lanes import Lanes
from ganglion.model.compiler.predict import predict_cycles
from ganglion.model.compiler.usage import Resource
from ganglion.model.spec.errors import EventError, PlacementError
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference

CHIP = Params(
    name="four", neurons=64, axons=256, synapse_words=1024, fanout_entries=128, lanes=4, entry_bits=32, levels=(4,)
)

FAN_OUT = 16
"""Of inputs, in 14 groups of 4 neurons: sparse rows are shorter, dense ones take fewer words."""


def sparse(seed: int) -> Program:
    """Inputs with synapses to some of the neurons, far apart, and neurons with a few to others."""
    rng = np.random.default_rng(seed)
    inputs, neurons = 24, 56
    driven = [rng.choice(neurons, FAN_OUT, replace=False) for _ in range(inputs)]
    return Program.build(
        params=CHIP,
        types=(NeuronType.leaky(3),),
        threshold=12,
        neurons=neurons,
        inputs=inputs,
        pre=np.concatenate((np.repeat(np.arange(inputs), FAN_OUT), rng.integers(inputs, inputs + neurons, neurons))),
        post=inputs + np.concatenate((*driven, rng.integers(0, neurons, neurons))),
        weight=5,
    )


def run_of(seed: int, inputs: int = 24) -> Events:
    rng = np.random.default_rng(seed)
    return Events.from_steps(np.flatnonzero(rng.random(inputs) < 0.4) for _ in range(8))


def cycles(image: Image, events: Events) -> int:
    everyone = image.program.replace(outputs=np.arange(image.program.neurons))
    return int(predict_cycles(image, events, Reference(everyone).run(events)).sum())


def test_sparse_rows_and_idle_cores_shorten_steps_of_the_same_network() -> None:
    program, events = sparse(0), run_of(1)
    memory = compile_program(program)
    assert np.unique(memory.neurons.core).size == 1
    for samples in ([], [run_of(0)]):
        fast = compile_program(program, aim="latency", samples=samples)
        assert np.array_equal(unpack(fast), unpack(memory))
        assert np.unique(fast.neurons.core).size == 4
        assert cycles(fast, events) < 0.6 * cycles(memory, events)


def test_latency_never_takes_more_cycles_than_memory() -> None:
    """A chain in which one neuron fires at a time: any other core is a detour."""
    number = np.arange(12)
    chain = Program.build(
        params=CHIP, types=(NeuronType(),), threshold=0, neurons=12, inputs=1, pre=number, post=1 + number, weight=5
    )
    events = Events.from_steps([[0], *[[] for _ in range(12)]])
    fast = compile_program(chain, aim="latency", samples=[events])
    assert cycles(fast, events) <= cycles(compile_program(chain), events)


def test_fast_rows_take_no_more_words_than_there_are() -> None:
    """With less and less memory, rows go back to the fewest words; where "auto" fits, "fast" does."""
    words = {}
    frugal = compile_program(sparse(0)).usage[0][Resource.WORDS].used
    for room in (frugal, frugal + 20, 1024):
        chip = CHIP.replace(synapse_words=room, levels=())
        image = compile_program(sparse(0), chip, encoding="fast")
        words[room] = (image.usage[0][Resource.WORDS].used, cycles(image, run_of(0)))
    (least, slow), (_, better), (most, fastest) = words.values()
    assert least == frugal < most and slow > better > fastest


def test_the_search_keeps_its_books() -> None:
    program = sparse(3)
    rates = activity_of(program, [run_of(0)]).rates(program)
    lanes = Lanes(program, CHIP, rates, np.arange(program.neurons) % 4, 4)
    before = lanes.cost
    lanes.improve()
    places = lanes.places()
    assert lanes.cost < before
    assert np.unique(places.core * CHIP.neurons + places.row).size == program.neurons
    again = Lanes(program, CHIP, rates, places.core, 4)
    held = np.zeros((program.inputs + program.neurons, 16))
    np.add.at(held, (program.pre, (places.core * 4 + places.row % 4)[program.post_neuron]), 1)
    length = held.reshape(-1, 4, 4).max(axis=2)
    assert lanes.cost == pytest.approx(rates @ length.max(axis=1) + again._busy(length).max())


def test_what_is_to_be_fast_is_checked() -> None:
    program = sparse(0)
    with pytest.raises(PlacementError, match="aim must be one of memory, latency, not 'speed'"):
        compile_program(program, aim="speed")  # type: ignore[arg-type]
    with pytest.raises(PlacementError, match="samples say what is to be fast, and aim is 'memory'"):
        compile_program(program, samples=[run_of(0)])
    with pytest.raises(EventError, match="24"):
        compile_program(program, aim="latency", samples=[Events.from_steps([[24]])])
