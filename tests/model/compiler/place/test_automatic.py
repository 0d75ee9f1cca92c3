"""Placements found without help: few cores, few events between them, and every capacity kept."""

from math import ceil, prod

import numpy as np
import pytest

from ganglion.model.benchmarks import placement as bench
from ganglion.model.compiler import Image, compile_program, unpack
from ganglion.model.compiler.layout import Places
from ganglion.model.compiler.place import automatic
from ganglion.model.compiler.place.arrange import distances
from ganglion.model.compiler.place.load import load_of
from ganglion.model.compiler.usage import Resource
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

CHIP = Params(
    name="chip", neurons=16, axons=256, lanes=2, synapse_words=2048, fanout_entries=64, delay_slots=4, levels=(4,)
)


def communities(params: Params, count: int, size: int, seed: int, inside: float = 1.0) -> tuple[Program, IntArray]:
    """Communities that talk among themselves, neurons shuffled; also the community of each neuron."""
    rng = np.random.default_rng(seed)
    neurons = count * size
    home = rng.permutation(np.repeat(np.arange(count), size))
    members = [np.flatnonzero(home == k) for k in range(count)]
    target = rng.integers(neurons, size=6 * neurons)
    near = np.array([rng.choice(members[home[t]]) for t in target])
    source = np.where(rng.random(target.size) < inside, near, rng.integers(neurons, size=target.size))
    program = Program.build(
        params=params,
        types=(NeuronType(),),
        threshold=np.ones(neurons, dtype=np.int64),
        inputs=count,
        pre=np.concatenate((count + source, np.repeat(np.arange(count), size))),
        post=count + np.concatenate((target, *members)),
        weight=1,
        delay=rng.integers(1, 4, size=target.size + neurons),
        outputs=[],
    )
    return program, home


def events(image: Image) -> int:
    """Deliveries that another placement might save."""
    return load_of(image.program, image.neurons).events(image.program, image.neurons)


def test_what_fits_one_core_stays_in_one() -> None:
    program, _ = communities(CHIP, 2, 8, seed=0)
    image = compile_program(program)
    assert set(image.neurons.core) == {0}
    np.testing.assert_array_equal(image.neurons.row, np.arange(16))
    assert events(image) == 0


@pytest.mark.parametrize("levels", [(2,), (4,), (3, 2), (4, 4)], ids=str)
def test_communities_are_found(levels: tuple[int, ...]) -> None:
    """As many communities as cores, each of as many neurons as a core has: no event need leave a core."""
    for seed in range(3):
        program, home = communities(CHIP.replace(levels=levels), prod(levels), 16, seed)
        image = compile_program(program)
        assert events(image) == 0, f"seed {seed}"
        assert len(set(zip(home.tolist(), image.neurons.core.tolist(), strict=True))) == prod(levels)


