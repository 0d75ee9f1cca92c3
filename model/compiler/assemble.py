"""From a placement to an `Image`: rows core by core, axons, destinations, memories."""

from itertools import pairwise

import numpy as np

from ganglion.model.compiler.capacity import check_cores
from ganglion.model.compiler.image import Core, Image, SynapsePlaces
from ganglion.model.compiler.pack.encode import Encoding, encode
from ganglion.model.compiler.pack.memories import CoreParts, pack_memories
from ganglion.model.compiler.pack.rows import Rows, Synapses, rank
from ganglion.model.compiler.place.axons import Chains, Destinations, assign_axons
from ganglion.model.compiler.place.fanout import fanout_tables
from ganglion.model.compiler.place.neurons import Places
from ganglion.model.compiler.usage import core_usage
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import IntArray, Program


def assemble(
    program: Program, neurons: Places, encoding: Encoding = "auto", rng: np.random.Generator | None = None
) -> Image:
    """The image of a network whose neurons sit at these places of the chip of its params.

    Raises:
        CapacityError: it does not fit there; says all that is short.
    """
    params = program.params
    synapses = _synapses_by_core(program, neurons)
    parts, inputs = _parts(program, neurons, synapses, encoding, rng)
    usages = [core_usage(program, part.neuron.size, part.rows, part.fanout, params) for part in parts]
    if encoding == "auto" and params.cores > 1 and any("fan-out entries" in usage.shortages for usage in usages):
        # Long chains of rows fill the axon tables, and then cores find fewer numbers to share: take single rows.
        parts, inputs = _parts(program, neurons, synapses, encoding, rng, axons=0)
        usages = [core_usage(program, part.neuron.size, part.rows, part.fanout, params) for part in parts]
    check_cores(usages, program, neurons)
    return Image(
        params=params,
        program=program,
        cores=tuple(
            Core(memories=pack_memories(program, part, params), usage=usage)
            for part, usage in zip(parts, usages, strict=True)
        ),
        neurons=neurons,
        inputs=inputs,
        synapses=_synapse_places(program, parts, params),
    )


def _parts(
    program: Program,
    neurons: Places,
    synapses: list[tuple[IntArray, Synapses]],
    encoding: Encoding,
    rng: np.random.Generator | None,
    axons: int | None = None,
) -> tuple[list[CoreParts], Destinations]:
    """What sits in each core, and the destinations of the inputs."""
    params = program.params
    sources = program.inputs + program.neurons
    # A host that knows one core alone may send to any of its inputs.
    idle = np.arange(program.inputs) if params.cores == 1 else np.zeros(0, dtype=np.int64)
    rows = [encode(seen, np.union1d(idle, seen.source), params, encoding, rng, axons) for _, seen in synapses]
    chains = [Chains(*np.unique(of_core.source, return_counts=True)) for of_core in rows]
    destinations, first = assign_axons(chains, sources, params)
    fanout = fanout_tables(program, neurons, destinations.part(program.inputs, sources), params)
    parts = []
    for core, ((number, seen), of_core) in enumerate(zip(synapses, rows, strict=True)):
        here = np.flatnonzero(neurons.core == core)
        axon = np.repeat(first[core], chains[core].length) + rank(of_core.source)
        parts.append(
            CoreParts(
                neuron=here,
                row=neurons.row[here],
                synapse=number,
                synapses=seen,
                rows=of_core,
                axon=axon,
                fanout=fanout[core],
            )
        )
    return parts, destinations.part(0, program.inputs)


def _synapses_by_core(program: Program, neurons: Places) -> list[tuple[IntArray, Synapses]]:
    """For each core the numbers of its synapses in the program, and what it sees of them."""
    params = program.params
    core, row = neurons.core[program.target], neurons.row[program.target]
    source = np.repeat(np.arange(program.row.size - 1), np.diff(program.row))
    order = np.argsort(core, kind="stable")
    bounds = np.searchsorted(core[order], np.arange(params.cores + 1))
    numbers = [order[low:high] for low, high in pairwise(bounds)]
    return [
        (
            number,
            Synapses(
                source=source[number],
                group=row[number] // params.lanes,
                lane=row[number] % params.lanes,
                delay=program.delay[number],
            ),
        )
        for number in numbers
    ]


def _synapse_places(program: Program, parts: list[CoreParts], params: Params) -> SynapsePlaces:
    core, row, bit, axon = (np.zeros(program.synapses, dtype=np.int64) for _ in range(4))
    for number, part in enumerate(parts):
        rows: Rows = part.rows
        core[part.synapse] = number
        row[part.synapse] = rows.word * params.lanes + part.synapses.lane
        bit[part.synapse] = rows.beat * params.weight_bits
        axon[part.synapse] = part.axon[rows.of]
    return SynapsePlaces(core=core, row=row, bit=bit, axon=axon)
