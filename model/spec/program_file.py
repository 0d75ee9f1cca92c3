"""The parts of a program as an archive has them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from operator import index
from typing import Any

import numpy as np

from ganglion.model.spec.archive import Archive, Format
from ganglion.model.spec.learning import Learning, LearningRule, Term
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.synaptic_traces import Kernel, PostTrace, PreTrace

FORMAT = Format("Ganglion program", 1, "save it again")


def header(
    params: Params,
    types: Sequence[NeuronType],
    inputs: int,
    seed: int,
    names: Mapping[str, tuple[int, int]],
    learning: Learning | None,
) -> dict[str, Any]:
    """All but the arrays, as plain values."""
    learns = {} if learning is None else {"learning": asdict(learning)}
    return {
        **learns,
        "params": params.to_dict(),
        "types": [type_values(each) for each in types],
        "inputs": inputs,
        "seed": seed,
        "names": {name: list(where) for name, where in names.items()},
    }


def arguments(archive: Archive, prefix: str, arrays: Sequence[str], learned: Sequence[str]) -> dict[str, Any]:
    """The arguments of `Program.build` that give the program back, as far as they can be made.

    Args:
        archive: it has the entries of `header`, and the arrays of the program.
        prefix: what the names of these arrays begin with.
        arrays: what the program calls them.
        learned: those that are there besides where the program learns.

    Raises:
        FormatError: an entry or array is missing or cannot be what it is called.
    """
    learns = "learning" in archive.header
    names = (*arrays, *learned) if learns else arrays
    found: dict[str, Any] = {name: archive.integers(prefix + name) for name in names}
    if learns:
        found["learning"] = archive.entry("learning", _learning)
    indptr, post_neuron = found.pop("indptr"), found.pop("post_neuron")
    inputs = archive.entry("inputs", index)
    rising = indptr.size and indptr[0] == 0 and (indptr[1:] >= indptr[:-1]).all() and indptr[-1] == post_neuron.size
    if not rising or indptr.size != inputs + found["threshold"].size + 1:
        raise archive.damaged(
            f"'{prefix}indptr' must rise from 0 to {post_neuron.size}, the number of synapses, and have one number "
            "more than there are inputs and neurons"
        )
    return {
        **found,
        "inputs": inputs,
        "pre": np.repeat(np.arange(indptr.size - 1), np.diff(indptr)),
        "post": inputs + post_neuron,
        "params": archive.entry("params", Params.from_dict),
        "types": archive.entry("types", lambda types: tuple(type_of(**values) for values in types)),
        "seed": archive.entry("seed", index),
        "names": archive.entry("names", lambda names: {n: (index(a), index(b)) for n, (a, b) in names.items()}),
    }


def type_values(neuron_type: NeuronType) -> dict[str, Any]:
    """A neuron type as plain values."""
    values = asdict(neuron_type)
    if not neuron_type.traces:
        del values["traces"]
    return values


def type_of(traces: Sequence[dict[str, Any]] = (), **values: Any) -> NeuronType:
    """The inverse of `type_values`."""
    return NeuronType(**values, traces=tuple(PostTrace(**trace) for trace in traces))


def _learning(values: dict[str, Any]) -> Learning:
    """The inverse of `asdict`."""
    rules = [{**rule, "terms": [Term(**term) for term in rule["terms"]]} for rule in values["rules"]]
    parts = {
        "pre": [PreTrace(**trace) for trace in values["pre"]],
        "kernels": [Kernel(**kernel) for kernel in values["kernels"]],
        "rules": [LearningRule(**rule) for rule in rules],
    }
    return Learning(**{**values, **parts})