@pytest.mark.parametrize("levels", [(4, 2), (3, 2), (2, 4)], ids=str)
def test_communities_that_talk_get_cores_that_are_near(levels: tuple[int, int]) -> None:
    """Cities of as many communities as a router has cores: what passes between these stays below one router."""
    size, cities = levels
    for seed in range(4):
        program, home = communities(CHIP.replace(levels=levels, fanout_entries=128), size * cities, 16, seed)
        rng = np.random.default_rng(seed)
        towns = rng.permutation(size * cities).reshape(cities, size)
        pairs = [(s, t) for city in towns for s in city for t in city if s != t for _ in range(6)]
        members = [np.flatnonzero(home == k) for k in range(size * cities)]
        talk = Program.build(
            params=program.params,
            types=program.types,
            threshold=program.threshold,
            inputs=program.inputs,
            pre=np.concatenate((program.pre, [program.inputs + rng.choice(members[s]) for s, _ in pairs])),
            post=np.concatenate((program.post, [program.inputs + rng.choice(members[t]) for _, t in pairs])),
            weight=1,
            outputs=[],
        )
        core = compile_program(talk).neurons.core
        for city in towns:
            neurons = np.concatenate([members[community] for community in city])
            assert len(np.unique(core[neurons] // size)) == 1, f"seed {seed}"


def test_no_two_cores_would_better_change_places() -> None:
    params = CHIP.replace(fanout_entries=256, axons=1024, synapse_words=8192, levels=(4, 4))
    for seed in range(3):
        program, _ = communities(params, 16, 12, seed, inside=0.7)
        image = compile_program(program)
        load = load_of(program, image.neurons)
        source, core = load.reach[load.reach[:, 0] >= program.inputs].T
        traffic = np.zeros((16, 16), dtype=np.int64)
        np.add.at(traffic, (image.neurons.core[source - program.inputs], core), 1)

        def way(order: IntArray, traffic: IntArray = traffic) -> int:
            return int((traffic * distances(params)[np.ix_(order, order)]).sum())

        every = np.arange(16)
        for one, other in zip(*np.triu_indices(16, 1), strict=True):
            swapped = every.copy()
            swapped[[one, other]] = other, one
            assert way(swapped) >= way(every), f"seed {seed}, cores {one} and {other}"


def test_neurons_move_on_while_that_saves_events(monkeypatch: pytest.MonkeyPatch) -> None:
    params = CHIP.replace(fanout_entries=256, axons=1024, synapse_words=8192, levels=(4, 4))
    programs = [communities(params, 15, 11, seed, inside=0.4)[0] for seed in range(4)]
    moved = sum(events(compile_program(program)) for program in programs)
    monkeypatch.setattr(automatic, "refine", lambda *_, **__: None)
    assert moved < sum(events(compile_program(program)) for program in programs)


def test_placements_that_exist_are_found() -> None:
    """Chips made just larger than a placement that is known: some placement that fits is found, with events like it."""
    ratios = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        levels = ((2,), (3,), (4,), (4, 2), (4, 4))[seed % 5]
        size = int(rng.choice([8, 16]))
        roomy = CHIP.replace(neurons=16, axons=4096, fanout_entries=2048, levels=levels)
        program, home = communities(roomy, prod(levels), size, seed, inside=float(rng.choice([0.6, 0.9])))
        row = np.empty_like(home)
        for community in range(prod(levels)):
            row[home == community] = np.arange(size)
        known = compile_program(program, placement=Places(home, row), encoding="sparse")
        used = np.max([[use.used for use in usage.uses] for usage in known.usage], axis=0)
        snug = roomy.replace(
            neurons=size,
            axons=ceil(used[2] * 1.1),
            synapse_words=ceil(used[3] * 1.1),
            fanout_entries=size + ceil((used[4] - 16) * 1.1) + 1,
        )
        image = compile_program(program, snug)
        np.testing.assert_array_equal(unpack(image), unpack(known))
        ratios.append(events(image) / max(1, events(known)))
    assert np.median(ratios) <= 1.05, ratios


def test_layers_stay_dense() -> None:
    """Two layers of all-to-all synapses over four cores: every row is dense, and words are as few as they can be."""
    params = CHIP.replace(neurons=32, axons=256, weight_bits=4, synapse_words=1024, fanout_entries=64, delay_slots=2)
    first, second = np.divmod(np.arange(64 * 64), 64)
    program = Program.build(
        params=params,
        types=(NeuronType(),),
        threshold=np.ones(128, dtype=np.int64),
        inputs=64,
        pre=np.concatenate((first, 64 + first)),
        post=64 + np.concatenate((second, 64 + second)),
        weight=1,
        names={"hidden": (0, 64), "out": (64, 64)},
    )
    image = compile_program(program)
    words = 0
    for core in range(4):
        axons = image.columns(Memory.AXONS, core)
        assert axons["dense"][axons["length"] > 0].all()
        words += image.usage[core][Resource.WORDS].used
    assert words == 2 * 64 * 64 // (params.lanes * params.beats)


def test_the_same_placement_every_time() -> None:
    program, _ = communities(CHIP.replace(levels=(4, 4)), 16, 15, seed=3, inside=0.8)
    one, other = compile_program(program), compile_program(program)
    np.testing.assert_array_equal(one.neurons.core, other.neurons.core)
    np.testing.assert_array_equal(one.packets(5), other.packets(5))


def test_neurons_of_a_core_keep_their_order() -> None:
    program, _ = communities(CHIP.replace(levels=(4, 4)), 16, 15, seed=4, inside=0.8)
    image = compile_program(program)
    for core in np.unique(image.neurons.core):
        rows = image.neurons.row[image.neurons.core == core]
        np.testing.assert_array_equal(rows, np.arange(rows.size))


def test_fewer_neurons_than_cores() -> None:
    """A chip of sixteen cores for three neurons that no core can hold two of."""
    params = CHIP.replace(neurons=4, lanes=1, synapse_words=4, fanout_entries=4, levels=(4, 4))
    program = Program.build(
        params=params,
        types=(NeuronType(),),
        threshold=np.ones(3, dtype=np.int64),
        inputs=4,
        pre=np.arange(12) % 4,
        post=4 + np.arange(12) // 4,
        weight=1,
    )
    image = compile_program(program, encoding="sparse")
    assert len(set(image.neurons.core.tolist())) == 3
    assert np.diff(image.inputs.start).max() <= 2, "each input is multicast to three cores"


def test_a_sheet_of_neurons() -> None:
    """The network of the bench, made small: not more events than square patches of the sheet would send."""
    params = bench.CHIP.replace(neurons=512, axons=4096, synapse_words=1 << 13, fanout_entries=4096, levels=(4, 4))
    program = bench.sheet(80, 80, 20, params)
    y, x = np.divmod(np.arange(6400), 80)
    squares = np.stack((x // 20 + y // 20 * 4, x % 20 + y % 20 * 20), axis=1)
    assert events(compile_program(program)) <= events(compile_program(program, placement=squares))


@pytest.mark.slow
def test_a_hundred_thousand_neurons_in_two_minutes() -> None:
    """A sheet of 100,000 neurons with 10 million synapses is placed in two minutes and 4 GiB."""
    rate = bench.measure_placement()
    assert rate.seconds <= bench.SECONDS and rate.gibibytes <= bench.GIBIBYTES
    image = rate.image
    assert image.program.neurons == 100_000 and image.program.synapses > 9_900_000
