"""Placements of short steps: as many cores as help, and in each of them lanes that are equally full."""

from collections.abc import Iterator

import numpy as np

from ganglion.model.compiler.layout import Places
from ganglion.model.compiler.place.activity import Activity
from ganglion.model.compiler.place.lanes import Lanes
from ganglion.model.compiler.place.partition import Graph
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.program import Program

SEARCHED = 1_000_000
"""Synapses up to which neurons are moved one by one."""

TABLE = 10_000_000
"""Entries of the table of sources and lanes of such a search, at most."""

SEEDS = 2
"""Partitions that are tried on each number of cores."""


def fast_places(program: Program, activity: Activity, progress: Progress = SILENT) -> list[Places]:
    """Placements to choose from, those of fewest estimated cycles first.

    Args:
        program: the network, which has no more neurons than the chip.
        activity: what it does.
        progress: told of what is tried.
    """
    params, rates = program.params, activity.rates(program)
    numbers = _numbers(program)
    with progress.task("placing for short steps", len(numbers)) as task:
        found: list[tuple[float, Places]] = []
        graph = Graph(program, params) if params.cores > 1 else None
        for cores in numbers:
            for core in _parts(program, graph, cores):
                lanes = Lanes(program, params, rates, core, cores)
                if program.synapses <= SEARCHED and rates.size * cores * params.lanes <= TABLE:
                    lanes.improve()
                found.append((lanes.cost, lanes.places()))
            task.advance()
    return [found[k][1] for k in np.argsort([cost for cost, _ in found], kind="stable")]


def _numbers(program: Program) -> list[int]:
    """The numbers of cores to try: all, half of them, and so on, as long as they have room for the neurons."""
    params = program.params
    numbers, least = [], -(-program.neurons // params.neurons)
    cores = params.cores
    while cores >= max(1, least):
        numbers.append(cores)
        cores //= 2
    return numbers


def _parts(program: Program, graph: Graph | None, cores: int) -> Iterator[IntArray]:
    """Cores for the neurons: each population dealt out to all of them, and partitions of few events."""
    number = np.arange(program.neurons)
    yield number % cores
    if graph is None or cores == 1:
        return
    for seed in range(1, 1 + SEEDS):
        part = graph.parts(cores, seed)
        if np.bincount(part, minlength=cores).max() <= program.params.neurons:
            yield part
