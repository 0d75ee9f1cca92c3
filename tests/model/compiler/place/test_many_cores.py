"""Wherever neurons sit, the memories of the chip hold exactly the synapses of the program."""

from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from ganglion.model.compiler import Encoding, Image, compile_program, load_image, save_image, unpack
from ganglion.model.compiler.predict import cycle_model
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.packets import ACCESS, Scope
from ganglion.model.spec.params import RADIX, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.tree import cores_of, route_to

LEVELS: list[tuple[int, ...]] = [(), (1,), (2,), (3,), (4,), (4, 2), (4, 4), (2, 1, 3), (2, 2, 2, 2), (4, 4, 2)]
ENCODINGS: tuple[Encoding, ...] = ("auto", "sparse", "dense", "random")


def random_program(seed: int, levels: tuple[int, ...]) -> Program:
    """A network of any shape that fits a chip of these levels: up to 32 neurons, some synapses doubled, some zero."""
    rng = np.random.default_rng((seed, 0x71))
    params = Params(
        name="drawn",
        neurons=16 if levels else 32,
        axons=int(rng.choice([160, 512])),
        lanes=int(rng.choice([1, 2, 4, 8])),
        weight_bits=int(rng.choice([4, 8, 16])),
        delay_slots=int(rng.choice([2, 4, 16])),
        synapse_words=2048,
        fanout_entries=512,
        accumulator_bits=24,
        levels=levels,
    )
    neurons, inputs = int(rng.integers(1, min(32, params.neurons * params.cores) + 1)), int(rng.integers(0, 6))
    count = int(rng.choice([0, 5, 40, 150]))
    half = 1 << params.weight_bits - 1
    return Program.build(
        params=params,
        types=(NeuronType(),),
        threshold=np.arange(neurons),
        inputs=inputs,
        pre=rng.integers(inputs + neurons, size=count),
        post=inputs + rng.integers(neurons, size=count),
        weight=rng.integers(-half, half, size=count),
        delay=rng.integers(1, min(4, params.delay_slots), size=count),
        outputs=np.flatnonzero(rng.random(neurons) < 0.5),
    )


def listed(program: Program) -> Counter[tuple[int, ...]]:
    """The synapses of a program with weights other than 0."""
    sources = program.pre
    synapses = np.stack((sources, program.post_neuron, program.weight, program.delay), axis=1)
    return Counter(map(tuple, synapses[program.weight != 0].tolist()))


def entries_of(image: Image, neuron: int) -> list[tuple[Scope, int, int]]:
    """Scope, route and axon of each fan-out entry of a neuron."""
    fanout = image.columns(Memory.FANOUT, int(image.neurons.core[neuron]))
    entry, entries = int(image.neurons.row[neuron]), []
    while True:
        entries.append((Scope(fanout["scope"][entry]), int(fanout["route"][entry]), int(fanout["axon"][entry])))
        entry = int(fanout["next"][entry])
        if not entry:
            return entries


def reached(image: Image) -> set[tuple[int, int]]:
    """Source and core of every delivery, by the tables alone."""
    levels, inputs = image.params.levels, image.program.inputs
    start, found = image.inputs.start, []
    for source in range(inputs):
        for route in image.inputs.route[start[source] : start[source + 1]].tolist():
            found += [(source, core) for core in cores_of(levels, route)]
    for neuron, home in enumerate(image.neurons.core.tolist()):
        for scope, route, _ in entries_of(image, neuron):
            if scope == Scope.CORE:
                found.append((inputs + neuron, home))
            elif scope >= Scope.LEVEL_1:
                level = scope - Scope.LEVEL_1 + 1
                own = (1 << RADIX * level) - 1
                assert route & ~own == 0, "no masks above the router where the spike turns"
                way = route | route_to(levels, home) & ~own
                cores = cores_of(levels, way)
                assert level == 1 or route >> RADIX * (level - 1) != route_to(levels, home) >> RADIX * (level - 1) & 15
                assert cores != [home], "a destination in the own core alone needs no router"
                found += [(inputs + neuron, core) for core in cores]
    assert len(found) == len(set(found)), "no core gets the same event twice"
    return set(found)


