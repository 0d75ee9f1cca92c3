"""The dictionaries of a HiAER-Spike program, read and checked."""

import warnings
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganglion.model.interchange.cri.neuron import Neuron, is_model, read_neuron, whole
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError

WEIGHTS = (-(1 << 15), (1 << 15) - 1)
"""Least and greatest weight; those beyond saturate."""

LARGE = 1 << 62
"""What weights are read up to, before they saturate."""


@dataclass(frozen=True, eq=False)
class Connectome:
    """Axons, neurons and synapses by number, in the order of the dictionaries."""

    axons: Mapping[Hashable, int]
    """Number of each axon's key."""
    numbers: Mapping[Hashable, int]
    """Number of each neuron's key."""
    neurons: Sequence[Neuron]
    """Parameters of each neuron."""
    models: Sequence[Any]
    """Of each neuron, as given."""
    outputs: IntArray
    """Numbers of the neurons that the host sees, ascending."""
    source: IntArray
    """Shape (synapses,), ascending: number of the axon, or the number of axons plus that of the neuron."""
    target: IntArray
    """Shape (synapses,), number of the neuron."""
    weight: IntArray
    """Shape (synapses,)."""
    wait: IntArray
    """Shape (synapses,): steps by which the weight comes late; 0 where the synapse has no delay flag."""

    def source_of(self, key: Hashable) -> int:
        """The number, as in `source`, of an axon or neuron.

        Raises:
            ProgramError: there is neither of that key.
        """
        number = _lookup(self.axons, key)
        if number is not None:
            return number
        return len(self.axons) + self.neuron_of(key)

    def axon_of(self, key: Hashable) -> int:
        """The number of an axon.

        Raises:
            ProgramError: there is none of that key.
        """
        number = _lookup(self.axons, key)
        if number is None:
            what = "a neuron" if _lookup(self.numbers, key) is not None else "not in the network"
            raise ProgramError(f"inputs must be keys of axons; {key!r} is {what}")
        return number

    def neuron_of(self, key: Hashable) -> int:
        """The number of a neuron.

        Raises:
            ProgramError: there is none of that key.
        """
        number = _lookup(self.numbers, key)
        if number is None:
            what = "an axon" if _lookup(self.axons, key) is not None else "not in the network"
            raise ProgramError(f"there is no neuron {key!r}: it is {what}")
        return number


def read_connectome(
    axons: Any,
    connections: Any,
    outputs: Any,
    default: Any = None,
    progress: Progress = SILENT,
) -> Connectome:
    """Check and number the dictionaries.

    Args:
        axons: `{key: [(neuron, weight), …]}`.
        connections: `{key: ([(neuron, weight), …], model)}`, or with the number of a core as a third entry; a model is
            any object with the getters. Synapses may have a delay flag as a third entry.
        outputs: keys of neurons.
        default: model of the neurons whose entry is a list of synapses alone; None allows no such entry.
        progress: told of the lists that are read.

    Raises:
        ProgramError: an entry that cannot be; names its key, and the number of the synapse in its list.
    """
    for name, dictionary in (("axons", axons), ("connections", connections)):
        if not isinstance(dictionary, Mapping):
            raise ProgramError(f"{name} must be a dictionary, not {type(dictionary).__name__}")
    if not connections:
        raise ProgramError("connections must have at least one neuron")
    for key in axons:
        if key in connections:
            raise ProgramError(f"key {key!r} is that of an axon and of a neuron; keys of axons and neurons must differ")

    entries = [_entry(key, value, default) for key, value in connections.items()]
    numbers = {key: number for number, key in enumerate(connections)}
    neurons = _neurons(numbers, [model for _, model in entries])
    lists: list[tuple[str, Any, Neuron | None]]
    lists = [(f"axon {key!r}", synapses, None) for key, synapses in axons.items()]
    lists += [
        (f"neuron {key!r}", synapses, neuron)
        for key, (synapses, _), neuron in zip(connections, entries, neurons, strict=True)
    ]
    delays = np.array([neuron.delay_value for neuron in neurons], dtype=np.int64)
    rows: list[tuple[IntArray, IntArray, IntArray]] = []
    with progress.task("reading the network", len(lists)) as task:
        for name, synapses, neuron in lists:
            targets, weights, flags = _plain(synapses, numbers) or _checked(name, synapses, numbers, axons)
            rows.append((targets, weights, flags * (delays[targets] if neuron is None else neuron.delay_value)))
            task.advance()
    weights = np.concatenate([weights for _, weights, _ in rows])
    return Connectome(
        axons={key: number for number, key in enumerate(axons)},
        numbers=numbers,
        neurons=neurons,
        models=[model for _, model in entries],
        outputs=_outputs(outputs, numbers, axons),
        source=np.repeat(np.arange(len(rows)), [targets.size for targets, _, _ in rows]),
        target=np.concatenate([targets for targets, _, _ in rows]),
        weight=saturated(weights, lambda synapse: _place(synapse, lists, rows)),
        wait=np.concatenate([wait for _, _, wait in rows]),
    )


