"""Moving neurons between the lanes of all cores while that shortens what cores deliver: a local search."""

import numpy as np

from ganglion.model.compiler.layout import Places
from ganglion.model.spec.arrays import FloatArray, IntArray, rank
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

SENDING = 4.0
"""Cycles that a neuron which fires takes of the fan-out of its core, about."""

PASSES = 12
"""Over all neurons, at most."""


class Lanes:
    """Neurons in lanes of cores, and an estimate of the cycles of a step.

    A core delivers an event in as many cycles as the source has synapses in the fullest lane. All cores that hear a
    source take its event at about the same time, and wait for each other when their short queues are full. So the time
    is between that of a core that never waits and that of all cores waiting for the slowest one at each event; the
    estimate is the sum of the two.

    Args:
        program: the network.
        params: the chip.
        rates: how often each source fires in a step, shape (sources,).
        core: of each neuron, int64 (neurons,).
        cores: how many may be used.
    """

    def __init__(self, program: Program, params: Params, rates: FloatArray, core: IntArray, cores: int) -> None:
        self._lanes, self._cores, self._groups = params.lanes, cores, params.groups
        self._rates, self._own = rates, SENDING * rates[program.inputs :]
        # Spread over the lanes of its core, each population in turn.
        self.slot = core * params.lanes + rank(core) % params.lanes
        key = program.pre * program.neurons + program.post_neuron
        pair, count = np.unique(key, return_counts=True)
        source, neuron = np.divmod(pair, program.neurons)
        order = np.argsort(neuron, kind="stable")
        self._source, self._count = source[order], count[order]
        self._first = np.searchsorted(neuron[order], np.arange(program.neurons + 1))
        slots = cores * params.lanes
        self._held = np.zeros((program.inputs + program.neurons, slots))
        np.add.at(self._held, (self._source, self.slot[neuron[order]]), self._count)
        self._room = np.full(slots, params.groups) - np.bincount(self.slot, minlength=slots)

    @property
    def cost(self) -> float:
        """The estimate, cycles of a step."""
        length = self._held.reshape(-1, self._cores, self._lanes).max(axis=2)
        return float(self._rates @ length.max(axis=1) + self._busy(length).max())

    def _busy(self, length: FloatArray) -> FloatArray:
        """Cycles of a step that each core is busy for, shape (cores,)."""
        sending = np.bincount(self.slot // self._lanes, weights=self._own, minlength=self._cores)
        busy: FloatArray = self._rates @ length + sending
        return busy

    def improve(self, passes: int = PASSES) -> None:
        """Move neurons one by one to the lane where the estimate is least, until none moves."""
        rng = np.random.default_rng(0)
        busy = self._busy(self._held.reshape(-1, self._cores, self._lanes).max(axis=2))
        for _ in range(passes):
            moved = 0
            for neuron in rng.permutation(self.slot.size).tolist():
                moved += self._settle(neuron, busy)
            if not moved:
                return

    def _settle(self, neuron: int, busy: FloatArray) -> bool:
        """Move a neuron where it is best; whether it moved. `busy` is kept up to date."""
        span = slice(self._first[neuron], self._first[neuron + 1])
        source, count, rates = self._source[span], self._count[span], self._rates[self._source[span]]
        home = int(self.slot[neuron])
        at = home // self._lanes
        held = self._held[source]
        held[:, home] -= count
        before = held.reshape(source.size, self._cores, self._lanes).max(axis=2)
        # With the neuron in each slot: the length of each row in that core, and the longest in the others.
        after = np.maximum(np.repeat(before, self._lanes, axis=1), held + count[:, None])
        ordered = np.sort(np.pad(before, ((0, 0), (1, 0))), axis=1)
        others = np.where(before == ordered[:, -1:], ordered[:, -2:-1], ordered[:, -1:])
        waits = rates @ np.maximum(after, np.repeat(others, self._lanes, axis=1))
        now = self._held[source].reshape(source.size, self._cores, self._lanes).max(axis=2)
        away = busy - rates @ now + rates @ before
        away[at] -= self._own[neuron]
        added = rates @ (after - np.repeat(before, self._lanes, axis=1)) + self._own[neuron]
        core = np.arange(added.size) // self._lanes
        total = np.tile(away, (added.size, 1))
        total[np.arange(added.size), core] += added
        # Of equally good ones the core that has least to do, so that work spreads before it pays.
        price = waits + total.max(axis=1) + 1e-6 * total[np.arange(added.size), core]
        price[(self._room <= 0) & (np.arange(added.size) != home)] = np.inf
        best = int(price.argmin())
        if price[best] >= price[home] - 1e-9:
            return False
        self._held[source, home] -= count
        self._held[source, best] += count
        self._room[home] += 1
        self._room[best] -= 1
        self.slot[neuron] = best
        busy[:] = total[best]
        return True

    def places(self) -> Places:
        """Rows for the neurons: in each lane in the order of their numbers, from the first group on."""
        core, lane = np.divmod(self.slot, self._lanes)
        return Places(core, rank(self.slot) * self._lanes + lane)

