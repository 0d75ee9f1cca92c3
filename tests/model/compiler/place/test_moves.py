"""What a move is said to do is what it does; parts that talk end up near; exchanges make room where there is none."""

from itertools import permutations

import numpy as np
import pytest

from ganglion.model.compiler import compile_program
from ganglion.model.compiler.layout import Places
from ganglion.model.compiler.place.arrange import arrange, distances
from ganglion.model.compiler.place.load import RESOURCES, Load, capacity, load_of
from ganglion.model.compiler.place.repair import AXONS, ENTRIES, NEURONS, WORDS, Moves, refine, repair
from ganglion.model.compiler.usage import Resource
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from tests.model.compiler.place.test_many_cores import random_program


def loaded(program: Program, core: IntArray) -> Load:
    row = np.array([int((core[:n] == core[n]).sum()) for n in range(core.size)])
    return load_of(program, Places(core, row))


def events(program: Program, core: IntArray) -> int:
    return loaded(program, core).events(program, Places(core, core))


def test_columns_have_their_names() -> None:
    names = {NEURONS: Resource.NEURONS, AXONS: Resource.AXONS, WORDS: Resource.WORDS, ENTRIES: Resource.ENTRIES}
    assert [names[k] for k in range(4)] == list(RESOURCES)


@pytest.mark.parametrize("levels", [(4,), (3, 2), (4, 4, 2)], ids=str)
def test_loads_are_those_of_the_image(levels: tuple[int, ...]) -> None:
    """With one sparse row per source and room for every number: only words may be fewer, where dense rows are."""
    for seed in range(20):
        program = random_program(seed, levels)
        rng = np.random.default_rng(seed)
        image = compile_program(program, encoding="sparse", placement="random", rng=rng, allow_overflow=True)
        used = np.array([[usage[resource].used for resource in RESOURCES] for usage in image.usage])
        load = load_of(program, image.neurons)
        np.testing.assert_array_equal(load.used[:, [NEURONS, AXONS, ENTRIES]], used[:, [NEURONS, AXONS, ENTRIES]])
        assert (load.used[:, WORDS] <= used[:, WORDS]).all()
        auto = compile_program(program, placement=image.neurons, allow_overflow=True)
        assert all(u[Resource.WORDS].used <= words for u, words in zip(auto.usage, used[:, WORDS], strict=True))


@pytest.mark.parametrize("levels", [(2,), (4,), (3, 2)], ids=str)
def test_moves_do_what_they_are_said_to_do(levels: tuple[int, ...]) -> None:
    """Events and axon rows to the last one, over a walk of moves; words where there is one lane."""
    for seed in range(30):
        program = random_program(seed, levels)
        program = program.replace(
            params=program.params.replace(lanes=1),
            delay=1 + np.arange(program.synapses) % 2 if program.params.delay_slots > 2 else 1,
        )
        rng = np.random.default_rng(seed)
        core = rng.integers(program.params.cores, size=program.neurons)
        load = loaded(program, core)
        moves = Moves(program, core, load.used, load.entries)
        now = events(program, core)
        for neuron in rng.integers(program.neurons, size=8).tolist():
            target = int(rng.integers(program.params.cores))
            if target == moves.core[neuron]:
                continue
            effects = moves.effects(neuron)
            now += effects.added[target]
            moves.move(neuron, target, effects)
            after = loaded(program, moves.core)
            assert events(program, moves.core) == now, f"seed {seed}"
            np.testing.assert_array_equal(moves.used[:, [NEURONS, AXONS]], after.used[:, [NEURONS, AXONS]])


def test_repair_empties_what_is_overfull() -> None:
    """All neurons in one core of four, each of which has room for a few more than a quarter of them."""
    for seed in range(10):
        program = random_program(seed, (4,))
        core = np.zeros(program.neurons, dtype=np.int64)
        load = loaded(program, core)
        limits = np.array([program.neurons // 4 + 2, 512, 2048, 512])
        moves = Moves(program, core, load.used, load.entries)
        repair(moves, limits, np.arange(4), np.random.default_rng(0))
        assert (loaded(program, moves.core).used <= limits).all(), f"seed {seed}"


def test_cores_without_a_free_row_exchange_neurons() -> None:
    """Two full cores, one short of axon rows: neurons that hear much and neurons that hear little change places."""
    params = Params(name="pair", neurons=8, axons=40, synapse_words=256, fanout_entries=32, levels=(2,))
    loud = np.repeat(np.arange(8), 8)
    program = Program.build(
        params=params,
        types=random_program(0, (2,)).types,
        threshold=np.ones(16, dtype=np.int64),
        inputs=72,
        pre=np.concatenate((np.arange(64), np.arange(64, 72))),
        post=72 + np.concatenate((loud, np.arange(8, 16))),
        weight=1,
    )
    core = np.repeat([0, 1], 8)
    load = loaded(program, core)
    assert load.used[:, AXONS].tolist() == [64, 8]
    moves = Moves(program, core, load.used, load.entries)
    repair(moves, capacity(params), np.arange(2), np.random.default_rng(0))
    assert (loaded(program, moves.core).used <= capacity(params)).all()
    assert np.bincount(moves.core).tolist() == [8, 8]


def test_refinement_only_saves_events() -> None:
    for seed in range(10):
        program = random_program(seed, (3,))
        rng = np.random.default_rng(seed)
        core = rng.integers(3, size=program.neurons)
        load = loaded(program, core)
        moves = Moves(program, core, load.used, load.entries)
        refine(moves, capacity(program.params), np.arange(3), rng, most=1000)
        after = loaded(program, moves.core)
        assert after.events(program, Places(moves.core, core)) <= load.events(program, Places(core, core))
        assert (after.used[:, NEURONS] <= program.params.neurons).all()
        for neuron in range(program.neurons):
            room = moves.used[:, NEURONS] < program.params.neurons
            room[moves.core[neuron]] = False
            assert (moves.effects(neuron)[2][room] >= 0).all(), "no single move is left that saves anything"


@pytest.mark.parametrize("levels", [(4,), (2, 2), (3, 2), (2, 3)], ids=str)
def test_the_arrangement_is_near_the_best(levels: tuple[int, ...]) -> None:
    """No swap shortens the way of the events, and the best order of all is at most a tenth shorter."""
    params = Params(levels=levels)
    cores, distance = params.cores, distances(params)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        traffic = rng.integers(0, 50, (cores, cores)) * (rng.random((cores, cores)) < 0.5)

        def way(core: IntArray, traffic: IntArray = traffic) -> int:
            return int((traffic * distance[np.ix_(core, core)]).sum())

        found = arrange(traffic, params)
        assert sorted(found.tolist()) == list(range(cores))
        for one in range(cores):
            for other in range(one):
                swapped = found.copy()
                swapped[[one, other]] = swapped[[other, one]]
                assert way(swapped) >= way(found)
        best = min(way(np.array(order)) for order in permutations(range(cores)))
        assert way(found) <= 1.1 * best
