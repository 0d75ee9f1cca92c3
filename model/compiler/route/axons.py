"""Numbers of axons: the same one in all cores of a box, so that one route serves them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganglion.model.compiler.layout import Destinations
from ganglion.model.compiler.route.cover import Box, Levels, cover, halves
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.params import Params


@dataclass(frozen=True, eq=False)
class Chains:
    """What one core needs of its axon table: both int64 of shape (sources,)."""

    source: IntArray
    """The sources whose events it takes, ascending."""
    length: IntArray
    """Rows of each, which lie behind one another."""


def assign_axons(chains: Sequence[Chains], sources: int, params: Params) -> tuple[Destinations, list[IntArray]]:
    """A number for every chain, and the destinations of every source.

    Boxes of many cores choose first, long chains before short ones; each takes the lowest number that is free in all
    its cores. A box for which there is none is cut in two. Where even a single core has no run of rows left that is
    long enough, its table is filled without gaps, and it shares no number with any other core.

    Args:
        chains: of each core.
        sources: how many sources there are.
        params: the chip.

    Returns:
        The destinations of every source, and for each core the first row of each of its chains, shape (sources,). A
        core that is short of rows gets numbers beyond its table.
    """
    alone: set[int] = set()
    while True:
        boxes = _boxes(chains, sources, params.levels, alone)
        try:
            numbered = _number(boxes, chains, params, alone)
        except _NoRunLeftError as error:
            alone.add(error.core)
            continue
        return _destinations(numbered, sources, params), _firsts(numbered, chains)


class _NoRunLeftError(Exception):
    """The free rows of a core lie too scattered for a chain."""

    def __init__(self, core: int) -> None:
        self.core = core


def _boxes(chains: Sequence[Chains], sources: int, levels: Levels, alone: set[int]) -> list[tuple[int, Box]]:
    """Every source with each box of the cover of its cores; a core that is alone is a box of its own."""
    sets = [0] * sources
    for core, chain in enumerate(chains):
        for source in chain.source.tolist():
            sets[source] |= 1 << core
    apart = sum(1 << core for core in alone)
    boxes = []
    for source, cores in enumerate(sets):
        boxes += [(source, box) for box in cover(levels, cores & ~apart)]
        boxes += [(source, box) for core in alone if cores >> core & 1 for box in cover(levels, 1 << core)]
    return boxes


def _number(
    boxes: list[tuple[int, Box]], chains: Sequence[Chains], params: Params, alone: set[int]
) -> list[tuple[int, Box, int]]:
    """A number for each box of each source, or for the parts that it had to be cut into.

    Raises:
        _NoRunLeftError: a core has room, but no run of rows that is long enough.
    """
    lengths = [dict(zip(chain.source.tolist(), chain.length.tolist(), strict=True)) for chain in chains]
    needed = [int(chain.length.sum()) for chain in chains]
    free = [(1 << max(params.axons, rows)) - 1 for rows in needed]
    filled = dict.fromkeys(alone, 0)
    numbered = []

    # In a chip of one core, or where nothing is shared, numbers follow the order of the sources.
    shared = any(len(box.cores) > 1 for _, box in boxes)

    def urgency(item: tuple[int, Box]) -> tuple[int, int, int]:
        source, box = item
        longest = max(lengths[core][source] for core in box.cores) if shared else 0
        return -len(box.cores), -longest, source

    for source, whole in sorted(boxes, key=urgency):
        waiting = [whole]
        while waiting:
            box = waiting.pop()
            one = box.cores[0]
            if one in filled:
                numbered.append((source, box, filled[one]))
                filled[one] += lengths[one][source]
                continue
            spots = -1
            for core in box.cores:
                spots &= _runs(free[core], lengths[core][source])
            if spots:
                axon = (spots & -spots).bit_length() - 1
                numbered.append((source, box, axon))
                for core in box.cores:
                    free[core] ^= (1 << lengths[core][source]) - 1 << axon
            elif len(box.cores) > 1:
                waiting += reversed(halves(params.levels, box))
            else:
                raise _NoRunLeftError(one)
    return numbered


def _runs(free: int, length: int) -> int:
    """Where so many free rows begin: bit k where rows k … k + length - 1 are free."""
    have = 1
    while have < length:
        step = min(have, length - have)
        free &= free >> step
        have += step
    return free


def _destinations(numbered: list[tuple[int, Box, int]], sources: int, params: Params) -> Destinations:
    source = np.array([source for source, _, _ in numbered], dtype=np.int64)
    route = np.array([box.route for _, box, _ in numbered], dtype=np.int64)
    axon = np.array([axon for _, _, axon in numbered], dtype=np.int64)
    order = np.lexsort((axon, route, source))
    counts = np.bincount(source, minlength=sources)
    return Destinations(
        start=np.concatenate(([0], np.cumsum(counts))).astype(np.int64), route=route[order], axon=axon[order]
    )


def _firsts(numbered: list[tuple[int, Box, int]], chains: Sequence[Chains]) -> list[IntArray]:
    first: list[dict[int, int]] = [{} for _ in chains]
    for source, box, axon in numbered:
        for core in box.cores:
            first[core][source] = axon
    return [
        np.array([first[core][source] for source in chain.source.tolist()], dtype=np.int64)
        for core, chain in enumerate(chains)
    ]
