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
        CapacityError: it does not; a table of all resources that are short on some core, with what the core needs that
            needs most.
    """
    params = program.params
    short = [(core, usage.short) for core, usage in enumerate(usages) if usage.short]
    if not short:
        return
    most = dict[Resource, tuple[Use, int, int]]()
    for core, uses in short:
        for use in uses:
            greatest, where, cores = most.get(use.resource, (use, core, 0))
            if use.used > greatest.used:
                greatest, where = use, core
            most[use.resource] = greatest, where, cores + 1
    needed = {str(resource): use.used for resource, (use, _, _) in most.items()}
    lines = table(tuple(use for use, _, _ in most.values()))
    if params.cores == 1:
        raise CapacityError(f"the network does not fit a core of the chip ({params.name}):\n{lines}", needed=needed)
    head, *rows = lines.splitlines()
    rows = [
        f"{row}{cores:>14}   {core} ({', '.join(populations(program, neurons, core)) or 'no named neurons'})"
        for row, (_, core, cores) in zip(rows, most.values(), strict=True)
    ]
    raise CapacityError(
        f"as placed, the network does not fit {len(short)} of the {params.cores} cores of the chip ({params.name}):\n"
        + "\n".join([f"{head}{'cores short':>14}   most on core", *rows]),
        needed=needed,
    )
