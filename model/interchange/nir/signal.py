"""What arrives at a node: a linear map of the spikes of inputs and neurons, with delays, and a constant."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from ganglion.model.compiler.network.convolution import Convolution, Padding, pooling
from ganglion.model.compiler.network.population import Shape
from ganglion.model.interchange.nir.graph import THROUGH, Node
from ganglion.model.interchange.nir.shapes import bare, core, spread
from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import NetworkError

STEP_TOLERANCE = 1e-3
"""How far a delay may be from a whole number of steps: files hold floats of 32 bits."""

Maps = list[tuple[int, Any]]
"""A delay in steps and a sparse matrix (here, source), for each way from a source."""

Constants = dict[int, FloatArray]
"""What is added in every step from a delay in steps on, shape (size,), by that delay."""


@dataclass(frozen=True, eq=False)
class Signal:
    """Sum over sources and delays of matrix times spikes, plus constants."""

    shape: Shape
    """With axes of 1 in front where the graph has them."""
    parts: dict[str, Maps]
    """By source: the name of an Input or a neuron node."""
    bias: Constants
    convolution: Convolution | None = None
    """Where this is one convolution of one source and nothing else: which."""

    @property
    def size(self) -> int:
        """Number of values."""
        return math.prod(self.shape)

    @classmethod
    def of_spikes(cls, name: str, shape: Shape) -> "Signal":
        """The spikes of a source themselves."""
        size = math.prod(shape)
        return cls(shape, {name: [(0, sparse.eye_array(size, format="csr"))]}, {})

    @classmethod
    def nothing(cls, shape: Shape) -> "Signal":
        """Zeros."""
        return cls(shape, {}, {})

    @property
    def identity_of(self) -> str | None:
        """The source that this is nothing but the spikes of, if so."""
        if len(self.parts) != 1 or self.bias:
            return None
        ((name, maps),) = self.parts.items()
        delay, matrix = maps[0]
        if len(maps) != 1 or delay or matrix.shape[0] != matrix.shape[1]:
            return None
        return name if abs(matrix - sparse.eye_array(self.size)).sum() == 0 else None


def add(where: Node, signals: list[Signal]) -> Signal:
    """The sum of what several edges bring.

    Raises:
        NetworkError: their shapes differ.
    """
    if len(signals) == 1:
        return signals[0]
    if len({bare(signal.shape) for signal in signals}) > 1:
        raise NetworkError(f"{where}: the shapes that arrive differ: {sorted({signal.shape for signal in signals})}")
    parts: dict[str, Maps] = {}
    bias: Constants = {}
    for signal in signals:
        for source, maps in signal.parts.items():
            parts.setdefault(source, []).extend(maps)
        for delay, values in signal.bias.items():
            bias[delay] = bias.get(delay, 0) + values
    return Signal(max((signal.shape for signal in signals), key=len), parts, bias)


def through(node: Node, signal: Signal, step: float) -> Signal:
    """What a node without state makes of a signal.

    Args:
        node: the node.
        signal: what arrives.
        step: length of a step in the unit of the graph's delays.

    Raises:
        NetworkError: a shape that does not fit, or a delay that is not a whole number of steps.
    """
    if node.type == THROUGH:
        return signal
    if node.type == "Flatten":
        return _flatten(node, signal)
    if node.type == "Delay":
        return _delay(node, signal, step)
    if node.type == "Scale":
        scale = spread(node, "scale", signal.shape)
        return _times(signal, sparse.diags_array(scale).tocsr(), signal.shape)
    if node.type in ("Affine", "Linear"):
        return _affine(node, signal)
    return _convolution(node, signal)


def pooled(node: Node, signal: Signal) -> Signal:
    """The sum of a signal over the windows of a pooling node.

    Raises:
        NetworkError: a shape or an option that does not fit.
    """
    shape = _core(node, signal, 3, "(channels, height, width)")
    kernel = pooling(
        str(node),
        shape[0],
        node.whole("kernel_size"),
        stride=node.whole("stride"),
        padding=node.whole("padding"),
        weight=None if node.type == "AvgPool2d" else 1.0,
    )
    return _convolved(node, signal, shape, kernel, np.zeros(shape[0]))


def _times(
    signal: Signal, matrix: Any, shape: Shape, bias: FloatArray | None = None, convolution: Convolution | None = None
) -> Signal:
    plain = convolution is not None and signal.identity_of is not None
    parts = {source: [(delay, matrix @ factor) for delay, factor in maps] for source, maps in signal.parts.items()}
    constants = {delay: matrix @ values for delay, values in signal.bias.items()}
    if bias is not None and bias.any():
        constants[0] = constants.get(0, 0) + bias
    return Signal(shape, parts, constants, convolution if plain else None)


def _core(node: Node, signal: Signal, axes: int, wanted: str) -> Shape:
    """The shape that arrives without the axes of 1 in front that the node does not take."""
    found = core(signal.shape, axes)
    if found is None:
        raise NetworkError(f"{node}: it takes shape {wanted}, {signal.shape} arrives")
    return found


def _affine(node: Node, signal: Signal) -> Signal:
    weight = node.values("weight")
    if weight.ndim != 2:
        raise NetworkError(f"{node}: weight must have shape (out, in), not {weight.shape}; give one node per matrix")
    if core(signal.shape, 1) != (weight.shape[1],):
        flat = "; a Flatten of all axes (start_dim=0) before it would fit" if signal.size == weight.shape[1] else ""
        raise NetworkError(
            f"{node}: weight {weight.shape} takes shape ({weight.shape[1]},), {signal.shape} arrives{flat}"
        )
    bias = np.zeros(weight.shape[0])
    if node.type == "Affine":
        bias = node.values("bias")
        if bare(bias.shape) != (weight.shape[0],):
            raise NetworkError(f"{node}: bias must have shape ({weight.shape[0]},), not {bias.shape}")
    return _times(signal, sparse.csr_array(weight), (*signal.shape[:-1], weight.shape[0]), bias.ravel())


def _convolution(node: Node, signal: Signal) -> Signal:
    if node.type in ("SumPool2d", "AvgPool2d"):
        return pooled(node, signal)
    axes = 3 if node.type == "Conv1d" else 4
    weight = node.values("weight")
    if weight.ndim != axes:
        raise NetworkError(f"{node}: weight must have {axes} axes, not {weight.shape}")
    constant = node.values("bias") if "bias" in node.fields else np.zeros(weight.shape[0])
    if constant.shape != (weight.shape[0],):
        raise NetworkError(f"{node}: bias must have shape ({weight.shape[0]},), not {constant.shape}")
    padding: Padding = node.fields["padding"]
    kernel = Convolution.build(
        str(node),
        weight,
        stride=node.whole("stride"),
        padding=padding if isinstance(padding, str) else node.whole("padding"),
        dilation=node.whole("dilation"),
        groups=node.whole("groups")[0],
    )
    shape = core(signal.shape, axes - 1) or signal.shape
    if "input_shape" in node.fields and node.whole("input_shape") != shape[1:]:
        raise NetworkError(f"{node}: input_shape is {node.whole('input_shape')}, {shape[1:]} arrives in each channel")
    return _convolved(node, signal, shape, kernel, constant)


def _convolved(node: Node, signal: Signal, shape: Shape, kernel: Convolution, constant: FloatArray) -> Signal:
    """A convolution of a signal that has this shape but for axes of 1 in front."""
    out = kernel.output_shape(str(node), shape)
    pre, post, weights = kernel.unroll(str(node), shape)
    matrix = sparse.csr_array((weights, (post, pre)), shape=(math.prod(out), signal.size))
    bias = np.repeat(constant, math.prod(out[1:]))
    lead = signal.shape[: len(signal.shape) - len(shape)]
    return _times(signal, matrix, (*lead, *out), bias, kernel)


def _flatten(node: Node, signal: Signal) -> Signal:
    shape = signal.shape
    if "input_type" in node.fields and bare(node.whole("input_type")) == bare(shape):
        shape = max(node.whole("input_type"), shape, key=len)
    axes = len(shape)
    (start,), (end,) = node.whole("start_dim"), node.whole("end_dim")
    first, last = start % axes if -axes <= start < axes else axes, end % axes if -axes <= end < axes else -1
    if first > last:
        raise NetworkError(f"{node}: start_dim {start} and end_dim {end} are no axes of shape {shape}")
    flat = (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :])
    return Signal(flat, signal.parts, signal.bias)


def _delay(node: Node, signal: Signal, step: float) -> Signal:
    delays = spread(node, "delay", signal.shape) / step
    whole = np.rint(delays)
    wrong = np.flatnonzero((np.abs(delays - whole) > STEP_TOLERANCE) | (whole < 0))
    if wrong.size:
        raise NetworkError(
            f"{node}: a delay must be a whole number of steps from 0; number {wrong[0]} is {delays[wrong[0]]:g} steps. "
            f"The nearest is {max(whole[wrong[0]], 0):g}, that is {max(whole[wrong[0]], 0) * step:g} in the file"
        )
    rows = {more: sparse.diags_array((whole == more).astype(np.float64)).tocsr() for more in np.unique(whole).tolist()}
    parts = {
        source: [(delay + int(more), chosen @ matrix) for delay, matrix in maps for more, chosen in rows.items()]
        for source, maps in signal.parts.items()
    }
    bias: Constants = {}
    for delay, values in signal.bias.items():
        for more, chosen in rows.items():
            later = delay + int(more)
            bias[later] = bias.get(later, 0) + chosen @ values
    return Signal(signal.shape, parts, {delay: values for delay, values in bias.items() if values.any()})