def saturated(weights: IntArray, place: Callable[[int], str]) -> IntArray:
    """Weights as their hardware has them, in 16 bits; a warning counts those that are beyond.

    Args:
        weights: shape (synapses,).
        place: what the warning calls one of them.
    """
    kept: IntArray = np.clip(weights, *WEIGHTS)
    if (beyond := np.flatnonzero(kept != weights)).size:
        first = int(beyond[0])
        warnings.warn(
            f"{beyond.size} weights are beyond 16 bits and saturate, as on their hardware; the first: {place(first)}, "
            f"{weights[first]} becomes {kept[first]}",
            stacklevel=4,
        )
    return kept


def _place(
    synapse: int, lists: Sequence[tuple[str, Any, Any]], rows: Sequence[tuple[IntArray, IntArray, IntArray]]
) -> str:
    """The list that a synapse is in, and its place there."""
    ends = np.cumsum([targets.size for targets, _, _ in rows])
    number = int(np.searchsorted(ends, synapse, side="right"))
    return f"{lists[number][0]}, synapse {synapse - int(ends[number]) + rows[number][0].size}"


def _neurons(keys: Iterable[Hashable], models: Sequence[Any]) -> list[Neuron]:
    """The parameters of each neuron; a model that several share is read once."""
    read: dict[int, Neuron] = {}
    found = []
    for key, model in zip(keys, models, strict=True):
        if id(model) not in read:
            read[id(model)] = read_neuron(f"neuron {key!r}", model)
        found.append(read[id(model)])
    return found


def _lookup(numbers: Mapping[Hashable, int], key: Any) -> int | None:
    try:
        return numbers.get(key)
    except TypeError:
        raise ProgramError(f"{key!r} is no key: {type(key).__name__} cannot be hashed") from None


def _entry(key: Hashable, value: Any, default: Any) -> tuple[Any, Any]:
    """The synapses and the model of a neuron."""
    if isinstance(value, (tuple, list)) and len(value) in (2, 3) and is_model(value[1]):
        if len(value) == 3:
            whole(f"neuron {key!r}: core", value[2], 0, (1 << 31) - 1)
        return value[0], value[1]
    if default is not None and isinstance(value, list):
        return value, default
    if isinstance(value, tuple) and len(value) in (2, 3):
        raise ProgramError(
            f"neuron {key!r}: its model must be a LIF_neuron, ANN_neuron or IF_neuron, not {value[1]!r}; an object of "
            "another class needs their getters"
        )
    raise ProgramError(
        f"neuron {key!r}: connections must have (synapses, model) or (synapses, model, core) for it, not {value!r}"
    )


def _plain(synapses: Any, numbers: Mapping[Hashable, int]) -> tuple[IntArray, IntArray, IntArray] | None:
    """As `_checked`, at once, for a list of nothing but good pairs; None where that is not what it is."""
    if not isinstance(synapses, list) or set(map(type, synapses)) != {tuple} or set(map(len, synapses)) != {2}:
        return None
    keys, weights = zip(*synapses, strict=True)
    try:
        targets = np.array([numbers[key] for key in keys], dtype=np.int64)
        values = np.array(weights)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if values.ndim != 1 or values.dtype.kind not in "iuf":
        return None
    if values.dtype.kind == "f" and not (np.isfinite(values).all() and (values == np.rint(values)).all()):
        return None
    bounded = np.clip(values, -LARGE, LARGE)
    return targets, bounded.astype(np.int64), np.zeros(targets.size, dtype=np.int64)


def _checked(
    name: str, synapses: Any, numbers: Mapping[Hashable, int], axons: Mapping[Hashable, Any]
) -> tuple[IntArray, IntArray, IntArray]:
    """Targets, weights and delay flags (0 or 1) of a list of synapses.

    Raises:
        ProgramError: one that cannot be; names the list and its place in it.
    """
    if not isinstance(synapses, Sequence) or isinstance(synapses, str):
        raise ProgramError(f"{name}: synapses must be a list of (neuron, weight), not {synapses!r}")
    columns = np.zeros((3, len(synapses)), dtype=np.int64)
    for place, synapse in enumerate(synapses):
        if not isinstance(synapse, tuple) or len(synapse) not in (2, 3):
            raise ProgramError(
                f"{name}: synapse {place} must be (neuron, weight) or (neuron, weight, delayed), not {synapse!r}"
            )
        key, weight = synapse[:2]
        target = _lookup(numbers, key)
        if target is None:
            what = "an axon, which receives nothing" if key in axons else "not in connections"
            raise ProgramError(f"{name}: synapse {place} goes to {key!r}, which is {what}")
        weight = whole(f"{name}: weight of synapse {place}, to {key!r},", weight, *WEIGHTS, beyond=True)
        weight = max(-LARGE, min(LARGE, weight))
        columns[:, place] = target, weight, len(synapse) == 3 and bool(synapse[2])
    return columns[0], columns[1], columns[2]


def _outputs(outputs: Any, numbers: Mapping[Hashable, int], axons: Mapping[Hashable, Any]) -> IntArray:
    if isinstance(outputs, (str, Mapping)) or not isinstance(outputs, Iterable):
        raise ProgramError(f"outputs must be a list of keys of neurons, not {outputs!r}")
    found = set()
    for place, key in enumerate(outputs):
        number = _lookup(numbers, key)
        if number is None:
            what = "an axon" if key in axons else "not in connections"
            raise ProgramError(f"output {place} is {key!r}, which is {what}")
        found.add(number)
    return np.array(sorted(found), dtype=np.int64)
