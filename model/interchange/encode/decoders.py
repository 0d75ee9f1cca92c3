"""Decoders: from a trace to an answer, for read-out neurons of which each stands for a class."""

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.trace import Trace

NEVER = -1
"""The first spike of a neuron that did not fire, and the answer where no neuron did."""


def count(trace: Trace, neurons: npt.ArrayLike) -> int:
    """The class whose neuron fired most often; of several the first. NEVER where none fired."""
    counts = trace.counts(np.asarray(neurons, dtype=np.int64))
    return int(counts.argmax()) if counts.any() else NEVER


def first_spikes(trace: Trace, neurons: npt.ArrayLike) -> IntArray:
    """The step, counted from the first of the trace, in which each neuron first fired, NEVER for those that did not;
    shape (neurons,)."""
    numbers = np.asarray(neurons, dtype=np.int64)
    fired, at = np.unique(trace.spikes[:, 1], return_index=True)
    place = np.searchsorted(fired, numbers)
    found = np.zeros(numbers.shape, dtype=bool)
    found[place < fired.size] = fired[place[place < fired.size]] == numbers[place < fired.size]
    first = np.full(numbers.shape, NEVER, dtype=np.int64)
    first[found] = trace.spikes[at[place[found]], 0] - trace.first
    return first


def first_spike(trace: Trace, neurons: npt.ArrayLike) -> int:
    """The class whose neuron fired first; of several in one step the first. NEVER where none fired."""
    first = first_spikes(trace, neurons)
    return int(np.where(first == NEVER, np.iinfo(np.int64).max, first).argmin()) if (first != NEVER).any() else NEVER


def membranes(trace: Trace, neurons: npt.ArrayLike) -> IntArray:
    """Membranes of read-out neurons at the end of each step, shape (steps, neurons).

    They come from the states of a run with `keep_states`, or from a probe of "v" of exactly these neurons.

    Raises:
        ProgramError: the trace has neither.
    """
    numbers = np.asarray(neurons, dtype=np.int64)
    if len(trace.states) == trace.steps and trace.steps:
        return np.stack([state.v[numbers] for state in trace.states])
    probe = trace.probes.get("v")
    if probe is not None and probe.shape == (trace.steps, numbers.size):
        return probe
    raise ProgramError(
        "the trace has no membranes of these neurons: run with keep_states=True, or with a probe of 'v' of them"
    )


def membrane(trace: Trace, neurons: npt.ArrayLike, how: str = "last") -> int:
    """The class whose read-out membrane is highest; of several the first.

    Args:
        how: "last" compares membranes after the last step, "peak" their greatest values, "sum" their sums over steps.

    Raises:
        ProgramError: no such way, or a trace without membranes.
    """
    values = membranes(trace, neurons)
    ways = {"last": lambda: values[-1], "peak": lambda: values.max(axis=0), "sum": lambda: values.sum(axis=0)}
    if how not in ways:
        raise ProgramError(f"how must be {', '.join(map(repr, ways))}, not {how!r}")
    return int(ways[how]().argmax())
