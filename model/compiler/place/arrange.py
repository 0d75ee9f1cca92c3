"""Which part goes to which core: parts that talk to each other much get cores that are near in the tree."""

import numpy as np

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.params import Params
from ganglion.model.spec.tree import meeting_level

SWEEPS = 20
"""Rounds over all pairs of cores, at most."""


def distances(params: Params) -> IntArray:
    """How far an event climbs from core to core, shape (cores, cores)."""
    every = range(params.cores)
    return np.array([[meeting_level(params.levels, (a, b)) for b in every] for a in every], dtype=np.int64)


def arrange(traffic: IntArray, params: Params) -> IntArray:
    """A core for each part.

    Starts with part k in core k and swaps pairs of cores while that shortens the way of the events: a local search for
    the quadratic assignment problem.

    Args:
        traffic: events from part to part, shape (cores, cores); parts beyond those that exist have none.
        params: the chip.

    Returns:
        The core of each part, shape (cores,).
    """
    distance = distances(params)
    both = traffic + traffic.T
    np.fill_diagonal(both, 0)
    core = np.arange(params.cores)
    for _ in range(SWEEPS):
        swapped = False
        for part in range(params.cores):
            # What the swap of this part with each other one adds to the way of all events.
            way = distance[core]
            here, there = both[part], both
            now = here @ way[:, core[part]] + (there * way[:, core].T).sum(axis=1)
            then = here @ way[:, core] + there @ way[:, core[part]]
            # The events between the two go the same way as before, but count as if both had met.
            gain = now - then - 2 * here * way[np.arange(core.size), core[part]]
            gain[part] = 0
            best = int(gain.argmax())
            if gain[best] > 0:
                core[[part, best]] = core[[best, part]]
                swapped = True
        if not swapped:
            break
    return core
