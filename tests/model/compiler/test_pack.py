"""The memories of an image hold exactly the synapses, constants and destinations of the program."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganglion.model.compiler import Encoding, Image, compile_program, unpack
from ganglion.model.compiler.usage import Resource
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.packets import Scope
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program

Programs = Callable[..., st.SearchStrategy[Program]]
ENCODINGS: tuple[Encoding, ...] = ("auto", "sparse", "dense", "random")


def compiled(program: Program, encoding: Encoding, seed: int) -> Image:
    """Neurons in random rows, so that nothing may rely on their order."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(program.params.neurons)[: program.neurons]
    return compile_program(program, encoding=encoding, placement=order, rng=rng, allow_overflow=True)


def listed(program: Program) -> Counter[tuple[int, ...]]:
    """The synapses of a program with weights other than 0."""
    sources = program.pre
    synapses = np.stack((sources, program.post_neuron, program.weight, program.delay), axis=1)
    return Counter(map(tuple, synapses[program.weight != 0].tolist()))


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_what_was_packed_is_unpacked(encoding: Encoding, programs: Programs, data: st.DataObject, seed: int) -> None:
    """Whatever the rows, the memories hold every synapse as often as the program does, and no other."""
    program = data.draw(programs())
    assert Counter(map(tuple, unpack(compiled(program, encoding, seed)).tolist())) == listed(program)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_each_weight_sits_where_the_image_says(
    encoding: Encoding, programs: Programs, data: st.DataObject, seed: int
) -> None:
    """Also a weight of 0 has a place of its own, inside the words of its row of the axon table."""
    program = data.draw(programs())
    image = compiled(program, encoding, seed)
    places, bits, lanes = image.synapses, program.params.weight_bits, program.params.lanes
    chunks = image.cores[0].memories[Memory.SYNAPSES].chunks
    raw = chunks[places.row, places.bit // CHUNK_BITS].astype(np.int64) >> places.bit % CHUNK_BITS
    half = 1 << (bits - 1)
    np.testing.assert_array_equal(((raw + half) & (2 * half - 1)) - half, program.weight)
    assert len(set(zip(places.row.tolist(), places.bit.tolist(), strict=True))) == program.synapses
    assert (places.row % lanes == image.neurons.row[program.post_neuron] % lanes).all()

    axons = image.columns(Memory.AXONS)
    groups = axons["length"] * program.params.stride
    words = np.where(axons["dense"] == 1, -(-groups // program.params.beats), axons["length"])
    word = places.row // lanes - axons["first"][places.axon]
    assert ((word >= 0) & (word < words[places.axon])).all()


@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_auto_takes_no_more_words_than_any_other(programs: Programs, data: st.DataObject, seed: int) -> None:
    program = data.draw(programs())
    words = {}
    for encoding in ENCODINGS:
        usage = compiled(program, encoding, seed).usage[0]
        words[encoding] = usage[Resource.WORDS].used
    assert words["auto"] <= min(words["sparse"], words["dense"])


def ladder(params: Params) -> Program:
    """Inputs that reach one neuron, all neurons, all neurons twice, none; a chain of neurons; every other an output."""
    neurons = params.neurons
    every = np.arange(neurons)
    return Program.build(
        params=params,
        types=(NeuronType(), NeuronType.leaky(2, refractory=1)),
        threshold=every + 1,
        bias=-every,
        type=every % 2,
        inputs=4,
        pre=np.concatenate(([0], np.full(neurons, 1), np.full(2 * neurons, 2), 4 + every[:-1])),
        post=4 + np.concatenate(([3], every, every, every, every[1:])),
        weight=1,
        outputs=every[::2],
        seed=0x12345678,
    )


SIXTEEN = Params(name="sixteen", neurons=16, axons=32, lanes=2, synapse_words=128, fanout_entries=32, noise=True)


def test_auto_takes_dense_rows_for_dense_axons_only() -> None:
    image = compile_program(ladder(SIXTEEN))
    axons = image.columns(Memory.AXONS)
    assert SIXTEEN.beats == 1 + (3 + 1) // 8 == 1, "with one weight a beat, dense never takes fewer words"
    assert not axons["dense"].any()

    wide = SIXTEEN.replace(weight_bits=4)
    assert wide.beats == 2
    axons = compile_program(ladder(wide)).columns(Memory.AXONS)
    assert axons["dense"][:5].tolist() == [0, 1, 1, 1, 0]
    assert axons["length"][:5].tolist() == [1, 4, 4, 4, 0], "in strides of two groups"
    assert axons["first"][:5].tolist() == [0, 1, 5, 9, 0]
    assert axons["delay"][:5].tolist() == [0, 1, 1, 1, 0]
    assert axons["more"][:5].tolist() == [0, 0, 1, 0, 0]


def test_parts_of_a_row_are_dense_where_that_pays() -> None:
    """A block of 8 neurons and one neuron far away: one dense row, one sparse."""
    params = SIXTEEN.replace(weight_bits=4, lanes=1)
    assert params.beats == 2
    target = np.array([*range(2, 10), 15])
    program = Program.build(
        params=params,
        types=(NeuronType(),),
        threshold=np.ones(16, dtype=np.int64),
        inputs=1,
        pre=np.zeros(9, dtype=np.int64),
        post=1 + target,
        weight=3,
    )
    axons = compile_program(program).columns(Memory.AXONS)
    rows = {name: column[:2].tolist() for name, column in axons.items()}
    assert rows == {
        "first": [0, 1],
        "length": [1, 4],
        "dense": [0, 1],
        "group": [0, 2],
        "delay": [0, 1],
        "more": [1, 0],
    }
    single = compile_program(program, params.replace(axons=1)).columns(Memory.AXONS)
    assert (single["length"][0], single["dense"][0], single["more"][0]) == (7, 1, 0), "one row: 7 words, not 5"


def test_a_neuron_sends_to_its_own_axon_and_to_the_host() -> None:
    image = compile_program(ladder(SIXTEEN))
    fanout = image.columns(Memory.FANOUT)
    heard: dict[int, list[tuple[int, int]]] = {}
    for neuron in range(16):
        entry, heard[neuron] = int(image.neurons.row[neuron]), []
        while True:
            heard[neuron].append((int(fanout["scope"][entry]), int(fanout["axon"][entry])))
            entry = int(fanout["next"][entry])
            if not entry:
                break
    # The axons of the neurons lie behind those of the four inputs.
    assert heard[0] == [(Scope.CORE, 4), (Scope.HOST, 0)]
    assert heard[1] == [(Scope.CORE, 5)]
    assert heard[14] == [(Scope.CORE, 18), (Scope.HOST, 7)]
    assert heard[15] == [(Scope.NOWHERE, 0)]


def test_constants_follow_the_neurons_and_free_rows_never_spike() -> None:
    params = SIXTEEN
    program = Program.build(
        params=params,
        types=(NeuronType(), NeuronType(reset="subtract", noise=3)),
        threshold=[5, -6],
        bias=[-1, 2],
        type=[1, 0],
        inputs=0,
        pre=[],
        post=[],
        weight=[],
        seed=77,
    )
    image = compile_program(program, placement=[9, 4])
    neurons = image.columns(Memory.NEURONS)
    assert (neurons["threshold"][9], neurons["threshold"][4]) == (5, -6)
    assert (neurons["bias"][9], neurons["bias"][4]) == (-1, 2)
    assert (neurons["type"][9], neurons["type"][4]) == (1, 0)
    assert (neurons["number"][9], neurons["number"][4]) == (0, 1)
    free = np.setdiff1d(np.arange(16), [9, 4])
    assert (neurons["threshold"][free] == 32767).all()
    assert not any(neurons[name][free].any() for name in ("bias", "type", "number"))
    types = image.columns(Memory.TYPES)
    assert types["subtract"].tolist() == [0, 1, 0, 0]
    assert types["noise"].tolist() == [0, 7, 0, 0]
    assert image.columns(Memory.REGISTERS)["value"].tolist() == [77, 0]
    assert image.cores[0].memories[Memory.SYNAPSES].chunks.shape == (0, 1)


@pytest.mark.parametrize("name", ["tiny", "small", "board"])
def test_a_core_filled_to_the_last_row(name: str) -> None:
    """Every axon row and every synapse word in use: the last ones have numbers that just fit their fields."""
    params = PRESETS[name]
    lane = np.tile(np.arange(params.lanes), params.synapse_words)
    group = np.random.default_rng(3).integers(params.groups, size=lane.size)
    words = np.diff(np.linspace(0, params.synapse_words, params.axons + 1).astype(np.int64))
    program = Program.build(
        params=params,
        types=(NeuronType(),),
        threshold=np.ones(params.neurons, dtype=np.int64),
        inputs=params.axons,
        pre=np.repeat(np.arange(params.axons), words * params.lanes),
        post=params.axons + group * params.lanes + lane,
        weight=-1,
        outputs=[],
    )
    image = compile_program(program, encoding="sparse", allow_overflow=True)
    used = image.usage[0]
    assert used[Resource.AXONS].used == params.axons
    assert used[Resource.WORDS].used == params.synapse_words
    assert Counter(map(tuple, unpack(image).tolist())) == listed(program)
