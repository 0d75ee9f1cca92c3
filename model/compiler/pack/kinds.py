"""Kinds of synapses: what those of a row share besides their source, and how full a dense row of a rule must be."""

import numpy as np

from ganglion.model.compiler.layout import Synapses
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program


def synapse_kinds(program: Program) -> tuple[IntArray, IntArray]:
    """The kind of each synapse, and the kinds.

    Copies are told apart only where a rule rounds at random: there they must draw different numbers.

    Returns:
        The kind of each synapse, shape (synapses,), and rule, receptor and copy of each kind, shape (kinds, 3),
        the first all 0; int64 both.
    """
    nothing = np.zeros((1, 3), dtype=np.int64)
    if program.learning is None:
        return np.zeros(program.synapses, dtype=np.int64), nothing
    draws = np.array([False, *(rule.is_stochastic for rule in program.learning.rules)])
    copy = np.where(draws[program.rule], program.copy, 0)
    of_synapses = np.stack((program.rule, program.receptor, copy), axis=1)
    kinds, kind = np.unique(np.concatenate((nothing, of_synapses)), axis=0, return_inverse=True)
    return kind.ravel()[1:].astype(np.int64), kinds.astype(np.int64)


def full_planes(synapses: Synapses, plane: IntArray, params: Params) -> IntArray:
    """Planes, of which those of a rule are cut into runs of groups that are full, and of others.

    Args:
        synapses: those of a core.
        plane: number of the plane of each, shape (synapses,).
        params: the chip, of which lanes matter.

    Returns:
        The number of each synapse's plane, shape (synapses,).
    """
    if not _ruled(synapses).any():
        return plane
    groups = int(synapses.group.max()) + 1
    key, inverse, count = np.unique(plane * groups + synapses.group, return_inverse=True, return_counts=True)
    full = count == params.lanes
    goes_on = np.zeros(key.size, dtype=bool)
    goes_on[1:] = full[1:] & full[:-1] & (np.diff(key) == 1) & (key[1:] // groups == key[:-1] // groups)
    runs = np.cumsum(~goes_on)[inverse]
    # The others keep a number for each plane, above those of the runs.
    parts: IntArray = np.where(_ruled(synapses), runs, runs.max() + 1 + plane)
    return np.unique(parts, return_inverse=True)[1].astype(np.int64)


def only_full(synapses: Synapses, segment: IntArray, params: Params) -> IntArray:
    """A split in which the dense segments of rules that are not full are sparse.

    Args:
        synapses: those of a core.
        segment: the split, shape (synapses,), as in `ganglion.model.compiler.pack.rows`.
        params: the chip, of which lanes matter.
    """
    ruled = _ruled(synapses)
    if not ruled.any():
        return segment
    span = int(segment.max(initial=0)) + 1
    _, part, count = np.unique(synapses.source * span + np.maximum(segment, 0), return_inverse=True, return_counts=True)
    first, last = np.full(count.size, np.iinfo(np.int64).max), np.full(count.size, -1)
    np.minimum.at(first, part, synapses.group)
    np.maximum.at(last, part, synapses.group)
    full = count == (last - first + 1) * params.lanes
    kept: IntArray = np.where(ruled & (segment > 0) & ~full[part], 0, segment)
    return kept


def _ruled(synapses: Synapses) -> IntArray:
    ruled: IntArray = synapses.kinds[synapses.kind, 0] > 0
    return ruled
