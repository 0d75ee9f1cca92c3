"""From a `Program` to an `Image` for a chip of one core."""

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.bounds import check_accumulators
from ganglion.model.compiler.encode import Encoding, encode
from ganglion.model.compiler.image import Core, Image, SynapsePlaces
from ganglion.model.compiler.pack import FanoutTable, pack_memories
from ganglion.model.compiler.place import Places, place_neurons
from ganglion.model.compiler.rows import Rows, Synapses
from ganglion.model.compiler.usage import Resource, Usage
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import IntArray, Program

VISIBLE = ("delay_slots", "membrane_bits", "accumulator_bits", "current_bits", "adaptation_bits")
"""Parameters that show in a trace: a program means something else where they differ."""


def compile_program(
    program: Program,
    params: Params | None = None,
    *,
    encoding: Encoding = "auto",
    order: npt.ArrayLike | None = None,
    allow_overflow: bool = False,
    rng: np.random.Generator | None = None,
) -> Image:
    """Place a network on a chip and pack its memories.

    Args:
        program: the network.
        params: the chip; None is the program's own.
        encoding: "auto" takes for each axon the rows of fewest words; "sparse" and "dense" take one kind of row;
            "random" takes any split into rows that fits, for tests. See `ganglion.model.compiler.encode`.
        order: row of each neuron in the core, shape (neurons,); None is the neuron's number.
        allow_overflow: compile even where an accumulator could overflow; sums then wrap and are counted.
        rng: the chance of "random".

    Raises:
        ProgramError: the chip's arithmetic is another one, or a value of the program does not fit its fields.
        AccumulatorBoundError: an accumulator could overflow, and that is not allowed.
        CapacityError: the network does not fit; says all that is short.
        PlacementError: a bad `order` or `encoding`.
    """
    if params is not None:
        program = _for_chip(program, params)
    params = program.params
    if not allow_overflow:
        check_accumulators(program, params.accumulator_bits)

    neurons = place_neurons(program.neurons, params, order)
    rows_of_targets = neurons.row[program.target]
    synapses = Synapses(
        source=np.repeat(np.arange(program.row.size - 1), np.diff(program.row)),
        group=rows_of_targets // params.lanes,
        lane=rows_of_targets % params.lanes,
        delay=program.delay,
    )
    senders = np.flatnonzero(np.diff(program.row[program.inputs :]))
    sources = np.concatenate((np.arange(program.inputs), program.inputs + senders))
    rows = encode(synapses, sources, params, encoding, rng)

    axon_rows = np.searchsorted(rows.source, sources).astype(np.int64)
    inputs = Places(core=np.zeros(program.inputs, dtype=np.int64), row=axon_rows[: program.inputs])
    axons = Places(core=np.full(program.neurons, -1), row=np.full(program.neurons, -1))
    axons.core[senders], axons.row[senders] = 0, axon_rows[program.inputs :]

    fanout = FanoutTable.build(program, neurons, axons, params)
    usage = _usage(program, rows, fanout, params)
    usage.check(params.name)
    return Image(
        params=params,
        program=program,
        cores=(Core(memories=pack_memories(program, synapses, rows, neurons, fanout, params), usage=usage),),
        neurons=neurons,
        inputs=inputs,
        axons=axons,
        synapses=_synapse_places(synapses, rows, params),
    )


def _for_chip(program: Program, params: Params) -> Program:
    """The same program with the chip's params, checked against them."""
    changed = [name for name in VISIBLE if getattr(params, name) != getattr(program.params, name)]
    if changed:
        raise ProgramError(
            "the program was made for another arithmetic than the chip's; field: program, chip: "
            + "; ".join(f"{name}: {getattr(program.params, name)}, {getattr(params, name)}" for name in changed)
        )
    return Program.build(
        params=params,
        types=program.types,
        threshold=program.threshold,
        bias=program.bias,
        type=program.type,
        inputs=program.inputs,
        source=np.repeat(np.arange(program.row.size - 1), np.diff(program.row)),
        target=program.target,
        weight=program.weight,
        delay=program.delay,
        outputs=program.outputs,
        seed=program.seed,
        names=program.names,
    )


def _usage(program: Program, rows: Rows, fanout: FanoutTable, params: Params) -> Usage:
    entries = max(int(fanout.row.max(initial=0)) + 1, params.neurons)
    return Usage(
        (
            Resource("neurons", program.neurons, params.neurons),
            Resource("neuron types", len(program.types), params.types),
            Resource("axon rows", rows.count, params.axons),
            Resource("synapse words", rows.total_words, params.synapse_words),
            Resource("fan-out entries", entries, params.fanout_entries),
        )
    )


def _synapse_places(synapses: Synapses, rows: Rows, params: Params) -> SynapsePlaces:
    bit: IntArray = rows.beat * params.weight_bits
    return SynapsePlaces(
        core=np.zeros(synapses.count, dtype=np.int64),
        row=rows.word * params.lanes + synapses.lane,
        bit=bit,
        axon=rows.of,
    )