def pairs(program: Program, core: IntArray) -> set[tuple[int, int]]:
    """Source and core of every delivery that the synapses ask for."""
    sources = program.pre
    return set(zip(sources.tolist(), core[program.post_neuron].tolist(), strict=True))


def check(image: Image) -> None:
    """All that must hold of an image, whatever the placement."""
    program, params = image.program, image.params
    assert len(image.cores) == params.cores
    assert Counter(map(tuple, unpack(image).tolist())) == listed(program)
    asked = pairs(program, image.neurons.core)
    idle = {(source, 0) for source in range(program.inputs)} if params.cores == 1 else set()
    assert reached(image) == asked | idle

    hosts = {
        neuron: [axon | route << 16 for scope, route, axon in entries_of(image, neuron) if scope == Scope.HOST]
        for neuron in range(program.neurons)
    }
    outputs = program.outputs.tolist()
    assert hosts == {n: [outputs.index(n)] if n in outputs else [] for n in range(program.neurons)}

    places, half = image.synapses, 1 << params.weight_bits - 1
    np.testing.assert_array_equal(places.core, image.neurons.core[program.post_neuron])
    for synapse, weight in enumerate(program.weight.tolist()):
        chunks = image.cores[places.core[synapse]].memories[Memory.SYNAPSES].chunks[places.row[synapse]]
        raw = int(chunks[places.bit[synapse] // CHUNK_BITS]) >> int(places.bit[synapse]) % CHUNK_BITS
        assert ((raw + half) & (2 * half - 1)) - half == weight
    for core in range(params.cores):
        columns = image.columns(Memory.NEURONS, core)
        here = np.flatnonzero(image.neurons.core == core)
        np.testing.assert_array_equal(columns["threshold"][image.neurons.row[here]], program.threshold[here])


@pytest.mark.parametrize("levels", LEVELS, ids=str)
def test_random_programs_in_random_places(levels: tuple[int, ...]) -> None:
    """36 programs for each chip: every encoding, with placements that are random and placements that are not."""
    for seed, (encoding, placement) in enumerate(product(ENCODINGS, ["random"] * 7 + [None] * 2)):
        program = random_program(seed, levels)
        rng = np.random.default_rng(seed)
        check(compile_program(program, encoding=encoding, placement=placement, rng=rng, allow_overflow=True))


def test_images_of_many_cores_are_saved_whole(tmp_path: Path) -> None:
    program = random_program(7, (4, 2))
    image = compile_program(program, placement="random", rng=np.random.default_rng(7), allow_overflow=True)
    save_image(image, tmp_path / "image.npz")
    loaded = load_image(tmp_path / "image.npz", program.params)
    for name in ("neurons", "inputs", "synapses"):
        for field, values in vars(getattr(image, name)).items():
            np.testing.assert_array_equal(values, getattr(getattr(loaded, name), field))
    for core in range(8):
        np.testing.assert_array_equal(image.packets(core), loaded.packets(core))
    assert loaded.usage == image.usage
    np.testing.assert_array_equal(unpack(loaded), unpack(image))


def test_packets_find_their_core() -> None:
    image = compile_program(random_program(3, (4, 2)), placement="random", rng=np.random.default_rng(1))
    for core in range(8):
        routes = {ACCESS.unpack(word)["route"] for word in image.packets(core).tolist()}
        assert [cores_of((4, 2), route) for route in routes] == [[core]]


@pytest.mark.parametrize("levels", [(1,), (4, 2)], ids=str)
def test_the_cycle_model_is_of_one_core_without_routers(levels: tuple[int, ...]) -> None:
    image = compile_program(random_program(3, levels), placement="random", rng=np.random.default_rng(1))
    with pytest.raises(ParamsError, match=r"one core without routers; the image is for levels \([0-9, ]+\)"):
        cycle_model(image)
