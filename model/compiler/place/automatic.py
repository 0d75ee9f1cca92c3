"""Placements that are tried where none was asked for: few cores first, then more; few events between cores."""

from collections.abc import Iterator
from math import ceil

import numpy as np

from ganglion.model.compiler.layout import Places
from ganglion.model.compiler.place.arrange import arrange
from ganglion.model.compiler.place.load import Load, capacity, load_of
from ganglion.model.compiler.place.partition import Graph
from ganglion.model.compiler.place.repair import ENTRIES, Moves, refine, repair
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

GROWTH = 1.1
"""How many times the cores are tried where fewer did not do."""

HOPELESS = 1.5
"""A core this much overfull is not worth repairing while there are more cores to try."""

ROOMY = 0.93
"""Cores that are fuller than this on average are not worth repairing in a large network, likewise."""

SMALL = 50_000
"""Synapses up to which neurons are moved one by one to save events, and several partitions are tried."""

SEEDS = 4
"""Partitions of a small network that are tried."""

MARGINS = (1.0, 0.97, 0.94)
"""How full a core may be in one repair after the other."""


def automatic_places(program: Program, progress: Progress = SILENT) -> Iterator[Places]:
    """Placements, likely ones first; the last one is as good as it gets, whether it fits or not.

    On a chip of one core neuron n is in row n, even beyond the rows there are. On larger ones a network that may fit
    one core is tried there first, likewise. `progress` is told of each partition that is tried.
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
    most = max(1, min(params.cores, program.neurons))
    cores = min(most, max(2, least))
    while True:
        places, load = _place(program, graph, cores, progress)
        excess = _excess(load, params)
        if excess <= 1 or cores == most:
            yield places
        if cores == most:
            return
        cores = min(most, max(cores + 1, ceil(cores * (min(excess, 2) if excess > 1 else GROWTH))))


def least_cores(program: Program) -> int:
    """Fewer cores than this cannot hold the network, whatever the placement."""
    params = program.params
    senders = int((np.diff(program.indptr) > 0).sum())
    needed = (
        program.neurons / params.neurons,
        senders / params.axons,
        program.synapses / (params.synapse_words * params.lanes * params.beats),
    )
    return min(params.cores, max(1, ceil(max(needed))))


def _place(program: Program, graph: Graph, cores: int, progress: Progress) -> tuple[Places, Load]:
    """The best of some partitions onto so many cores: the least overfull; of those that fit, that of fewest events."""
    params = program.params
    small = program.synapses <= SMALL
    # To the generator of METIS the seeds 0 and 1 are the same.
    seeds = range(1, 1 + (SEEDS if small else 1))
    found = []
    with progress.task(f"placing on {cores} cores", 2 * len(seeds)) as task:
        for seed in seeds:
            part = graph.parts(cores, seed)
            task.advance()
            found.append(_settle(program, part, cores))
            task.advance()
    if small:
        found.append(_settle(program, np.arange(program.neurons) * cores // program.neurons, cores))
    ranks = [(max(1.0, _excess(load, params)), load.events(program, places)) for places, load in found]
    best = ranks.index(min(ranks))
    excess, (places, load) = ranks[best][0], found[best]
    # Where a part went changed its fan-out entries, and rows that neurons left and joined pack otherwise than before.
    open_to = np.arange(cores) if cores == params.cores else np.unique(places.core)
    for margin in MARGINS if _worth_repair(program, load, cores) else ():
        if excess <= 1:
            break
        again, load_then = _moved(program, places, load, open_to, margin)
        if _excess(load_then, params) < excess:
            places, load, excess = again, load_then, _excess(load_then, params)
    return places, load


def _settle(program: Program, part: IntArray, cores: int) -> tuple[Places, Load]:
    """Parts on cores, near each other where they talk, with what is overfull repaired."""
    params = program.params
    places = _in_rows(part)
    load = load_of(program, places)
    if program.synapses <= SMALL or (_excess(load, params) > 1 and _worth_repair(program, load, cores)):
        places, load = _moved(program, places, load, np.arange(cores), 1.0)
    core = arrange(_traffic(program, places, load), params)
    places = _in_rows(core[places.core])
    return places, load_of(program, places)


def _worth_repair(program: Program, load: Load, cores: int) -> bool:
    """Whether moving neurons is more likely to help than more cores are."""
    params = program.params
    if cores == params.cores:
        return True
    busy = load.used[load.used[:, 0] > 0]
    full = float((busy.mean(axis=0) / capacity(params)).max())
    return _excess(load, params) <= HOPELESS if program.synapses <= SMALL else full <= ROOMY


def _moved(program: Program, places: Places, load: Load, cores: IntArray, margin: float) -> tuple[Places, Load]:
    """A placement after repair, and after moves that save events where the network is small.

    Args:
        program: the network.
        places: where the neurons are.
        load: of these places.
        cores: those that neurons may be in.
        margin: how much of the words and entries of a core may be used, since these are estimates.
    """
    limits = capacity(program.params) * np.array([1, 1, margin, margin])
    limits[ENTRIES] = max(limits[ENTRIES], program.params.neurons)
    rng = np.random.default_rng(0)
    moves = Moves(program, places.core, load.used, load.entries)
    repair(moves, limits, cores, rng)
    if program.synapses <= SMALL:
        refine(moves, limits, cores, rng, most=4 * program.neurons)
    places = _in_rows(moves.core)
    return places, load_of(program, places)


def _excess(load: Load, params: Params) -> float:
    """How overfull the worst resource of the worst core is; at most 1 where all fits."""
    return float((load.used / capacity(params)).max())


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
