"""Moving neurons between cores until every hard capacity holds, and then while that saves events."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ganglion.model.compiler.place.load import RESOURCES
from ganglion.model.spec.arrays import BoolArray, FloatArray, IntArray
from ganglion.model.spec.program import Program

NEURONS, AXONS, WORDS, ENTRIES = range(len(RESOURCES))
"""Columns of a table of loads."""

ROUNDS = 200
"""Rounds of moves, at most."""

PAIRS = 48
"""Neurons of the overfull core, and of all others, that are looked at for an exchange."""

SAMPLE = 500
"""Neurons of a core that are looked at in a round, at most."""


class Effects(NamedTuple):
    """What a move of one neuron would do, for each core it might go to."""

    taken: FloatArray
    """Load that it takes from its core, shape (4,)."""
    brought: FloatArray
    """Load that it brings to each core, shape (cores, 4)."""
    added: FloatArray
    """Events that it adds, shape (cores,)."""


class Moves:
    """A placement on cores that changes neuron by neuron, and what each change would do.

    Words are counted as if the entries of a row filled its words evenly, then scaled to what was measured.
    """

    def __init__(self, program: Program, core: IntArray, used: IntArray, entries: IntArray) -> None:
        """Starts from a placement.

        Args:
            program: the network.
            core: of each neuron.
            used: load of each core, shape (cores, 4).
            entries: fan-out entries of each neuron beyond the first.
        """
        params = program.params
        self.program, self.params = program, params
        self.core, self.used, self.entries = core.copy(), used.astype(np.float64), entries
        sources, neurons = program.indptr.size - 1, program.neurons
        ones = np.ones(program.synapses, dtype=np.int32)
        # A copy, since adding up duplicates changes the arrays in place.
        by_source = sparse.csr_array((ones, program.post_neuron, program.indptr), shape=(sources, neurons), copy=True)
        by_source.sum_duplicates()
        self._incoming = by_source.tocsc()
        placed = sparse.csr_array(
            (np.ones(neurons, dtype=np.int32), (np.arange(neurons), core)), shape=(neurons, params.cores)
        )
        self.count: npt.NDArray[np.int32] = (by_source @ placed).toarray()
        even = -(-self.count // params.lanes).sum(axis=0)
        self._scale = np.where(even > 0, used[:, WORDS] / np.maximum(1, even), 1.0)

    def effects(self, neuron: int) -> Effects:
        """What a move of this neuron to each core would do."""
        lanes, home = self.params.lanes, self.core[neuron]
        span = slice(self._incoming.indptr[neuron], self._incoming.indptr[neuron + 1])
        sources, synapses = self._incoming.indices[span], self._incoming.data[span]
        here = self.count[sources]
        left = here[:, home] - synapses
        alone = left == 0
        new = here == 0
        cores = self.params.cores

        taken = np.array([1.0, alone.sum(), 0.0, self.entries[neuron]])
        taken[WORDS] = (-(-here[:, home] // lanes) + (-left // lanes)).sum() * self._scale[home]
        brought = np.empty((cores, 4))
        brought[:, NEURONS], brought[:, ENTRIES] = 1, self.entries[neuron]
        brought[:, AXONS] = new.sum(axis=0)
        brought[:, WORDS] = (-(-(here + synapses[:, None]) // lanes) - -(-here // lanes)).sum(axis=0) * self._scale

        # An event reaches the own core for nothing: of the sources that come or go, those in that core do not count.
        inner = sources >= self.program.inputs
        where = np.full(sources.size, -1)
        where[inner] = self.core[sources[inner] - self.program.inputs]
        itself = sources == self.program.inputs + neuron
        others = ~itself
        added = (new[others] & (where[others, None] != np.arange(cores))).sum(axis=0).astype(np.float64)
        added -= (alone & others & (where != home)).sum()
        # Its own events now start elsewhere; a synapse to itself comes along.
        own = self.count[self.program.inputs + neuron] > 0
        added += float(own[home]) - own - (alone & itself).sum()
        return Effects(taken, brought, added)

    def move(self, neuron: int, to: int, effects: Effects) -> None:
        """Put a neuron in another core, with the effects that this has now."""
        home = self.core[neuron]
        span = slice(self._incoming.indptr[neuron], self._incoming.indptr[neuron + 1])
        sources, synapses = self._incoming.indices[span], self._incoming.data[span]
        self.used[home] -= effects.taken
        self.used[to] += effects.brought[to]
        self.count[sources, home] -= synapses
        self.count[sources, to] += synapses
        self.core[neuron] = to


def repair(moves: Moves, capacity: FloatArray, cores: IntArray, rng: np.random.Generator) -> None:
    """Take neurons out of overfull cores, those first that add the fewest events for the room they make.

    Args:
        moves: the placement, changed in place.
        capacity: of each resource, shape (4,).
        cores: those that neurons may be in.
        rng: which neurons of a large core are looked at.
    """
    stuck = np.zeros(moves.params.cores, dtype=bool)
    for _ in range(ROUNDS):
        over = np.where(stuck, 0, (moves.used / capacity).max(axis=1))[cores]
        worst = int(cores[over.argmax()])
        if over.max() <= 1:
            return
        stuck[worst] = not (
            _relieve(moves, worst, capacity, cores, rng) or _exchange(moves, worst, capacity, cores, rng)
        )


def _relieve(moves: Moves, core: int, capacity: FloatArray, cores: IntArray, rng: np.random.Generator) -> bool:
    """Move neurons out of one core until it holds the rest; whether any was moved."""
    here = np.flatnonzero(moves.core == core)
    if here.size > SAMPLE:
        here = rng.permutation(here)[:SAMPLE]
    prices = []
    for neuron in here.tolist():
        taken, brought, added = moves.effects(neuron)
        short = moves.used[core] > capacity
        room = _room(moves, brought, core, capacity, cores)
        relief = (taken * short / capacity).sum()
        if room.any() and relief > 0:
            prices.append((added[room].min() / relief, neuron))
    moved = False
    for _, neuron in sorted(prices):
        short = moves.used[core] > capacity
        if not short.any():
            break
        effects = moves.effects(neuron)
        room = _room(moves, effects.brought, core, capacity, cores)
        if room.any() and (effects.taken * short).sum() > 0:
            choice = np.flatnonzero(room)
            moves.move(neuron, int(choice[effects.added[room].argmin()]), effects)
            moved = True
    return moved


def _exchange(moves: Moves, core: int, capacity: FloatArray, cores: IntArray, rng: np.random.Generator) -> bool:
    """Let a neuron of one core and one of another change places, where none can leave alone; whether a pair did.

    The two are looked at as if each moved by itself, so the sum may be off where they hear the same sources.
    """
    here = rng.permutation(np.flatnonzero(moves.core == core))[:PAIRS]
    elsewhere = np.setdiff1d(cores, [core])
    there = rng.permutation(np.flatnonzero(np.isin(moves.core, elsewhere)))[:PAIRS]
    if not here.size or not there.size:
        return False
    goes = [moves.effects(neuron) for neuron in here.tolist()]
    comes = [moves.effects(neuron) for neuron in there.tolist()]
    home = moves.core[there]
    taken_here, taken_there = (np.stack([taken for taken, _, _ in effects]) for effects in (goes, comes))
    brought_there = np.stack([brought[home] for _, brought, _ in goes])
    brought_here = np.stack([brought[core] for _, brought, _ in comes])
    added = np.stack([added[home] for _, _, added in goes]) + np.stack([added[core] for _, _, added in comes])

    change = brought_here[None] - taken_here[:, None]
    over = np.maximum(moves.used[core] / capacity - 1, 0)
    after = np.maximum((moves.used[core] + change) / capacity - 1, 0)
    relief = (over - after).sum(axis=2)
    fits = np.all(moves.used[home][None] - taken_there[None] + brought_there <= capacity, axis=2) & (relief > 0)
    if not fits.any():
        return False
    # A pair that saves events is better the more it saves; of the others, that of least events for its relief.
    price = np.where(fits, np.where(added > 0, added / np.maximum(relief, 1e-9), added), np.inf)
    one, other = np.unravel_index(int(price.argmin()), price.shape)
    leaves, enters = int(here[one]), int(there[other])
    moves.move(leaves, int(home[other]), goes[one])
    moves.move(enters, core, moves.effects(enters))
    return True


def _room(moves: Moves, brought: FloatArray, core: int, capacity: FloatArray, cores: IntArray) -> BoolArray:
    """The cores that have room for what a neuron brings."""
    room: BoolArray = np.all(moves.used + brought <= capacity, axis=1)
    open_to = np.zeros(room.size, dtype=bool)
    open_to[cores] = True
    open_to[core] = False
    return room & open_to


def refine(moves: Moves, capacity: FloatArray, cores: IntArray, rng: np.random.Generator, most: int) -> None:
    """Move single neurons where that saves events and there is room, until none is left or `most` were looked at."""
    looked = 0
    while looked < most:
        saved = 0.0
        for neuron in rng.permutation(moves.core.size).tolist():
            looked += 1
            if looked > most:
                return
            effects = moves.effects(neuron)
            room = _room(moves, effects.brought, int(moves.core[neuron]), capacity, cores)
            if room.any():
                choice = np.flatnonzero(room)
                best = int(choice[effects.added[room].argmin()])
                if effects.added[best] < 0:
                    saved -= float(effects.added[best])
                    moves.move(neuron, best, effects)
        if not saved:
            return
