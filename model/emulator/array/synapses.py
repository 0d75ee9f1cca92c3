"""Synapses over arrays: a matrix for each delay, and matrices of their own for projections that are dense."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from ganglion.model.spec.arrays import Array, BoolArray, FloatArray, IntArray
from ganglion.model.spec.program import Program

DENSE = 1 / 8
"""A block of which a greater share is synapses is a dense matrix: BLAS is so much faster."""

SMALL = 1024
"""Blocks of fewer synapses are not worth a matrix of their own."""


@dataclass(frozen=True, eq=False)
class Block:
    """Synapses of one delay from consecutive sources to consecutive neurons."""

    delay: int
    pre: slice
    """Sources, inputs first."""
    post: slice
    """Neurons."""
    matrix: Any
    """Weights, float64, shape (neurons, sources): dense, or sparse of SciPy. Duplicates are added up."""


class Synapses:
    """All synapses of a network.

    Args:
        blocks: synapses.
        bound: no sum of what is delivered to a neuron in a step is greater where each source fires once.
        fan_out: weights of each source that are not 0, float64 (1, sources).
    """

    def __init__(self, blocks: Sequence[Block], bound: float, fan_out: Array | None = None) -> None:
        self.blocks, self.bound, self.fan_out = blocks, bound, fan_out
        self.longest = max((block.delay for block in blocks), default=1)

    @classmethod
    def build(
        cls,
        pre: IntArray,
        post: IntArray,
        weight: FloatArray | IntArray,
        delay: IntArray,
        *,
        inputs: int,
        neurons: int,
        cuts: Iterable[int] = (),
        dense: bool = True,
        xp: Any = np,
    ) -> "Synapses":
        """From a list of synapses.

        Args:
            pre: sources, inputs first, then neurons, shape (synapses,) as the next three.
            post: neurons.
            weight: whole numbers where `dense`.
            delay: steps.
            inputs: sources that are no neurons.
            neurons: how many.
            cuts: neurons with which a population begins.
            dense: find dense blocks. Sums of BLAS have no fixed order, so floats that must be the same everywhere want
                none.
            xp: the array module; any but NumPy has dense blocks alone.
        """
        synapses = pre, post, np.asarray(weight, dtype=np.float64), delay
        shape = neurons, inputs + neurons
        blocks: list[Block] = []
        if dense:
            ends = np.unique([0, neurons, *cuts])
            blocks, rest = _dense_blocks(*synapses, np.unique([0, *(inputs + ends)]), ends, xp)
            synapses = tuple(column[rest] for column in synapses)  # type: ignore[assignment]
        for steps in np.unique(synapses[3]).tolist():
            source, neuron, value = (column[synapses[3] == steps] for column in synapses[:3])
            matrix = sparse.csr_array((value, (neuron, source)), shape=shape)
            blocks.append(Block(steps, slice(0, shape[1]), slice(0, shape[0]), matrix))
        sums = np.bincount(post, weights=np.abs(weight), minlength=1)
        fan_out = np.bincount(pre[weight != 0], minlength=shape[1]).astype(np.float64)
        return cls(blocks, float(sums.max()), xp.asarray(fan_out[np.newaxis]))

    @classmethod
    def of(cls, program: Program, weight: IntArray | None = None, xp: Any = np) -> "Synapses":
        """Those of a program, with other weights where some are given."""
        ends = [end for first, count in program.names.values() for end in (first, first + count)]
        return cls.build(
            program.pre,
            program.post_neuron,
            program.weight if weight is None else weight,
            program.delay,
            inputs=program.inputs,
            neurons=program.neurons,
            cuts=ends,
            xp=xp,
        )


def _dense_blocks(
    pre: IntArray, post: IntArray, weight: FloatArray, delay: IntArray, pres: IntArray, posts: IntArray, xp: Any
) -> tuple[list[Block], BoolArray]:
    """Dense blocks between parts of the sources and parts of the neurons, and the synapses that are in none.

    Args:
        pre, post, weight, delay: of the synapses.
        pres, posts: where the parts begin, and the last one ends.
        xp: the array module.
    """
    to, source = np.searchsorted(posts, post, side="right") - 1, np.searchsorted(pres, pre, side="right") - 1
    key = (delay * posts.size + to) * pres.size + source
    order = np.argsort(key, kind="stable")
    firsts = np.flatnonzero(np.diff(key[order], prepend=-1))
    blocks, rest = [], np.ones(pre.size, dtype=bool)
    for mine in np.split(order, firsts[1:]):
        if not mine.size:
            continue
        first = mine[0]
        neurons = slice(int(posts[to[first]]), int(posts[to[first] + 1]))
        sources = slice(int(pres[source[first]]), int(pres[source[first] + 1]))
        shape = neurons.stop - neurons.start, sources.stop - sources.start
        size = shape[0] * shape[1]
        if xp is np and mine.size < max(SMALL, DENSE * size):
            continue
        place = (post[mine] - neurons.start) * shape[1] + pre[mine] - sources.start
        matrix = np.bincount(place, weights=weight[mine], minlength=size).reshape(shape)
        blocks.append(Block(int(delay[first]), sources, neurons, xp.asarray(matrix)))
        rest[mine] = False
    return blocks, rest
