"""The parts of a trace as an archive has them."""

from collections.abc import Mapping, Sequence
from operator import index
from typing import Any

import numpy as np

from ganglion.model.spec.archive import Archive, Format
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.fields import STATE_FIELDS
from ganglion.model.spec.learning_fields import LEARNING_STATE
from ganglion.model.spec.state import State

FORMAT = Format("Ganglion trace", 1, "run it again")

COUNTERS, PROBES, STATES = "counters/", "probes/", "states/"
"""What the names of arrays of each sort begin with."""

CLOCKS = ("learned", "modulators")
"""What a state of a network that learns tells besides its fields."""


def arrays(
    spikes: IntArray, counters: Mapping[str, IntArray], probes: Mapping[str, IntArray], states: Sequence[State]
) -> dict[str, IntArray]:
    """The arrays of a trace; states one behind the other along the first axis."""
    found = {"spikes": spikes}
    found |= {COUNTERS + name: values for name, values in counters.items()}
    found |= {PROBES + name: values for name, values in probes.items()}
    if states:
        kept = [state.arrays() for state in states]
        found |= {STATES + name: np.stack([arrays[name] for arrays in kept]) for name in kept[0]}
        if states[0].learns:
            found |= {STATES + name: np.array([getattr(state, name) for state in states]) for name in CLOCKS}
    return found


def arguments(archive: Archive, counted: Sequence[str]) -> dict[str, Any]:
    """The arguments of `Trace` that give the trace back.

    Args:
        archive: with the entries ran_on, first and neurons, and the arrays of `arrays`.
        counted: counters that there must be.

    Raises:
        FormatError: an entry or array is missing or cannot be what it is called.
    """
    first, neurons = archive.entry("first", index), archive.entry("neurons", index)
    counters = {name: archive.integers(COUNTERS + name) for name in archive.names(COUNTERS)}
    lengths = {name: values.size for name, values in counters.items()}
    if not set(counted) <= set(counters) or len(set(lengths.values())) != 1:
        raise archive.damaged(f"it must have counters {', '.join(counted)}, all of as many steps, not {lengths}")
    steps = counters[counted[0]].size
    return {
        "ran_on": archive.entry("ran_on", str),
        "first": first,
        "neurons": neurons,
        "spikes": _spikes(archive, first, steps, neurons),
        "counters": counters,
        "probes": _probes(archive, steps),
        "states": _states(archive, first, steps, neurons),
    }


def _spikes(archive: Archive, first: int, steps: int, neurons: int) -> IntArray:
    spikes = archive.integers("spikes", 2)
    if spikes.shape[1] == 2:
        step, neuron = spikes.T
        there = (step >= first) & (step < first + steps) & (neuron >= 0) & (neuron < neurons)
        rising = (np.diff(step) > 0) | ((np.diff(step) == 0) & (np.diff(neuron) >= 0))
        if there.all() and rising.all():
            return spikes
    raise archive.damaged(
        f"'spikes' must be step and neuron of each, ascending, in {steps} steps from {first} of {neurons} neurons"
    )


def _probes(archive: Archive, steps: int) -> dict[str, IntArray]:
    probed = [spec.name for spec in STATE_FIELDS if spec.probed]
    probes = {name: archive.integers(PROBES + name, 2) for name in archive.names(PROBES)}
    for name, values in probes.items():
        if name not in probed or len(values) != steps:
            raise archive.damaged(f"'{PROBES}{name}' must be one of {', '.join(probed)}, in {steps} steps")
    return probes


def _states(archive: Archive, first: int, steps: int, neurons: int) -> list[State]:
    if not archive.names(STATES):
        return []
    stacked = {}
    for spec in STATE_FIELDS:
        values = stacked[spec.name] = archive.integers(STATES + spec.name, 3 if spec.per_slot else 2)
        if len(values) != steps or values.shape[-1] != neurons:
            raise archive.damaged(f"'{STATES}{spec.name}' must be of {steps} steps and {neurons} neurons")
    if not set(archive.names(STATES)) & set(CLOCKS):
        return [State({name: values[k] for name, values in stacked.items()}, step=first + k + 1) for k in range(steps)]
    for field in LEARNING_STATE:
        stacked[field.name] = archive.integers(STATES + field.name, 3 if field.per_slot else 2)
    learned, modulators = (archive.integers(STATES + name, k) for k, name in enumerate(CLOCKS, start=1))
    if {len(values) for values in (*stacked.values(), learned, modulators)} != {steps}:
        raise archive.damaged(f"its states must be of {steps} steps")
    return [
        State(
            {name: values[k] for name, values in stacked.items()},
            step=first + k + 1,
            learned=int(learned[k]),
            modulators=modulators[k].tolist(),
        )
        for k in range(steps)
    ]
