"""What a trained network is made of: populations of LIF neurons and lists of synapses, in integers or floats."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

Values = Array
"""Integers, or floats."""


INPUT = "input"
"""Name of the input, where a projection starts there."""


@dataclass(frozen=True, eq=False)
class Population:
    """LIF neurons that leak alike and reset by subtraction."""

    name: str
    threshold: Values
    """Shape (neurons,)."""
    bias: Values
    """Shape (neurons,)."""
    decay: tuple[int, int]
    """Decay (m, s) of the membranes, as `NeuronType.decay`."""

    @property
    def count(self) -> int:
        """Number of neurons."""
        return self.threshold.size


@dataclass(frozen=True, eq=False)
class Projection:
    """Synapses between two populations, all of one step's delay."""

    source: str
    """`INPUT`, or the name of a population."""
    target: str
    pre: IntArray
    """Shape (synapses,), index in the source."""
    post: IntArray
    """Shape (synapses,), index in the target."""
    weight: Values
    """Shape (synapses,)."""


@dataclass(frozen=True, eq=False)
class Structure:
    """A whole network. The last population is what is read."""

    inputs: int
    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return sum(population.count for population in self.populations)

    @property
    def outputs(self) -> IntArray:
        """Numbers of the neurons of the last population."""
        return np.arange(self.neurons - self.populations[-1].count, self.neurons)

    def first(self, name: str) -> int:
        """Number of a population's first neuron."""
        names = [population.name for population in self.populations]
        return sum(population.count for population in self.populations[: names.index(name)])

    def synapses(self) -> tuple[IntArray, IntArray, Values]:
        """Source (inputs first, then neurons), target and weight of every synapse whose weight is not 0."""
        columns = []
        for projection in self.projections:
            start = 0 if projection.source == INPUT else self.inputs + self.first(projection.source)
            there = projection.weight != 0
            target = self.first(projection.target) + projection.post[there]
            columns.append((start + projection.pre[there], target, projection.weight[there]))
        source, target, weight = (np.concatenate(column) for column in zip(*columns, strict=True))
        return source, target, weight

    def joined(self, part: Callable[[Population], npt.ArrayLike]) -> Values:
        """One value of each neuron, population by population."""
        values = [np.broadcast_to(part(population), population.count) for population in self.populations]
        return np.concatenate(values)

    def program(self, params: Params, *, report_all: bool = False) -> Program:
        """The network as a program, whose populations have their names.

        Args:
            params: widths of the arithmetic.
            report_all: report the spikes of all neurons to the host, not only those of the last population.

        Raises:
            ProgramError: the network does not fit these widths, or is of floats.
        """
        source, target, weight = self.synapses()
        decays = list(dict.fromkeys(population.decay for population in self.populations))
        return Program.build(
            params=params,
            types=tuple(NeuronType(decay=decay, reset="subtract") for decay in decays),
            type=self.joined(lambda population: decays.index(population.decay)),
            threshold=self.joined(lambda population: population.threshold),
            bias=self.joined(lambda population: population.bias),
            inputs=self.inputs,
            pre=source,
            post=self.inputs + target,
            weight=weight,
            outputs=None if report_all else self.outputs,
            names={population.name: (self.first(population.name), population.count) for population in self.populations},
        )


def dense(source: str, target: str, weight: Values) -> Projection:
    """All to all: weights of shape (sources, targets)."""
    pre, post = np.indices(weight.shape).reshape(2, -1)
    return Projection(source, target, pre, post, weight.ravel())


def convolution(source: str, target: str, kernel: Values, side: int, stride: int) -> Projection:
    """A convolution of square maps, without padding, unrolled into synapses.

    Neurons are numbered channel by channel, then row by row, on both sides.

    Args:
        source, target: names of the populations.
        kernel: weights of shape (channels out, channels in, rows, rows), not flipped (a cross-correlation).
        side: rows, and columns, of a map of the source.
        stride: rows, and columns, from one position of the kernel to the next.
    """
    out = (side - kernel.shape[2]) // stride + 1
    shape = (*kernel.shape, out, out)
    to, came, row, column, down, right = np.indices(shape).reshape(6, -1)
    pre = (came * side + down * stride + row) * side + right * stride + column
    post = (to * out + down) * out + right
    weight = np.broadcast_to(kernel[..., None, None], shape).ravel()
    return Projection(source, target, pre, post, weight)
