"""What placing and routing are held to, on their own: what comes of them without a change. A placement that is worse
than that counts as a difference: how good placements are is what most of this is for."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from math import prod
from types import ModuleType
from unittest.mock import patch

import numpy as np

from ganglion.model.compiler.layout import Places
from ganglion.model.compiler.place import automatic, repair
from ganglion.model.compiler.place.automatic import automatic_places, least_cores
from ganglion.model.compiler.place.load import Load, load_of
from ganglion.model.compiler.place.neurons import populations, random_places
from ganglion.model.compiler.place.partition import Graph
from ganglion.model.compiler.place.repair import Moves
from ganglion.model.compiler.route.axons import Chains, assign_axons
from ganglion.model.compiler.route.cover import cover, halves
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from tests.model.compiler.place.test_automatic import CHIP, communities
from tests.model.compiler.place.test_many_cores import random_program
from tests.mutations.patched import Case


def of_placement() -> Iterator[Case]:
    """All of them."""
    yield from _covers()
    yield from _axons()
    yield from _loads()
    yield from _moves()
    yield from _automatic()


def _covers() -> Iterator[Case]:
    for levels in ((), (1,), (3,), (4, 2), (3, 3), (2, 1, 3), (4, 4), (4, 4, 2), (4, 4, 4), (2, 4, 4)):
        rng = np.random.default_rng(len(levels))
        size = prod(levels)
        sets = [int.from_bytes(rng.bytes(8), "little") % (1 << size) for _ in range(12)]
        # Sets that children have in common, as wholes of a few of them, are what boxes are for.
        for _ in range(12):
            some = [set(rng.choice(count, rng.integers(1, count + 1), replace=False).tolist()) for count in levels]
            places = [np.unravel_index(core, levels[::-1])[::-1] for core in range(size)] if levels else [()]
            inside = [all(k in children for k, children in zip(at, some, strict=True)) for at in places]
            sets.append(sum(1 << core for core, here in enumerate(inside) if here))

        def covered(levels: tuple[int, ...] = levels, sets: list[int] = sets) -> object:
            boxes = [cover(levels, cores) for cores in sets]
            cut = [halves(levels, box) for found in boxes for box in found if len(box.cores) > 1]
            return [[(b.route, b.cores) for b in found] for found in (*boxes, *cut)]

        yield Case(f"covers on {levels}", covered)


def _axons() -> Iterator[Case]:
    """Chains for tables with room and without."""
    for seed in range(12):
        rng = np.random.default_rng(seed)
        levels = ((3,), (4,), (2, 2), (2, 3))[seed % 4]
        sources = 8
        chains = []
        for _ in range(prod(levels)):
            heard = np.sort(rng.permutation(sources)[: rng.integers(0, sources)])
            chains.append(Chains(heard, rng.integers(1, 5, heard.size)))
        most = max(int(chain.length.sum()) for chain in chains)
        for axons in (most, most + 2, most + 9, max(1, most - 2)):
            params = Params(name="chip", neurons=8, axons=max(8, axons), levels=levels)

            def numbered(chains: list[Chains] = chains, params: Params = params, sources: int = sources) -> object:
                destinations, first = assign_axons(chains, sources, params)
                return [part.tolist() for part in (*vars(destinations).values(), *first)]

            yield Case(f"axons {seed}, {axons} rows", numbered)
    alone = [
        Chains(np.array([0, 1]), np.array([1, 1])),
        Chains(np.array([1, 2]), np.array([1, 3])),
        Chains(np.array([0, 2]), np.array([2, 2])),
    ]
    for axons in (4, 5, 8):
        params = Params(name="chip", neurons=4, axons=axons, levels=(3,))
        yield Case(
            f"a core alone, {axons} rows",
            lambda params=params: [part.tolist() for part in assign_axons(alone, 3, params)[1]],
        )


def _programs() -> Iterator[tuple[str, Program]]:
    for seed, levels in enumerate([(2,), (4,), (3, 2), (4, 2), (2, 2)]):
        yield f"{levels} {seed}", random_program(seed, levels)
        yield f"communities {levels} {seed}", communities(CHIP.replace(levels=levels), prod(levels), 7, seed, 0.6)[0]


def _anywhere(program: Program, seed: int) -> IntArray:
    return np.random.default_rng(seed).integers(program.params.cores, size=program.neurons)


def _in_rows(core: IntArray) -> Places:
    return Places(core, np.array([int((core[:n] == core[n]).sum()) for n in range(core.size)]))


def _of_load(program: Program, places: Places) -> object:
    load = load_of(program, places)
    return load.used.tolist(), load.entries.tolist(), load.reach.tolist(), load.events(program, places)


def _loads() -> Iterator[Case]:
    for name, program in _programs():
        yield Case(f"load of {name}", lambda p=program: _of_load(p, _in_rows(_anywhere(p, 1))))
        yield Case(f"parts of {name}", partial(_of_parts, program))
        for seed in range(3):
            yield Case(
                f"random places of {name} {seed}",
                lambda p=program, seed=seed: [
                    each.tolist()
                    for each in vars(random_places(p.neurons, p.params, np.random.default_rng(seed))).values()
                ],
            )
        yield Case(f"populations of {name}", lambda p=program: populations(p, _in_rows(_anywhere(p, 2)), 1))


def _of_parts(program: Program) -> object:
    """The graph as METIS sees it, and partitions: small changes of its weights are too few to change these."""
    graph = Graph(program, program.params)
    parts = [graph.parts(count, seed).tolist() for count in (1, 2, program.params.cores) for seed in (1, 2)]
    return parts, {name: np.asarray(value).tolist() for name, value in vars(graph).items()}


def _started(program: Program, core: IntArray) -> Moves:
    load = load_of(program, _in_rows(core))
    return Moves(program, core, load.used, load.entries)


def _moves() -> Iterator[Case]:
    """Moves of neurons one by one, and what repair and refinement make of placements, with room and with little."""
    for name, program in _programs():

        def walked(program: Program = program) -> object:
            rng, told = np.random.default_rng(5), []
            moves = _started(program, _anywhere(program, 1))
            for neuron in rng.integers(program.neurons, size=6).tolist():
                effects = moves.effects(neuron)
                told.append([each.tolist() for each in effects])
                moves.move(neuron, int(rng.integers(program.params.cores)), effects)
            return told, moves.core.tolist(), moves.used.tolist(), moves.count.tolist()

        yield Case(f"moves of {name}", walked)
        for seed, share in enumerate((0.5, 0.8, 1.0, 1.3)):
            yield Case(f"repair of {name}, {share}", partial(_repaired, program, seed, share))
            yield Case(f"refinement of {name}, {share}", partial(_refined, program, seed, share))


LITTLE = {"PAIRS": 3, "SAMPLE": 4, "ROUNDS": 4}
"""So that small networks get to the ends of what is looked at."""


def _repaired(program: Program, seed: int, share: float) -> object:
    told = []
    for constants in ({"ROUNDS": 12}, LITTLE):
        with _with(repair, constants):
            moves = _started(program, _anywhere(program, seed) * (seed % 2))
            limits = np.maximum(1, np.ceil(moves.used.mean(axis=0) * (1 + share)))
            cores = np.arange(program.params.cores)[: max(2, program.params.cores - seed % 2)]
            repair.repair(moves, limits, cores, np.random.default_rng(seed))
            told.append((moves.core.tolist(), moves.used.tolist()))
    return told


def _refined(program: Program, seed: int, share: float) -> object:
    told = []
    for most in (1, program.neurons, 4 * program.neurons):
        moves = _started(program, _anywhere(program, seed))
        limits = np.ceil(moves.used.max(axis=0) * (1 + share / 4))
        rng = np.random.default_rng(seed)
        repair.refine(moves, limits, np.arange(program.params.cores), rng, most=most)
        told.append((moves.core.tolist(), rng.integers(1 << 30)))
    return told


def _with(module: ModuleType, constants: Mapping[str, float]) -> ExitStack:
    stack = ExitStack()
    for name, value in constants.items():
        stack.enter_context(patch.object(module, name, value))
    return stack


def _automatic() -> Iterator[Case]:
    """All placements that are tried, with room and with little, as a small network and as a large one."""
    brim = communities(CHIP, 2, 16, 1)[0]
    for growth in (1.1, 2.5):
        yield Case(f"two cores full to the brim, growth {growth}", partial(_all_places, brim, {"GROWTH": growth}))
    few = {"senders": _few_neurons(40, 1, axons=16), "synapses": _few_neurons(8, 50, synapse_words=64, weight_bits=4)}
    for name, least in few.items():
        yield Case(f"few neurons, many {name}", partial(_all_places, least, {}))
    for seed, levels in enumerate([(2,), (4,), (3,), (3, 2)]):
        roomy = communities(CHIP.replace(levels=levels), prod(levels), 9 - seed, seed, 0.7)[0]
        load = next(iter(_placed(roomy)))
        for share in (1.0, 0.9, 0.8):
            snug = _snug(roomy, load, share)
            for constants in ({}, {"SMALL": snug.synapses}, {"SMALL": snug.synapses - 1}, {"SEEDS": 1, "GROWTH": 1.5}):
                yield Case(f"places on {levels}, {share}, {constants}", partial(_all_places, snug, constants))


def _few_neurons(inputs: int, each: int, **sizes: int) -> Program:
    """Neurons that one core has room for, with so many inputs, and synapses of each of them."""
    return Program.build(
        params=CHIP.replace(name="few", **sizes),
        types=(NeuronType(),),
        threshold=np.ones(12, dtype=np.int64),
        inputs=inputs,
        pre=np.repeat(np.arange(inputs), each),
        post=inputs + np.arange(inputs * each) % 12,
        weight=1,
    )


def _placed(program: Program) -> Iterator[Load]:
    yield from (load_of(program, places) for places in automatic_places(program))


def _snug(program: Program, load: Load, share: float) -> Program:
    """The network on a chip whose cores have a share of what the fullest of a placement takes."""
    neurons, axons, words, entries = np.ceil(load.used.max(axis=0) * share).astype(int).tolist()
    del neurons
    chip = program.params.replace(
        name="snug", axons=axons, synapse_words=words, fanout_entries=max(entries, program.params.neurons)
    )
    return program.replace(params=chip)


def _all_places(program: Program, constants: Mapping[str, float]) -> object:
    with _with(automatic, constants), _with(repair, {"ROUNDS": 8}):
        return least_cores(program), [
            (places.core.tolist(), places.row.tolist()) for places in automatic_places(program)
        ]
