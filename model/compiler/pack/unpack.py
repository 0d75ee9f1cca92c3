"""From an image back to the synapses of its network, by the memories alone: the proof that packing lost nothing."""

from collections.abc import Iterator

import numpy as np

from ganglion.model.compiler.image import Image
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.memories import Memory, dense_synapses
from ganglion.model.spec.packets import Scope
from ganglion.model.spec.params import RADIX
from ganglion.model.spec.tree import cores_of, route_to


@explained(ProgramError)
def unpack(image: Image) -> IntArray:
    """Every synapse that the memories of an image hold.

    Weights of 0 are left out: in memory they look like entries that are not used.

    Returns:
        int64 of shape (synapses, 4): source (inputs first, then neurons), target, weight, delay; ascending.
    """
    parts = [np.zeros((0, 4), dtype=np.int64)]
    readers = [_CoreReader(image, core) for core in range(len(image.cores))]
    start, levels = image.inputs.start, image.params.levels
    for number in range(image.program.inputs):
        for entry in range(start[number], start[number + 1]):
            for core in cores_of(levels, int(image.inputs.route[entry])):
                parts += [_from(number, found) for found in readers[core].walk(int(image.inputs.axon[entry]))]
    for neuron, (home, row) in enumerate(zip(image.neurons.core.tolist(), image.neurons.row.tolist(), strict=True)):
        for core, axon in readers[home].sends(row):
            parts += [_from(image.program.inputs + neuron, found) for found in readers[core].walk(axon)]
    synapses: IntArray = np.concatenate(parts)
    synapses = synapses[synapses[:, 2] != 0]
    return synapses[np.lexsort(synapses.T[::-1])]


def _from(source: int, found: IntArray) -> IntArray:
    return np.insert(found, 0, source, axis=1)


class _CoreReader:
    """Follows the tables of one core as its hardware does, but row by row."""

    def __init__(self, image: Image, core: int) -> None:
        self.core, self.params = core, image.params
        self.axons = image.columns(Memory.AXONS, core)
        self.fanout = image.columns(Memory.FANOUT, core)
        self.sparse = image.columns(Memory.SYNAPSES, core)
        dense = dense_synapses(image.params).unpack_rows(image.cores[core].memories[Memory.SYNAPSES].chunks)
        self.dense = np.stack([dense[f"weight{k}"] for k in range(image.params.beats)], axis=1)
        here = np.flatnonzero(image.neurons.core == core)
        self.number_of = np.full(image.params.neurons, -1, dtype=np.int64)
        self.number_of[image.neurons.row[here]] = here

    def sends(self, entry: int) -> Iterator[tuple[int, int]]:
        """The cores and axons that the fan-out entries from row `entry` on reach."""
        while True:
            scope, route, axon = (int(self.fanout[name][entry]) for name in ("scope", "route", "axon"))
            if scope == Scope.CORE:
                yield self.core, axon
            elif scope >= Scope.LEVEL_1:
                # The spike turns at the router of this level above the core: from there up, the way is the core's own.
                own = (1 << RADIX * (scope - Scope.LEVEL_1 + 1)) - 1
                way = route & own | route_to(self.params.levels, self.core) & ~own
                yield from ((core, axon) for core in cores_of(self.params.levels, way))
            entry = int(self.fanout["next"][entry])
            if not entry:
                return

    def walk(self, axon: int) -> Iterator[IntArray]:
        """The (target, weight, delay) of the rows of an axon, one array of shape (entries, 3) each."""
        while True:
            row = {name: int(column[axon]) for name, column in self.axons.items()}
            yield self.dense_row(row) if row["dense"] else self.sparse_row(row)
            if not row["more"]:
                return
            axon += 1

    def entries(self, row: dict[str, int], words: int) -> slice:
        """The rows of SYNAPSES of a row of AXONS."""
        lanes = self.params.lanes
        return slice(row["first"] * lanes, (row["first"] + words) * lanes)

    def sparse_row(self, row: dict[str, int]) -> IntArray:
        """(target, weight, delay) of each entry."""
        entries = self.entries(row, row["length"])
        weight, group, delay = (self.sparse[name][entries] for name in ("weight", "group", "delay"))
        lane = np.tile(np.arange(self.params.lanes), row["length"])
        return np.stack((self.number_of[group * self.params.lanes + lane], weight, delay), axis=1)

    def dense_row(self, row: dict[str, int]) -> IntArray:
        """(target, weight, delay) of each neuron of the row's groups."""
        lanes, beats = self.params.lanes, self.params.beats
        groups = row["length"] * self.params.stride
        weights = self.dense[self.entries(row, -(-groups // beats))]
        by_group = weights.reshape(-1, lanes, beats).transpose(0, 2, 1).reshape(-1, lanes)[:groups]
        first = row["group"] * lanes
        target = self.number_of[first : first + by_group.size]
        return np.stack((target, by_group.ravel(), np.full(by_group.size, row["delay"])), axis=1)
