"""`ganglion.model.spec.cycles.core.CycleModel` compiled: programs look at the cycles of every step.

Queue by queue it is the same; the test compares the two.
"""

from collections.abc import Callable
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numba import njit

from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.cycles.core import DRAIN, LISTED, RETURN, TO_SEQUENCER, CycleModel, keyed_cycles, update_cycles
from ganglion.model.spec.packets import Scope

HOST, NOWHERE = -1, -2
"""What stands for the axon of a fan-out entry that leads out of the core, and of one that leads nowhere."""

Function = TypeVar("Function", bound=Callable[..., Any])

ENTERED, LEFT_0, LEFT_1, WALKS, FREE, QUIET, WORDS, HELD = range(8)
"""Moments of the queue of events, as `EventQueue` has them, and the words that were walked."""


def _compiled(function: Function) -> Function:
    """Compile at the first call, and keep it on disk."""
    compile_: Any = njit
    return compile_(cache=True, nogil=True)(function)  # type: ignore[no-any-return]


class CompiledCycles:
    """Cycles and synapse words of steps of a core.

    Args:
        model: of the core.
    """

    def __init__(self, model: CycleModel) -> None:
        self._rows = _ragged([list(model.rows[axon]) for axon in range(len(model.rows))])
        codes = {Scope.NOWHERE: NOWHERE, Scope.HOST: HOST}
        entries = [
            [to.axon if to.scope == Scope.CORE else codes[Scope(to.scope)] for to in model.fanout[neuron]]
            for neuron in range(len(model.fanout))
        ]
        self._fanout = _ragged(entries)
        spans = update_cycles(model.params), keyed_cycles(model.params)
        sizes = model.params.lanes, model.params.groups
        self._constants = *sizes, *spans, LISTED, TO_SEQUENCER, RETURN, DRAIN

    def step(self, axons: IntArray, fired: IntArray) -> tuple[int, int]:
        """Cycles and words of one step.

        Args:
            axons: of the host's events, in the order they are sent.
            fired: neuron rows that fire, in any order.
        """
        cycles, words = _step(*self._rows, *self._fanout, axons, np.sort(fired), *self._constants)
        return int(cycles), int(words)


def _ragged(lists: list[list[int]]) -> tuple[IntArray, IntArray]:
    """Where each list starts, and all values."""
    start = np.cumsum([0, *map(len, lists)])
    return start, np.fromiter(chain.from_iterable(lists), dtype=np.int64, count=int(start[-1]))


@_compiled
def _event(queue: Array, start: Array, lengths: Array, offered: int, axon: int, drain: int) -> int:
    """When an event that is offered from cycle `offered` on enters the queue."""
    entered: int = max(offered, max(queue[ENTERED], queue[LEFT_0]) + 1)
    left = max(entered + 1, queue[LEFT_1] + 1, queue[WALKS])
    fetched = left
    for length in lengths[start[axon] : start[axon + 1]]:
        walks = max(fetched + 1, queue[FREE])
        queue[WALKS], queue[FREE] = walks, max(walks, queue[HELD] - 1) + length if length else walks + 1
        queue[QUIET] = max(queue[QUIET], walks + 1, queue[FREE] + drain if length else 0)
        queue[WORDS] += length
        fetched = walks
    queue[ENTERED], queue[LEFT_0], queue[LEFT_1] = entered, queue[LEFT_1], left
    return entered


@_compiled
def _step(
    row_start: Array,
    row_length: Array,
    to_start: Array,
    to_axon: Array,
    axons: Array,
    fired: Array,
    lanes: int,
    groups: int,
    update: int,
    keyed: int,
    listed: int,
    to_sequencer: int,
    back: int,
    drain: int,
) -> tuple[int, int]:
    queue = np.array((-1, -1, -1, -1, 0, 0, 0, 0))
    offered = to_sequencer
    for axon in axons:
        offered = _event(queue, row_start, row_length, offered, axon, drain) + 1
    ended = max(offered, queue[QUIET])
    queue[HELD] = ended + groups + 1
    group, free = -1, ended + 1
    for neuron in fired:
        if neuron // lanes != group:
            group = neuron // lanes
            free = max(free, ended + 1 + group + listed) + 2
        free += 1
        for axon in to_axon[to_start[neuron] : to_start[neuron + 1]]:
            free += 1
            if axon >= 0:
                free = _event(queue, row_start, row_length, free, axon, drain)
            free += 1
    free = max(free, ended + update + 1)
    return max(free + 1 + back, queue[QUIET], ended + keyed) + 1, queue[WORDS]
