"""Placements that are tried where none was asked for: few cores first, then more; few events between cores."""

from collections.abc import Iterator
from math import ceil

import numpy as np

from ganglion.model.compiler.place.arrange import arrange
from ganglion.model.compiler.place.load import Load, capacity, load_of
from ganglion.model.compiler.place.neurons import Places
from ganglion.model.compiler.place.partition import Graph
from ganglion.model.compiler.place.repair import Moves, refine, repair
from ganglion.model.spec.program import IntArray, Program

GROWTH = 1.1
"""How many times the cores are tried where fewer did not do."""

HOPELESS = 1.5
"""A core this much overfull is not worth repairing while there are more cores to try."""

SMALL = 50_000
"""Synapses up to which neurons are moved one by one to save events, and several partitions are tried."""

SEEDS = 4
"""Partitions of a small network that are tried."""


def automatic_places(program: Program) -> Iterator[Places]:
    """Placements, likely ones first; the last one is as good as it gets, whether it fits or not.

    On a chip of one core neuron n is in row n, even beyond the rows there are. On larger ones a network that may fit
    one core is tried there first, likewise.
    """
    params, number = program.params, np.arange(program.neurons)
    in_order = Places(np.zeros_like(number), number)
    if params.cores == 1:
        yield in_order
        return
    least = least_cores(program)
    if least == 1:
        yield in_order
    graph = Graph(program, params)
    cores = max(2, least)
    while True:
        places, load = _place(program, graph, cores)
        excess = float((load.used / capacity(params)).max())
        if excess <= 1 or cores == params.cores:
            yield places
        if cores == params.cores:
            return
        cores = min(params.cores, max(cores + 1, ceil(cores * (min(excess, 2) if excess > 1 else GROWTH))))


def least_cores(program: Program) -> int:
    """Fewer cores than this cannot hold the network, whatever the placement."""
    params = program.params
    senders = int((np.diff(program.row) > 0).sum())
    needed = (
        program.neurons / params.neurons,
        senders / params.axons,
        program.synapses / (params.synapse_words * params.lanes * params.beats),
    )
    return min(params.cores, max(1, ceil(max(needed))))


def _place(program: Program, graph: Graph, cores: int) -> tuple[Places, Load]:
    """The best of some partitions onto so many cores: the least overfull; of those that fit, that of fewest events."""
    params = program.params
    small = program.synapses <= SMALL
    parts = [graph.parts(cores, seed) for seed in range(SEEDS if small else 1)]
    parts += [np.arange(program.neurons) * cores // program.neurons] if small else []
    found = []
    for part in parts:
        places, load = _settle(program, part, cores)
        excess = max(1.0, float((load.used / capacity(params)).max()))
        found.append((excess, load.events(program, places), places, load))
    _, _, places, load = min(found, key=lambda candidate: candidate[:2])
    return places, load


def _settle(program: Program, part: IntArray, cores: int) -> tuple[Places, Load]:
    """Parts on cores, near each other where they talk, with what is overfull repaired."""
    params, rng = program.params, np.random.default_rng(0)
    places = _in_rows(part)
    load = load_of(program, places)
    excess = float((load.used / capacity(params)).max())
    small = program.synapses <= SMALL
    if (excess <= HOPELESS or cores == params.cores) and (excess > 1 or small):
        moves = Moves(program, part, load.used, load.entries, params)
        repair(moves, capacity(params), cores, rng)
        if small:
            refine(moves, capacity(params), cores, rng, most=4 * program.neurons)
        places = _in_rows(moves.core)
        load = load_of(program, places)
    core = arrange(_traffic(program, places, load), params)
    places = _in_rows(core[places.core])
    return places, load_of(program, places)


def _in_rows(core: IntArray) -> Places:
    """The neurons of each core in the order of their numbers, from row 0: populations stay together."""
    order = np.argsort(core, kind="stable")
    first = np.searchsorted(core[order], core[order])
    row = np.empty_like(core)
    row[order] = np.arange(core.size) - first
    return Places(core, row)


def _traffic(program: Program, places: Places, load: Load) -> IntArray:
    """Events from core to core if every neuron fired once, shape (cores, cores)."""
    cores = program.params.cores
    source, core = load.reach[load.reach[:, 0] >= program.inputs].T
    home = places.core[source - program.inputs]
    return np.bincount(home * cores + core, minlength=cores * cores).reshape(cores, cores)
