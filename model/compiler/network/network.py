"""A `Network`: populations and projections in floats, the way in from Python."""

from collections.abc import Callable, Sequence
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.network.convolution import Convolution, Padding, pooling
from ganglion.model.compiler.network.layers import Layer, Layers
from ganglion.model.compiler.network.population import Input, Population, parse_shape
from ganglion.model.compiler.network.projection import Learns, Projection, listed, matrix, random_pairs
from ganglion.model.spec import html
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.params.part import whole

WeightRule = Callable[[np.random.Generator, int], npt.ArrayLike]


@explained(NetworkError)
class Network:
    """Inputs, populations and projections, in the user's own units.

    Neurons of a population with several axes, (8, 28, 28) say, are numbered in C order. Weights of arrays are
    of shape (target size, source size), as in PyTorch and NIR: y = W x. Every call checks its own arguments and changes
    nothing where it fails.

    Every projection takes besides its own arguments `learning`, a plastic rule by which its weights change, such as
    `ganglion.learning.stdp()`, and `receptor`: 1 feeds the traces of its target alone, an error or a teacher.
    """

    def __init__(self, name: str = "network") -> None:
        self.name = name
        self.layers = Layers()
        self.inputs, self.populations = self.layers.inputs, self.layers.populations
        self.projections: list[Projection] = []
        self.outputs: list[str] = []
        """Populations whose spikes the host sees; empty is all of them."""
        self.lag: dict[str, int] = {}
        """Steps by which spikes of a population come later than in the network that this one was made from."""
        self.notes: list[str] = []
        """What whoever made the network wants its user to know."""
        self.warnings: list[str] = []
        """What makes it likely that the network is not what its user means."""

    def input(self, name: str, shape: int | Sequence[int]) -> Input:
        """Axons that the host drives.

        Raises:
            NetworkError: the name is taken, or the shape is none.
        """
        made = Input(name=self.layers.new_name(name), shape=parse_shape(f"input '{name}'", shape))
        self.inputs[name] = made
        return made

    def population(
        self,
        name: str,
        shape: int | Sequence[int],
        *,
        threshold: npt.ArrayLike = 1.0,
        decay: npt.ArrayLike = 0.0,
        bias: npt.ArrayLike = 0.0,
        reset: str = "value",
        v_reset: npt.ArrayLike = 0.0,
        refractory: npt.ArrayLike = 0,
        current_decay: npt.ArrayLike | None = None,
        adaptation_decay: npt.ArrayLike = 0.0,
        adaptation_raise: npt.ArrayLike = 0.0,
        inclusive: bool = False,
        rest: npt.ArrayLike = 0.0,
    ) -> Population:
        """Spiking neurons. Each parameter is one value, or an array of the population's shape or size.

        Args:
            name: what messages, reports and traces call it.
            shape: number of neurons, or the shape of their array.
            threshold: the neuron spikes where v is greater.
            decay: fraction of v lost in a step, 0 (IF) to 1 (binary neurons), or a `Decay`: `Decay.from_beta(0.9)`.
            bias: added to v in every step.
            reset: "value" sets v_reset after a spike, "subtract" takes the threshold from v.
            v_reset: membrane after a spike, where reset is "value".
            refractory: steps after a spike in which the neuron ignores its input.
            current_decay: fraction of the synaptic current lost in a step; None is no current.
            adaptation_decay: fraction of the adaptive part of the threshold lost in a step.
            adaptation_raise: added to the adaptive part of the threshold at each spike.
            inclusive: a membrane that equals the threshold spikes too.
            rest: what the membrane 0 stands for, in the units of the network that this one was made from.

        Raises:
            NetworkError: the name is taken, or an argument has the wrong shape or value; the message names both.
        """
        return self._populate(
            Population.build(
                self.layers.new_name(name),
                shape,
                threshold=threshold,
                decay=decay,
                bias=bias,
                reset=reset,
                v_reset=v_reset,
                refractory=refractory,
                current_decay=current_decay,
                adaptation_decay=adaptation_decay,
                adaptation_raise=adaptation_raise,
                inclusive=inclusive,
                rest=rest,
            )
        )

    def readout(
        self,
        name: str,
        shape: int | Sequence[int],
        *,
        decay: npt.ArrayLike = 0.0,
        bias: npt.ArrayLike = 0.0,
        current_decay: npt.ArrayLike | None = None,
        rest: npt.ArrayLike = 0.0,
    ) -> Population:
        """Neurons that never fire, whose membranes are the output: leaky integrators, or integrators without a decay.

        On the chip their threshold is the greatest membrane there is, which v cannot exceed.

        Raises:
            NetworkError: as `population`.
        """
        own = self.layers.new_name(name)
        return self._populate(
            Population.build(own, shape, spiking=False, decay=decay, bias=bias, current_decay=current_decay, rest=rest)
        )

    def all_to_all(
        self,
        source: Layer,
        target: Layer,
        weight: npt.ArrayLike,
        *,
        delay: npt.ArrayLike = 1,
        **learns: Unpack[Learns],
    ) -> Projection:
        """A synapse from every neuron of the source to every one of the target.

        Args:
            source, target: input or population, and population; or their names.
            weight: shape (target size, source size), or one value; where it is 0 there is no synapse.
            delay: steps from 1, one value or of the same shape.

        Raises:
            NetworkError: no such population, a shape that does not fit, a weight that is not finite, a bad delay.
        """
        first, last = self._ends(source, target)
        name, shape = f"{first.name} -> {last.name}", (last.size, first.size)
        weights, delays = matrix(name, "weight", weight, shape), matrix(name, "delay", delay, shape)
        post, pre = np.indices(shape).reshape(2, -1)
        values = pre, post, weights.ravel(), delays.ravel()
        return self._add(Projection.build(first, last, "all to all", *values, **learns))

    def one_to_one(
        self,
        source: Layer,
        target: Layer,
        weight: npt.ArrayLike = 1.0,
        *,
        delay: npt.ArrayLike = 1,
        **learns: Unpack[Learns],
    ) -> Projection:
        """A synapse from each neuron of the source to the one of the same number of the target.

        Args:
            source, target: input or population, and population of the same size; or their names.
            weight: one value, or one per neuron.
            delay: steps from 1, one value or one per neuron.

        Raises:
            NetworkError: as `all_to_all`, or the sizes differ.
        """
        first, last = self._ends(source, target)
        if first.size != last.size:
            raise NetworkError(
                f"{first.name} -> {last.name}: one to one needs equal sizes, not {first.size} and {last.size}"
            )
        every = np.arange(first.size)
        return self._add(Projection.build(first, last, "one to one", every, every, weight, delay, **learns))

    def sparse(
        self,
        source: Layer,
        target: Layer,
        weight: Any,
        *,
        delay: npt.ArrayLike = 1,
        **learns: Unpack[Learns],
    ) -> Projection:
        """Synapses from a sparse matrix or a list.

        Args:
            source, target: input or population, and population; or their names.
            weight: a sparse matrix or array of SciPy of shape (target size, source size), or three arrays (post, pre,
                weight) with a number within the target, one within the source and a weight per synapse. In a list, and
                in a COO matrix, two synapses between the same pair both count.
            delay: steps from 1, one value or one per synapse, in the order of the COO form of `weight`.

        Raises:
            NetworkError: as `all_to_all`, or a number that is not one of the population.
        """
        first, last = self._ends(source, target)
        return self._add(Projection.build(first, last, "sparse", *listed(first, last, weight), delay, **learns))

    def convolution(
        self,
        source: Layer,
        target: Layer,
        weight: npt.ArrayLike,
        *,
        stride: int | tuple[int, ...] = 1,
        padding: Padding = 0,
        dilation: int | tuple[int, ...] = 1,
        groups: int = 1,
        delay: int = 1,
        **learns: Unpack[Learns],
    ) -> Projection:
        """A convolution in one or two dimensions, as PyTorch defines it. It is stored unrolled.

        Args:
            source: input or population of shape (channels, length) or (channels, height, width), or its name.
            target: population of the shape that comes out, or its name.
            weight: shape (channels out, channels in / groups, kernel…).
            stride: steps of the kernel, one or one per axis.
            padding: zeros around, one number or one per axis, or "same" or "valid".
            dilation: distance of the kernel's elements, one or one per axis.
            groups: groups of channels that do not see each other.
            delay: steps from 1.

        Raises:
            NetworkError: as `all_to_all`; the message says which shape would come out.
        """
        first, last = self._ends(source, target)
        name = f"{first.name} -> {last.name}"
        kernel = Convolution.build(name, weight, stride=stride, padding=padding, dilation=dilation, groups=groups)
        return self._add(Projection.convolved(first, last, "convolution", kernel, delay, **learns))

    def pool(
        self,
        source: Layer,
        target: Layer,
        kernel: int | tuple[int, int],
        *,
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
        weight: float | None = None,
        delay: int = 1,
        **learns: Unpack[Learns],
    ) -> Projection:
        """Sum or average pooling of (channels, height, width): equal weights, channel by channel.

        Args:
            source: input or population, or its name.
            target: population of the shape that comes out, or its name.
            kernel: height and width.
            stride: None is the size of the kernel.
            padding: zeros around, which an average counts.
            weight: of each synapse; None is 1 / size of the kernel, the average. 1 is the sum.
            delay: steps from 1.

        Raises:
            NetworkError: as `convolution`.
        """
        first, last = self._ends(source, target)
        name = f"{first.name} -> {last.name}"
        pool = pooling(name, first.shape[0], kernel, stride=stride, padding=padding, weight=weight)
        return self._add(Projection.convolved(first, last, "pooling", pool, delay, **learns))

    def max_pool(
        self,
        name: str,
        source: Layer,
        kernel: int | tuple[int, int],
        *,
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
        delay: int = 1,
    ) -> Population:
        """Max pooling of spikes of (channels, height, width): binary neurons that fire where any of their window did.

        Args:
            name: of the new population, which takes a step as all do.
            source: input or population, or its name.
            kernel: height and width.
            stride: None is the size of the kernel.
            padding: silence around.
            delay: steps from 1.

        Raises:
            NetworkError: as `convolution`.
        """
        first = self.layers.source(source)
        pool = pooling(f"{first.name} -> {name}", first.shape[0], kernel, stride=stride, padding=padding, weight=1.0)
        shape = pool.output_shape(f"{first.name} -> {name}", first.shape)
        made = self.population(name, shape, threshold=0.5, decay=1.0)
        self._add(Projection.convolved(first, made, "max pooling", pool, delay))
        return made

    def random(
        self,
        source: Layer,
        target: Layer,
        probability: float,
        weight: float | WeightRule = 1.0,
        *,
        seed: int,
        delay: int | WeightRule = 1,
        **learns: Unpack[Learns],
    ) -> Projection:
        """Each pair of neurons has a synapse with the same probability.

        Args:
            source, target: input or population, and population; or their names.
            probability: 0 to 1.
            weight: one value, or a function of (generator, number of synapses) that returns as many.
            seed: of numpy's default generator: the same seed gives the same synapses.
            delay: steps from 1, one value or a function as `weight`.

        Raises:
            NetworkError: as `all_to_all`, or a probability out of range.
        """
        first, last = self._ends(source, target)
        where = f"{first.name} -> {last.name}"
        if isinstance(probability, str) or not 0 <= probability <= 1:
            raise NetworkError(f"{where}: probability must be 0 to 1, not {probability!r}")
        if (whole_seed := whole(seed)) is None or whole_seed < 0:
            raise NetworkError(f"{where}: seed must be a whole number from 0, not {seed!r}")
        rng = np.random.default_rng(whole_seed)
        pre, post = random_pairs(first.size, last.size, probability, rng)
        weights, delays = (rule(rng, pre.size) if callable(rule) else rule for rule in (weight, delay))
        rule = f"random with probability {probability:g}, seed {seed}"
        return self._add(Projection.build(first, last, rule, pre, post, weights, delays, **learns))

    def output(self, *populations: Layer) -> None:
        """Report the spikes of these populations to the host, and of no others.

        Raises:
            NetworkError: no such population.
        """
        self.outputs += [name for layer in populations if (name := self.layers.target(layer).name) not in self.outputs]

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return sum(population.size for population in self.populations.values())

    @property
    def synapses(self) -> int:
        """Number of synapses."""
        return sum(projection.synapses for projection in self.projections)

    def __repr__(self) -> str:
        return "\n  ".join([f"<{self._title()}", *map(repr, self._parts())]) + ">"

    def _repr_html_(self) -> str:
        return html.block(self._title(), html.table((type(p).__name__, p.name, p.summary) for p in self._parts()))

    def _title(self) -> str:
        inputs = sum(entry.size for entry in self.inputs.values())
        return f"Network '{self.name}' {inputs:,} inputs, {self.neurons:,} neurons, {self.synapses:,} synapses"

    def _parts(self) -> list[Input | Population | Projection]:
        return [*self.inputs.values(), *self.populations.values(), *self.projections]

    def _ends(self, source: Layer, target: Layer) -> tuple[Input | Population, Population]:
        return self.layers.source(source), self.layers.target(target)

    def _populate(self, population: Population) -> Population:
        self.populations[population.name] = population
        return population

    def _add(self, projection: Projection) -> Projection:
        self.projections.append(projection)
        return projection
