"""From a placement to an `Image`: rows core by core, axons, destinations, memories."""

from itertools import pairwise

import numpy as np

from ganglion.model.compiler.capacity import check_cores
from ganglion.model.compiler.image import Core, Image
from ganglion.model.compiler.layout import Destinations, Places, Rows, SynapsePlaces, Synapses
from ganglion.model.compiler.pack.encode import Encoding, encode
from ganglion.model.compiler.pack.kinds import synapse_kinds
from ganglion.model.compiler.pack.memories import CoreParts, pack_memories
from ganglion.model.compiler.route.axons import Chains, assign_axons
from ganglion.model.compiler.route.fanout import fanout_tables
from ganglion.model.compiler.usage import Resource, core_usage
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import IntArray, rank
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

SHARE = 0.5
"""Of an axon table: beyond it, each word that several rows for a source save costs more than one fan-out entry, since
cores find few numbers that are free in all of them."""


def assemble(
    program: Program,
    neurons: Places,
    encoding: Encoding = "auto",
    rng: np.random.Generator | None = None,
    progress: Progress = SILENT,
) -> Image:
    """The image of a network whose neurons sit at these places of the chip of its params.

    Raises:
        CapacityError: it does not fit there; says all that is short.
    """
    params = program.params
    synapses = _synapses_by_core(program, neurons)
    parts, inputs = _parts(program, neurons, synapses, encoding, rng, SHARE, progress)
    usages = [core_usage(program, part.neuron.size, part.rows, part.fanout, params) for part in parts]
    short = {use.resource for usage in usages for use in usage.short} & {Resource.ENTRIES, Resource.WORDS}
    if encoding in ("auto", "fast") and params.cores > 1 and len(short) == 1:
        # Fewer rows leave more numbers to share, and so take fewer entries; more rows take fewer words.
        share = 0 if Resource.ENTRIES in short else 1
        parts, inputs = _parts(program, neurons, synapses, encoding, rng, share, progress)
        usages = [core_usage(program, part.neuron.size, part.rows, part.fanout, params) for part in parts]
    check_cores(usages, program, neurons)
    cores = []
    with progress.task("packing memories, core by core", params.cores) as task:
        for part, usage in zip(parts, usages, strict=True):
            cores.append(Core(memories=pack_memories(program, part, params), usage=usage))
            task.advance()
    return Image(
        params=params,
        program=program,
        cores=tuple(cores),
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
    share: float,
    progress: Progress,
) -> tuple[list[CoreParts], Destinations]:
    """What sits in each core, and the destinations of the inputs.

    Args:
        program: the network.
        neurons: where its neurons sit.
        synapses: of each core, as by `_synapses_by_core`.
        encoding: of the rows.
        rng: the chance of "random".
        share: of the axon table that "auto" and "fast" may fill by taking several rows for a source that other cores
            hear too.
        progress: told of the rows.
    """
    params = program.params
    sources = program.inputs + program.neurons
    heard_by = np.bincount(np.concatenate([np.unique(seen.source) for _, seen in synapses]), minlength=sources)
    # A host that knows one core alone may send to any of its inputs.
    idle = np.arange(program.inputs) if params.cores == 1 else np.zeros(0, dtype=np.int64)
    rows = []
    with progress.task("laying out rows, core by core", params.cores) as task:
        for _, seen in synapses:
            alone = (heard_by[seen.source] < 2).all()
            axons = params.axons if alone else int(share * params.axons)
            rows.append(encode(seen, np.union1d(idle, seen.source), params, encoding, rng, axons))
            task.advance()
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
    core, row = neurons.core[program.post_neuron], neurons.row[program.post_neuron]
    source = program.pre
    kind, kinds = synapse_kinds(program)
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
                kind=kind[number],
                kinds=kinds,
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
