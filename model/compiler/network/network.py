"""A `Network`: populations and projections in floats, the way in from Python."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.network.convolution import Convolution, Padding, pooling
from ganglion.model.compiler.network.population import (
    RESETS,
    FloatArray,
    Input,
    IntArray,
    Population,
    fraction,
    parse_shape,
    per_neuron,
    shape_text,
    steps,
)
from ganglion.model.compiler.network.projection import Projection, build_projection
from ganglion.model.spec.errors import NetworkError

Layer = str | Input | Population
WeightRule = Callable[[np.random.Generator, int], npt.ArrayLike]


class Network:
    """Inputs, populations and projections, in the user's own units.

    Neurons of a population with several axes, (8, 28, 28) say, are numbered in C order. Weights of arrays are
    of shape (target size, source size), as in PyTorch and NIR: y = W x. Every call checks its own arguments and changes
    nothing where it fails.
    """

    def __init__(self, name: str = "network") -> None:
        self.name = name
        self.inputs: dict[str, Input] = {}
        self.populations: dict[str, Population] = {}
        self.projections: list[Projection] = []
        self.outputs: list[str] = []
        """Populations whose spikes the host sees; empty is all of them."""
        self.lag: dict[str, int] = {}
        """Steps by which spikes of a population come later than in the network that this one was made from."""
        self.notes: list[str] = []
        """What whoever made the network wants its user to know."""

    def input(self, name: str, shape: int | Sequence[int]) -> Input:
        """Axons that the host drives.

        Raises:
            NetworkError: the name is taken, or the shape is none.
        """
        made = Input(name=self._new_name(name), shape=parse_shape(f"input '{name}'", shape))
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
            decay: fraction of v lost in a step, 0 (IF) to 1 (binary neurons); frameworks call 1 - decay beta.
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
        where = f"population '{name}'"
        size = parse_shape(where, shape)
        if reset not in RESETS:
            raise NetworkError(f'{where}: reset must be "value" or "subtract", not {reset!r}')
        made = Population(
            name=self._new_name(name),
            shape=size,
            spiking=True,
            threshold=per_neuron(f"{where}: threshold", threshold, size),
            bias=per_neuron(f"{where}: bias", bias, size),
            decay=fraction(f"{where}: decay", decay, size),
            reset=reset,
            v_reset=per_neuron(f"{where}: v_reset", v_reset, size),
            refractory=steps(f"{where}: refractory", refractory, size),
            current_decay=None if current_decay is None else fraction(f"{where}: current_decay", current_decay, size),
            adaptation_decay=fraction(f"{where}: adaptation_decay", adaptation_decay, size),
            adaptation_raise=per_neuron(f"{where}: adaptation_raise", adaptation_raise, size),
            inclusive=bool(inclusive),
            rest=per_neuron(f"{where}: rest", rest, size),
        )
        if reset == "value" and (wrong := np.flatnonzero(made.v_reset > made.threshold)).size:
            raise NetworkError(
                f"{where}: v_reset must not be above the threshold, or the neuron fires for ever; neuron {wrong[0]} "
                f"has v_reset {made.v_reset[wrong[0]]:g}, threshold {made.threshold[wrong[0]]:g}"
            )
        self.populations[name] = made
        return made

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
        where = f"read-out '{name}'"
        size = parse_shape(where, shape)
        zeros = np.zeros(int(np.prod(size)))
        made = Population(
            name=self._new_name(name),
            shape=size,
            spiking=False,
            threshold=np.full_like(zeros, np.inf),
            bias=per_neuron(f"{where}: bias", bias, size),
            decay=fraction(f"{where}: decay", decay, size),
            reset="value",
            v_reset=zeros,
            refractory=zeros.astype(np.int64),
            current_decay=None if current_decay is None else fraction(f"{where}: current_decay", current_decay, size),
            adaptation_decay=zeros,
            adaptation_raise=zeros,
            rest=per_neuron(f"{where}: rest", rest, size),
        )
        self.populations[name] = made
        return made

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
        first, last = self._ends(source, target)
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
        first, last = self._ends(source, target)
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
        first, last = self._ends(source, target)
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
        first, last = self._ends(source, target)
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
        first, last = self._ends(source, target)
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
        first, last = self._ends(source, target)
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
        self.outputs += [name for layer in populations if (name := self._target(layer).name) not in self.outputs]

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return sum(population.size for population in self.populations.values())

    @property
    def synapses(self) -> int:
        """Number of synapses."""
        return sum(projection.synapses for projection in self.projections)

    def layer(self, name: str) -> Input | Population:
        """The input or population of a name.

        Raises:
            NetworkError: there is none.
        """
        found = self.inputs.get(name) or self.populations.get(name)
        if found is None:
            there = ", ".join([*self.inputs, *self.populations]) or "nothing yet"
            raise NetworkError(f"the network has no input or population '{name}'; it has {there}")
        return found

    def __repr__(self) -> str:
        head = (
            f"<Network '{self.name}' {sum(i.size for i in self.inputs.values()):,} inputs, {self.neurons:,} neurons, "
            f"{self.synapses:,} synapses"
        )
        parts = [*self.inputs.values(), *self.populations.values(), *self.projections]
        return "\n  ".join([head, *map(repr, parts)]) + ">"

    def _new_name(self, name: str) -> str:
        if not isinstance(name, str) or not name:
            raise NetworkError(f"a name must be a text of at least one letter, not {name!r}")
        if name in self.inputs or name in self.populations:
            raise NetworkError(f"the network has an input or population '{name}' already")
        return name

    def _ends(self, source: Layer, target: Layer) -> tuple[Input | Population, Population]:
        first = self.layer(source if isinstance(source, str) else source.name)
        if not isinstance(source, str) and source is not first:
            raise NetworkError(f"'{source.name}' is of another network")
        return first, self._target(target)

    def _target(self, target: Layer) -> Population:
        found = self.layer(target if isinstance(target, str) else target.name)
        if not isinstance(found, Population):
            raise NetworkError(f"'{found.name}' is an input: only populations receive synapses and are outputs")
        if not isinstance(target, str) and target is not found:
            raise NetworkError(f"'{target.name}' is of another network")
        return found

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


def canonical(network: Network) -> dict[str, tuple[IntArray, FloatArray]]:
    """All synapses of each pair of layers in one order: (synapses, 3) of delay, post and pre, and the weights.

    Two networks mean the same where their layers and this are equal, however their projections were made.
    """
    found: dict[str, list[Projection]] = {}
    for projection in network.projections:
        if projection.synapses:
            found.setdefault(projection.name, []).append(projection)
    result = {}
    for name, parts in found.items():
        delay, post, pre, weight = (
            np.concatenate([getattr(part, field) for part in parts]) for field in ("delay", "post", "pre", "weight")
        )
        order = np.lexsort((weight, pre, post, delay))
        result[name] = np.stack((delay, post, pre), axis=1)[order], weight[order]
    return result
