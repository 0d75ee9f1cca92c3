"""From parameters per neuron to the chip's small table of neuron types."""

from dataclasses import dataclass

import numpy as np

from ganglion.model.compiler.quantize.flat import Flat, name_of
from ganglion.model.compiler.quantize.grouping import grouped
from ganglion.model.compiler.quantize.plan import Plan
from ganglion.model.spec.arithmetic import lowest_terms
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params


@dataclass(frozen=True, eq=False)
class Types:
    """The table, and the row of each neuron, shape (neurons,)."""

    table: tuple[NeuronType, ...]
    of: IntArray


def neuron_types(
    flat: Flat,
    v_reset: IntArray,
    adaptation_raise: IntArray,
    plan: Plan,
    params: Params,
    told: list[str] | None = None,
) -> Types:
    """The distinct combinations of what the chip keeps per type, in the order of the first neuron of each.

    A decay d becomes round(d * 2^decay_bits) / 2^decay_bits, with the fraction reduced.

    Args:
        flat: the network.
        v_reset: in integers, shape (neurons,).
        adaptation_raise: in integers, shape (neurons,).
        params: the chip.
        told: gets a line where decays are approximated: one too small for the chip is none, and near ones are joined
            where types run out. None is not to do so.

    Raises:
        NetworkError: more types than the chip has, or an option that it lacks; the message names a population. Without
            `told`, a decay too small to be told from none.
    """
    s = params.decay_bits
    columns = {}
    for field, decay in (
        ("decay", flat.decay),
        ("current_decay", flat.current_decay),
        ("adaptation_decay", flat.adaptation_decay),
    ):
        m = np.rint(decay * (1 << s)).astype(np.int64)
        lost = np.flatnonzero((decay > 0) & (m == 0))
        if lost.size and told is not None:
            least = float(decay[lost].max())
            told.append(
                f"'{name_of(flat, lost[0])}': {field} of {lost.size:,} neurons is nearer to none than to the least one "
                f"of the chip, 2^-{s}, and is none: at {least:.2g} a step, in 100 steps {1 - (1 - least) ** 100:.2%} "
                "is not lost that should be. A chip of more decay_bits has it"
            )
        elif lost.size:
            raise NetworkError(
                f"population '{name_of(flat, lost[0])}': {field} {decay[lost[0]]:g} is nearer to none than to the "
                f"least one of the chip, 2^-{s}; use longer steps, 0, or a chip of more decay_bits"
            )
        columns[field] = m
    for option, bits, needed in (
        ("a synaptic current", params.current_bits, flat.current),
        ("an adaptive threshold", params.adaptation_bits, flat.adaptation_raise != 0),
    ):
        if not bits and needed.any():
            raise NetworkError(
                f"population '{name_of(flat, int(np.argmax(needed)))}' needs {option}, which the chip ({params.name}) "
                "has not",
                python="give quantize params of a chip that has it, such as PRESETS['wide']",
                command="take a chip that has it, such as --preset wide",
            )
    # Populations with the same traces share types.
    traces = np.array([plan.traces.index(each) for each in plan.traces], dtype=np.int64)
    rows = np.stack(
        [
            columns["decay"],
            np.where(flat.current, columns["current_decay"], -1),
            np.where(flat.adaptation_raise != 0, columns["adaptation_decay"], 0),
            np.where(flat.subtract, 0, v_reset),
            flat.refractory,
            adaptation_raise,
            flat.subtract,
            traces[plan.population],
        ],
        axis=1,
    ).astype(np.int64)
    if told is not None:
        rows = _joined(flat, rows, params, told)
    distinct, first, of = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)  # the type of the first neuron is type 0
    distinct, first, of = distinct[order], first[order], np.argsort(order)[of.ravel()]
    if len(distinct) > params.types:
        name = name_of(flat, int(first[params.types]))
        raise NetworkError(
            f"the network needs {len(distinct)} types of neurons (distinct decays, resets and refractory periods), the "
            f"chip ({params.name}) has {params.types}; population '{name}' is the first that is too many. Use fewer "
            "distinct resets and refractory periods, or a chip of more types"
        )
    table = tuple(
        NeuronType(
            decay=lowest_terms(m, s),
            current_decay=None if current < 0 else lowest_terms(current, s),
            adaptation_decay=lowest_terms(adaptation, s),
            v_reset=reset,
            refractory=refractory,
            adaptation_raise=raised,
            reset="subtract" if subtract else "value",
            traces=plan.traces[population],
        )
        for m, current, adaptation, reset, refractory, raised, subtract, population in distinct.tolist()
    )
    return Types(table, of)


DECAYS = ("decay", "current_decay", "adaptation_decay")
"""The first columns of a row."""


def _joined(flat: Flat, rows: IntArray, params: Params, told: list[str]) -> IntArray:
    """The rows as they are, or with near decays joined where there are more than the chip has types."""
    count = len(np.unique(rows, axis=0))
    if count <= params.types:
        return rows
    fewer = grouped(rows, tuple(range(len(DECAYS))), params.types)
    if fewer is None:
        return rows
    for column, field in enumerate(DECAYS):
        error = np.abs(fewer[:, column] - rows[:, column]) / np.maximum(rows[:, column], 1)
        if error.any():
            worst = int(error.argmax())
            told.append(
                f"the network needs {count} types of neurons, the chip ({params.name}) has {params.types}: near decays "
                f"were joined. {field} is off by {error.mean():.2%} on average, and by {error[worst]:.2%} at most, in "
                f"'{name_of(flat, worst)}' ({rows[worst, column]} for which {fewer[worst, column]} stands, of "
                f"2^{params.decay_bits})"
            )
    return fewer
