"""Decoders: from a trace to an answer, for read-out neurons of which each stands for a class."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.trace import Trace

NEVER = -1
"""The first spike of a neuron that did not fire, and the answer where no neuron did."""

Ties = Literal["lowest", "earliest"]
"""Which of several classes wins whose neurons fired equally often."""


@explained(ProgramError)
def count(trace: Trace, neurons: npt.ArrayLike, *, ties: Ties = "lowest") -> int:
    """The class whose neuron fired most often; NEVER where none fired.

    Args:
        trace: of one sample.
        neurons: shape (classes,).
        ties: of several that fired equally often, the "lowest" class; or the "earliest", whose first spike came first,
            and of those that came in one step the lowest.

    Raises:
        ProgramError: no such neuron, or no such way.
    """
    if ties not in get_args(Ties):
        raise ProgramError(f"ties must be one of {', '.join(get_args(Ties))}, not {ties!r}")
    counts = trace.counts(neurons)
    if not counts.size:
        raise ProgramError("the neurons of the classes are at least one")
    first = first_spikes(trace, neurons) if ties == "earliest" else np.zeros_like(counts)
    return int(_most(counts, first))


@explained(ProgramError)
def count_rasters(rasters: npt.ArrayLike, *, ties: Ties = "lowest") -> IntArray:
    """`count` of many samples at once.

    Args:
        rasters: how often the neuron of each class fired in each step, shape (samples, steps, classes).
        ties: as `count`.

    Returns:
        Shape (samples,).

    Raises:
        ProgramError: another shape.
    """
    spikes = np.asarray(rasters)
    if spikes.ndim != 3 or not spikes.shape[2]:
        raise ProgramError(f"rasters must have shape (samples, steps, classes), not {spikes.shape}")
    counts = spikes.sum(axis=1, dtype=np.int64)
    first = (spikes != 0).argmax(axis=1) if ties == "earliest" else np.zeros_like(counts)
    return _most(counts, first)


def _most(counts: IntArray, first: IntArray) -> IntArray:
    """Along the last axis, the class of the greatest count; of several that of the least `first`, then the lowest."""
    among = counts == counts.max(axis=-1, keepdims=True)
    winner = np.where(among, first, np.iinfo(np.int64).max).argmin(axis=-1)
    return np.where(counts.any(axis=-1), winner, NEVER)


@explained(ProgramError)
def first_spikes(trace: Trace, neurons: npt.ArrayLike) -> IntArray:
    """The step, counted from the first of the trace, in which each neuron first fired, NEVER for those that did not;
    shape (neurons,)."""
    numbers = trace.numbers(neurons)
    fired, at = np.unique(trace.spikes[:, 1], return_index=True)
    place = np.searchsorted(fired, numbers)
    found = np.zeros(numbers.shape, dtype=bool)
    found[place < fired.size] = fired[place[place < fired.size]] == numbers[place < fired.size]
    first = np.full(numbers.shape, NEVER, dtype=np.int64)
    first[found] = trace.spikes[at[place[found]], 0] - trace.first
    return first


@explained(ProgramError)
def first_spike(trace: Trace, neurons: npt.ArrayLike) -> int:
    """The class whose neuron fired first; of several in one step the first. NEVER where none fired."""
    first = first_spikes(trace, neurons)
    return int(np.where(first == NEVER, np.iinfo(np.int64).max, first).argmin()) if (first != NEVER).any() else NEVER


@explained(ProgramError)
def membranes(trace: Trace, neurons: npt.ArrayLike) -> IntArray:
    """Membranes of read-out neurons at the end of each step, shape (steps, neurons).

    They come from the states of a run with `keep_states`, or from a probe of "v" of exactly these neurons.

    Raises:
        ProgramError: the trace has neither.
    """
    numbers = trace.numbers(neurons)
    if len(trace.states) == trace.steps and trace.steps:
        return np.stack([state.v[numbers] for state in trace.states])
    probe = trace.probes.get("v")
    if probe is not None and probe.shape == (trace.steps, numbers.size):
        return probe
    raise ProgramError(
        "the trace has no membranes of these neurons: run with keep_states=True, or with a probe of 'v' of them"
    )


@explained(ProgramError)
def membrane(trace: Trace, neurons: npt.ArrayLike, how: str = "last") -> int:
    """The class whose read-out membrane is highest; of several the first.

    Args:
        how: "last" compares membranes after the last step, "peak" their greatest values, "sum" their sums over steps.

    Raises:
        ProgramError: no such way, or a trace without membranes.
    """
    values = membranes(trace, neurons)
    if not values.size:
        raise ProgramError("the neurons of the classes, and the steps of the trace, are at least one")
    ways = {"last": lambda: values[-1], "peak": lambda: values.max(axis=0), "sum": lambda: values.sum(axis=0)}
    if how not in ways:
        raise ProgramError(f"how must be {', '.join(map(repr, ways))}, not {how!r}")
    return int(ways[how]().argmax())
