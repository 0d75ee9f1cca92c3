"""How much of each core a placement would take, near enough to choose by and a hundred times faster than packing."""

from dataclasses import dataclass

import numpy as np

from ganglion.model.compiler.layout import Places
from ganglion.model.compiler.pack.kinds import synapse_kinds
from ganglion.model.compiler.route.cover import cover
from ganglion.model.compiler.usage import Resource
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

RESOURCES = (Resource.NEURONS, Resource.AXONS, Resource.WORDS, Resource.ENTRIES)
"""What the columns of a table of loads are."""


@dataclass(frozen=True, eq=False)
class Load:
    """What a placement takes."""

    used: IntArray
    """Of each core each of `RESOURCES`, shape (cores, 4)."""
    entries: IntArray
    """Fan-out entries of each neuron beyond the first, shape (neurons,)."""
    reach: IntArray
    """Source and core of every delivery, ascending, shape (deliveries, 2)."""

    def events(self, program: Program, places: Places) -> int:
        """Deliveries that another placement might save, if everything fired once.

        These are those of neurons to other cores than their own, and those of inputs to all cores but one each.
        """
        source, core = self.reach.T
        inner = source >= program.inputs
        outer = source[~inner]
        away = places.core[source[inner] - program.inputs] != core[inner]
        return int(away.sum()) + int(outer.size) - int(np.unique(outer).size)


def capacity(params: Params) -> IntArray:
    """What a core has of each of `RESOURCES`."""
    return np.array([resource.available(params) for resource in RESOURCES])


def load_of(program: Program, places: Places) -> Load:
    """The load of a placement, with one row per source, core and kind of synapses: sparse, or dense where that takes
    fewer words."""
    params, lanes = program.params, program.params.lanes
    kind, kinds = synapse_kinds(program)
    pair = (program.pre * params.cores + places.core[program.post_neuron]) * len(kinds) + kind
    order = np.argsort(pair, kind="stable")
    pair = pair[order]
    head = np.flatnonzero(np.diff(pair, prepend=-1))
    of = pair[head] // len(kinds)
    core = of % params.cores
    reach = np.stack(np.divmod(of[np.diff(of, prepend=-1) != 0], params.cores), axis=1)

    words = np.zeros(head.size, dtype=np.int64)
    if head.size:
        row = places.row[program.post_neuron[order]]
        index = np.repeat(np.arange(head.size), np.diff(head, append=pair.size))
        per_lane = np.bincount(index * lanes + row % lanes, minlength=head.size * lanes)
        sparse = per_lane.reshape(-1, lanes).max(axis=1)
        low, high = (extreme.reduceat(row // lanes, head) for extreme in (np.minimum, np.maximum))
        dense = -(-(high + 1 - low // params.stride * params.stride) // params.beats)
        delay = program.delay[order]
        one_delay = np.minimum.reduceat(delay, head) == np.maximum.reduceat(delay, head)
        words = np.where(one_delay, np.minimum(sparse, dense), sparse)

    entries = _entries(program, reach)
    used = np.stack(
        (
            np.bincount(places.core, minlength=params.cores),
            np.bincount(core, minlength=params.cores),
            np.bincount(core, weights=words, minlength=params.cores).astype(np.int64),
            params.neurons + np.bincount(places.core, weights=entries, minlength=params.cores).astype(np.int64),
        ),
        axis=1,
    )
    return Load(used, entries, reach)


def _entries(program: Program, reach: IntArray) -> IntArray:
    """Fan-out entries of each neuron beyond the first: one for each box of its cores, one for the host."""
    cores = program.params.cores
    sets = np.zeros((program.neurons, cores), dtype=bool)
    inner = reach[reach[:, 0] >= program.inputs]
    sets[inner[:, 0] - program.inputs, inner[:, 1]] = True
    kinds, which = np.unique(np.packbits(sets, axis=1, bitorder="little"), axis=0, return_inverse=True)
    boxes = [len(cover(program.params.levels, int.from_bytes(kind.tobytes(), "little"))) for kind in kinds]
    count = np.array(boxes, dtype=np.int64)[which.ravel()]
    count[program.outputs] += 1
    entries: IntArray = np.maximum(count - 1, 0)
    return entries
