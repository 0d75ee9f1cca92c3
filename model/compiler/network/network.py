"""A `Network`: populations and projections in floats, the way in from Python."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.network.convolution import Convolution, Padding, pooling
from ganglion.model.compiler.network.layers import Layer, Layers
from ganglion.model.compiler.network.population import Input, Population, shape_text
from ganglion.model.compiler.network.projection import Projection, build_projection
from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import NetworkError

WeightRule = Callable[[np.random.Generator, int], npt.ArrayLike]


class Network(Layers):
    """Inputs, populations and projections, in the user's own units.

    Neurons of a population with several axes, (8, 28, 28) say, are numbered in C order. Weights of arrays are
    of shape (target size, source size), as in PyTorch and NIR: y = W x. Every call checks its own arguments and changes
    nothing where it fails.
    """

    def __init__(self, name: str = "network") -> None:
        super().__init__(name)
        self.projections: list[Projection] = []
        self.outputs: list[str] = []
        """Populations whose spikes the host sees; empty is all of them."""
        self.lag: dict[str, int] = {}
        """Steps by which spikes of a population come later than in the network that this one was made from."""
        self.notes: list[str] = []
        """What whoever made the network wants its user to know."""

    def all_to_all(
        self, source: Layer, target: Layer, weight: npt.ArrayLike, *, delay: npt.ArrayLike = 1
    ) -> Projection:
        """A synapse from every neuron of the source to every one of the target.

        Args:
            source: input or population, or its name.
            target: population, or its name.
            weight: shape (target size, source size), or one value; where it is 0 there is no synapse.
            delay: steps from 1, one value or of the same shape.

        Raises:
            NetworkError: no such population, a shape that does not fit, a weight that is not finite, a bad delay.
        """
        first, last = self.ends(source, target)
        name, shape = f"{first.name} -> {last.name}", (last.size, first.size)
        weights, delays = _matrix(name, "weight", weight, shape), _matrix(name, "delay", delay, shape)
        post, pre = np.indices(shape).reshape(2, -1)
        return self._add(first, last, "all to all", pre, post, weights.ravel(), delays.ravel())

    def one_to_one(
        self, source: Layer, target: Layer, weight: npt.ArrayLike = 1.0, *, delay: npt.ArrayLike = 1
    ) -> Projection:
        """A synapse from each neuron of the source to the one of the same number of the target.

        Args:
            source: input or population, or its name.
            target: population of the same size, or its name.
            weight: one value, or one per neuron.
            delay: steps from 1, one value or one per neuron.

        Raises:
            NetworkError: as `all_to_all`, or the sizes differ.
        """
        first, last = self.ends(source, target)
        if first.size != last.size:
            raise NetworkError(
                f"{first.name} -> {last.name}: one to one needs equal sizes, not {first.size} and {last.size}"
            )
        every = np.arange(first.size)
        return self._add(first, last, "one to one", every, every, weight, delay)

    def sparse(self, source: Layer, target: Layer, weight: Any, *, delay: npt.ArrayLike = 1) -> Projection:
        """Synapses from a sparse matrix or a list.

        Args:
            source: input or population, or its name.
            target: population, or its name.
            weight: a sparse matrix or array of SciPy of shape (target size, source size), or three arrays (post, pre,
                weight) with a number within the target, one within the source and a weight per synapse. In a list, and
                in a COO matrix, two synapses between the same pair both count.
            delay: steps from 1, one value or one per synapse, in the order of the COO form of `weight`.

        Raises:
            NetworkError: as `all_to_all`, or a number that is not one of the population.
        """
        first, last = self.ends(source, target)
        name = f"{first.name} -> {last.name}"
        if hasattr(weight, "tocoo"):
            matrix = weight.tocoo()
            if matrix.shape != (last.size, first.size):
                raise NetworkError(_shape_message(name, "weight", matrix.shape, (last.size, first.size)))
            post, pre, weights = matrix.row, matrix.col, matrix.data
        elif isinstance(weight, tuple) and len(weight) == 3:
            post, pre, weights = (np.asarray(values) for values in weight)
        else:
            raise NetworkError(
                f"{name}: weight must be a sparse matrix of SciPy or (post, pre, weight), not {type(weight).__name__}"
            )
        for side, numbers, layer in (("post", post, last), ("pre", pre, first)):
            if numbers.ndim != 1 or numbers.shape != post.shape or (numbers.size and numbers.dtype.kind not in "iu"):
                raise NetworkError(
                    f"{name}: {side} must be whole numbers, one per synapse ({post.size}), not {numbers.dtype} of "
                    f"{numbers.shape}"
                )
            wrong = np.flatnonzero((numbers < 0) | (numbers >= layer.size))
            if wrong.size:
                raise NetworkError(
                    f"{name}: {side}[{wrong[0]}] is {numbers[wrong[0]]}; '{layer.name}' has neurons 0 to "
                    f"{layer.size - 1}"
                )
        return self._add(first, last, "sparse", pre, post, weights, delay)

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
        first, last = self.ends(source, target)
        name = f"{first.name} -> {last.name}"
        kernel = Convolution.build(name, weight, stride=stride, padding=padding, dilation=dilation, groups=groups)
        return self._convolve(first, last, "convolution", kernel, delay)

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
        first, last = self.ends(source, target)
        name = f"{first.name} -> {last.name}"
        pool = pooling(name, first.shape[0], kernel, stride=stride, padding=padding, weight=weight)
        return self._convolve(first, last, "pooling", pool, delay)

    def random(
        self,
        source: Layer,
        target: Layer,
        probability: float,
        weight: float | WeightRule = 1.0,
        *,
        seed: int,
        delay: int | WeightRule = 1,
    ) -> Projection:
        """Each pair of neurons has a synapse with the same probability.

        Args:
            source: input or population, or its name.
            target: population, or its name.
            probability: 0 to 1.
            weight: one value, or a function of (generator, number of synapses) that returns as many.
            seed: of numpy's default generator: the same seed gives the same synapses.
            delay: steps from 1, one value or a function as `weight`.

        Raises:
            NetworkError: as `all_to_all`, or a probability out of range.
        """
        first, last = self.ends(source, target)
        if not 0 <= probability <= 1:
            raise NetworkError(f"{first.name} -> {last.name}: probability must be 0 to 1, not {probability}")
        rng = np.random.default_rng(seed)
        per_target = rng.binomial(first.size, probability, last.size)
        post = np.repeat(np.arange(last.size), per_target)
        pre = np.concatenate(
            [rng.choice(first.size, count, replace=False) for count in per_target] or [np.zeros(0, dtype=np.int64)]
        )
        weights, delays = (rule(rng, pre.size) if callable(rule) else rule for rule in (weight, delay))
        rule = f"random with probability {probability:g}, seed {seed}"
        return self._add(first, last, rule, pre, post, weights, delays)

    def output(self, *populations: Layer) -> None:
        """Report the spikes of these populations to the host, and of no others.

        Raises:
            NetworkError: no such population.
        """
        self.outputs += [name for layer in populations if (name := self.target(layer).name) not in self.outputs]

    @property
    def synapses(self) -> int:
        """Number of synapses."""
        return sum(projection.synapses for projection in self.projections)

    def __repr__(self) -> str:
        head = (
            f"<Network '{self.name}' {sum(i.size for i in self.inputs.values()):,} inputs, {self.neurons:,} neurons, "
            f"{self.synapses:,} synapses"
        )
        parts = [*self.inputs.values(), *self.populations.values(), *self.projections]
        return "\n  ".join([head, *map(repr, parts)]) + ">"

    def _convolve(
        self, first: Input | Population, last: Population, rule: str, kernel: Convolution, delay: int
    ) -> Projection:
        name = f"{first.name} -> {last.name}"
        shape = kernel.output_shape(name, first.shape)
        if shape != last.shape:
            raise NetworkError(
                f"{name}: {kernel} of {shape_text(first.shape)} gives {shape}, the target has {last.shape}"
            )
        pre, post, weights = kernel.unroll(name, first.shape)
        return self._add(first, last, rule, pre, post, weights, delay, kernel)

    def _add(
        self,
        first: Input | Population,
        last: Population,
        rule: str,
        pre: npt.ArrayLike,
        post: npt.ArrayLike,
        weight: npt.ArrayLike,
        delay: npt.ArrayLike,
        convolution: Convolution | None = None,
    ) -> Projection:
        if isinstance(first, Population) and not first.spiking:
            raise NetworkError(f"{first.name} -> {last.name}: '{first.name}' is a read-out and sends no spikes")
        made = build_projection(
            source=first.name,
            target=last.name,
            rule=rule,
            pre=pre,
            post=post,
            weight=weight,
            delay=delay,
            convolution=convolution,
        )
        self.projections.append(made)
        return made


def _matrix(where: str, name: str, value: npt.ArrayLike, shape: tuple[int, int]) -> FloatArray:
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise NetworkError(f"{where}: {name} must be numbers, not {value!r}") from None
    if array.ndim and array.shape != shape:
        raise NetworkError(_shape_message(where, name, array.shape, shape))
    return np.broadcast_to(array, shape)


def _shape_message(where: str, name: str, got: tuple[int, ...], wanted: tuple[int, int]) -> str:
    hint = "; that is the transpose" if got == wanted[::-1] else ""
    return f"{where}: {name} must have shape (target, source) = {wanted}, not {got}{hint}"
