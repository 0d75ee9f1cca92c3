"""Whether a network fits a chip, and if not, what is short, where, and by how much."""

from collections.abc import Sequence

import numpy as np

from ganglion.model.compiler.layout import Places
from ganglion.model.compiler.place.neurons import populations
from ganglion.model.compiler.usage import Resource, Usage, Use, table
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import CapacityError
from ganglion.model.spec.program import Program


def check_chip(program: Program) -> None:
    """Whether some placement on a chip of several cores may exist; of one core, `check_cores` says all at once.

    Raises:
        CapacityError: none does: the whole chip is too small, or a single neuron takes more than a core. The table says
            what is needed at least.
    """
    params = program.params
    if params.cores == 1:
        return
    chip = f"the chip ({params.name}, {params.cores} cores)"
    sends = np.diff(program.indptr) > 0
    entries = sends[program.inputs :].astype(np.int64)
    entries[program.outputs] += 1
    least = {
        Resource.NEURONS: program.neurons,
        Resource.AXONS: int(sends.sum()),
        Resource.WORDS: -(-program.synapses // (params.lanes * params.beats)),
        Resource.ENTRIES: params.cores * params.neurons + int(np.maximum(entries - 1, 0).sum()),
    }
    uses = [Use(resource, used, params.cores * resource.available(params)) for resource, used in least.items()]
    # Every core has all types.
    uses.insert(1, Use(Resource.TYPES, len(program.types), params.types))
    short = Usage(tuple(uses)).short
    if short:
        raise CapacityError(f"the network does not fit {chip}, wherever its neurons sit; at least:\n{table(short)}")

    synapses = np.bincount(program.post_neuron, minlength=program.neurons)
    _check_neurons(program, synapses, "synapses, each in a word of its own", params.synapse_words)
    if synapses.max() > params.axons:
        sources = program.indptr.size - 1
        pairs = np.sort(program.post_neuron * sources + program.pre)
        heard = pairs[np.diff(pairs, prepend=-1) > 0] // sources
        _check_neurons(program, np.bincount(heard), "sources, each on an axon of its own", params.axons)


def _check_neurons(program: Program, count: IntArray, what: str, available: int) -> None:
    """Whether no neuron has more of something than a core has room for."""
    if count.max() <= available:
        return
    neuron, params = int(count.argmax()), program.params
    others = int((count > available).sum()) - 1
    chip = f"the chip ({params.name}, {params.cores} cores)"
    raise CapacityError(
        f"neuron {program.name_of(neuron)} has {count[neuron]} {what}; a core of {chip} has {available}"
        + (f" ({others} other neurons have too many too)" if others else "")
    )


def check_cores(usages: Sequence[Usage], program: Program, neurons: Places) -> None:
    """Whether the network fits every core.

    Raises:
        CapacityError: it does not; for every core that is short, a table of the resources, needed and available.
    """
    params = program.params
    short = [(core, usage.short) for core, usage in enumerate(usages) if usage.short]
    if not short:
        return
    if params.cores == 1:
        raise CapacityError(f"the network does not fit a core of the chip ({params.name}):\n{table(short[0][1])}")
    message = (
        f"as placed, the network does not fit {len(short)} of the {params.cores} cores of the chip ({params.name})"
    )
    for core, uses in short:
        who = ", ".join(populations(program, neurons, core)) or "no named neurons"
        message += f"\ncore {core} ({who}):\n{table(uses)}"
    raise CapacityError(message)
