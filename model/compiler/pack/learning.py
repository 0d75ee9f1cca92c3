"""From the learning of a network to the memories and registers of a core that hold it: the same in every core."""

import numpy as np

from ganglion.model.compiler.layout import Content
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.formats import Layout
from ganglion.model.spec.learning import Learning
from ganglion.model.spec.learning_memories import SLOTS, pre_trace_layout, rules_layout, terms_layout
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packet_arrays import Chunks
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.registers import Register


def pack_learning(program: Program, params: Params) -> dict[Memory, Content]:
    """RULES, TRACES and KERNELS, as far as the chip has them; zeros where the network does not learn."""
    specs, learning = memories(params), program.learning or Learning()
    found = {Memory.RULES: Content(0, _rules(learning, params))}
    if Memory.TRACES in specs:
        rows: list[dict[str, int]] = [{} for _ in range(specs[Memory.TRACES].rows)]
        for number, neuron_type in enumerate(program.types):
            for slot, trace in zip(SLOTS, neuron_type.traces, strict=False):
                rows[(slot - 1) * params.types + number] = trace.fields(params)
        found[Memory.TRACES] = Content(0, _rows(specs[Memory.TRACES].layout, rows))
    if Memory.KERNELS in specs:
        values = np.zeros(specs[Memory.KERNELS].rows, dtype=np.int64)
        for number, kernel in enumerate(learning.kernels):
            first = number * params.trace_ages
            values[first : first + params.trace_ages] = kernel.table(params.trace_ages)
        layout = specs[Memory.KERNELS].layout
        found[Memory.KERNELS] = Content(0, layout.pack_rows(values.size, {"value": values}))
    return found


def learning_registers(program: Program, params: Params) -> dict[Register, int]:
    """The registers of learning that an image loads."""
    learning, layout = program.learning, pre_trace_layout(params)
    values = {Register.EPOCH_STEPS: 1, Register.PRE_TRACE_1: 0, Register.PRE_TRACE_2: 0, Register.LEARNING: 0}
    if learning is None:
        return values
    for number, trace in enumerate(learning.pre):
        row = layout.pack(jump=trace.jump, kernel=trace.kernel, set=int(trace.mode == "set"))
        values[Register(Register.PRE_TRACE_1 + number)] = row
    return values | {Register.EPOCH_STEPS: learning.epoch, Register.LEARNING: 1}


def _rules(learning: Learning, params: Params) -> Chunks:
    """Each rule: its head, and as many rows for terms as a rule may have."""
    layout, of_terms = rules_layout(params), terms_layout(params)
    whole = np.zeros((memories(params)[Memory.RULES].rows, layout.chunks), dtype=np.uint16)
    for number, rule in enumerate(learning.rules):
        first = number * (params.terms + 1)
        whole[first] = _rows(layout, [rule.fields(params)])[0]
        whole[first + 1 : first + 1 + len(rule.terms)] = _rows(of_terms, [term.fields(params) for term in rule.terms])
    return whole


def _rows(layout: Layout, rows: list[dict[str, int]]) -> Chunks:
    """Rows of a memory; fields that the layout lacks are left out, those that a row lacks are 0."""
    columns: dict[str, IntArray] = {
        field.name: np.array([row.get(field.name, 0) for row in rows], dtype=np.int64) for field in layout.fields
    }
    return layout.pack_rows(len(rows), columns)
