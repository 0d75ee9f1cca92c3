"""From rows and neurons to the words of a core's memories."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.layout import Content, FanoutTable, Rows, Synapses
from ganglion.model.compiler.pack.learning import learning_registers, pack_learning
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.memories import Memory, MemorySpec, dense_synapses, memories
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.registers import Register


@dataclass(frozen=True, eq=False, kw_only=True)
class CoreParts:
    """What of a network sits in one core."""

    neuron: IntArray
    """Numbers of its neurons, shape (neurons of the core,)."""
    row: IntArray
    """Row of each of these, shape (neurons of the core,)."""
    synapse: IntArray
    """Numbers of its synapses in the program, shape (synapses of the core,)."""
    synapses: Synapses
    """The same synapses as the core sees them."""
    rows: Rows
    """How these are laid out."""
    axon: IntArray
    """Row of AXONS of each of `rows`, shape (rows,)."""
    fanout: FanoutTable


def pack_memories(program: Program, core: CoreParts, params: Params) -> dict[Memory, Content]:
    """What to write to each memory of a core, in this order.

    Rows that the network does not use are written too, so that nothing is left of an earlier network: a neuron in them
    never reaches its threshold, an axon has no synapses, a fan-out entry goes nowhere. Last comes CLEAR, which zeroes
    all state.
    """
    specs, fanout = memories(params), core.fanout
    learning = pack_learning(program, params) if params.products else {}
    columns = {"scope": fanout.scope, "route": fanout.route, "axon": fanout.axon, "next": fanout.next}
    return {
        Memory.TYPES: _types(specs[Memory.TYPES], program, params),
        Memory.NEURONS: _neurons(specs[Memory.NEURONS], program, core, params),
        Memory.AXONS: _axons(specs[Memory.AXONS], core),
        Memory.SYNAPSES: _synapses(specs[Memory.SYNAPSES], program, core, params),
        Memory.FANOUT: _table(specs[Memory.FANOUT], fanout.row, **columns),
        **learning,
        Memory.REGISTERS: _registers(specs[Memory.REGISTERS], program, params),
    }


def _registers(spec: MemorySpec, program: Program, params: Params) -> Content:
    """SEED, CLEAR, and what of learning an image says."""
    values = {Register.SEED: program.seed, Register.CLEAR: 0}
    if params.products:
        values |= learning_registers(program, params)
    return Content(Register.SEED, spec.layout.pack_rows(len(values), {"value": [values[k] for k in sorted(values)]}))


def _table(spec: MemorySpec, where: IntArray, **columns: npt.ArrayLike) -> Content:
    """A whole memory that is 0 except for the columns given, in the rows given."""
    whole = {}
    for name, values in columns.items():
        whole[name] = np.zeros(spec.rows, dtype=np.int64)
        whole[name][where] = values
    return Content(0, spec.layout.pack_rows(spec.rows, whole))


def _types(spec: MemorySpec, program: Program, params: Params) -> Content:
    rows = [each.fields(params) for each in program.types]
    columns = {name: np.array([row[name] for row in rows], dtype=np.int64) for name in rows[0]}
    return _table(spec, np.arange(len(rows)), **columns)


def _neurons(spec: MemorySpec, program: Program, core: CoreParts, params: Params) -> Content:
    _, never = signed_range(params.membrane_bits)
    threshold = np.full(spec.rows, never, dtype=np.int64)
    threshold[core.row] = program.threshold[core.neuron]
    columns = {"bias": program.bias[core.neuron], "type": program.type[core.neuron]}
    if "number" in spec.layout:
        columns["number"] = core.neuron
    constants = _table(spec, core.row, **columns)
    thresholds = spec.layout.pack_rows(spec.rows, {"threshold": threshold})
    return Content(0, constants.chunks | thresholds)


def _axons(spec: MemorySpec, core: CoreParts) -> Content:
    rows = core.rows
    more = np.zeros(rows.count, dtype=np.int64)
    more[:-1] = rows.source[1:] == rows.source[:-1]
    shared = dict(zip(("rule", "receptor", "copy"), core.synapses.kinds[rows.kind].T, strict=True))
    shared["source"] = np.where(shared["rule"] > 0, rows.source, 0)
    return _table(
        spec,
        core.axon,
        # A row of no words may lie behind the last word of the memory, which its field could not hold.
        first=np.where(rows.words > 0, rows.first, 0),
        length=rows.length,
        dense=rows.dense,
        group=rows.group,
        delay=rows.delay,
        more=more,
        **{name: column for name, column in shared.items() if name in spec.layout},
    )


def _synapses(spec: MemorySpec, program: Program, core: CoreParts, params: Params) -> Content:
    """Only as many rows as the network uses: no row of the axon table leads to the others."""
    synapses, rows, weight = core.synapses, core.rows, program.weight[core.synapse]
    count = rows.total_words * params.lanes
    where = rows.word * params.lanes + synapses.lane
    dense = rows.dense[rows.of] == 1

    sparse_columns = {name: np.zeros(count, dtype=np.int64) for name in ("weight", "group", "delay")}
    for name, values in (("weight", weight), ("group", synapses.group), ("delay", synapses.delay)):
        sparse_columns[name][where[~dense]] = values[~dense]
    weights = np.zeros((count, params.beats), dtype=np.int64)
    weights[where[dense], rows.beat[dense]] = weight[dense]
    dense_columns = {f"weight{k}": weights[:, k] for k in range(params.beats)}

    # A word is of one encoding, so in one of the two it is all zero.
    sparse_chunks = spec.layout.pack_rows(count, sparse_columns)
    return Content(0, sparse_chunks | dense_synapses(params).pack_rows(count, dense_columns))
