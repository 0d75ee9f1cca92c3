"""What arrives at a node: a linear map of the spikes of inputs and neurons, with delays, and a constant."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from ganglion.model.compiler.network.convolution import Convolution, Padding, pooling
from ganglion.model.compiler.network.population import Shape
from ganglion.model.interchange.nir.graph import THROUGH, Node
from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import NetworkError

STEP_TOLERANCE = 1e-3
"""How far a delay may be from a whole number of steps: files hold floats of 32 bits."""

Maps = list[tuple[int, Any]]
"""A delay in steps and a sparse matrix (here, source), for each way from a source."""


@dataclass(frozen=True, eq=False)
class Signal:
    """Sum over sources and delays of matrix times spikes, plus a constant."""

    shape: Shape
    parts: dict[str, Maps]
    """By source: the name of an Input or a neuron node."""
    bias: FloatArray
    """Shape (size,)."""
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
        return cls(shape, {name: [(0, sparse.eye_array(size, format="csr"))]}, np.zeros(size))

    @property
    def identity_of(self) -> str | None:
        """The source that this is nothing but the spikes of, if so."""
        if len(self.parts) != 1 or self.bias.any():
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
    shapes = {signal.shape for signal in signals}
    if len(shapes) > 1:
        raise NetworkError(f"{where}: the shapes that arrive differ: {sorted(shapes)}")
    parts: dict[str, Maps] = {}
    for signal in signals:
        for source, maps in signal.parts.items():
            parts.setdefault(source, []).extend(maps)
    return Signal(signals[0].shape, parts, np.sum([signal.bias for signal in signals], axis=0))


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
        scale = _fitting(node, "scale", signal.shape)
        return _times(signal, sparse.diags_array(scale).tocsr(), signal.shape, np.zeros(signal.size))
    if node.type in ("Affine", "Linear"):
        return _affine(node, signal)
    return _convolution(node, signal)


def _times(
    signal: Signal, matrix: Any, shape: Shape, bias: FloatArray, convolution: Convolution | None = None
) -> Signal:
    plain = convolution is not None and signal.identity_of is not None
    parts = {source: [(delay, matrix @ factor) for delay, factor in maps] for source, maps in signal.parts.items()}
    return Signal(shape, parts, matrix @ signal.bias + bias, convolution if plain else None)


def _affine(node: Node, signal: Signal) -> Signal:
    weight = node.values("weight")
    if weight.ndim != 2:
        raise NetworkError(f"{node}: weight must have shape (out, in), not {weight.shape}; give one node per matrix")
    if signal.shape != (weight.shape[1],):
        flat = "; a Flatten before it would fit" if signal.size == weight.shape[1] else ""
        raise NetworkError(
            f"{node}: weight {weight.shape} takes shape ({weight.shape[1]},), {signal.shape} arrives{flat}"
        )
    bias = np.zeros(weight.shape[0])
    if node.type == "Affine":
        bias = node.values("bias")
        if bias.shape != (weight.shape[0],):
            raise NetworkError(f"{node}: bias must have shape ({weight.shape[0]},), not {bias.shape}")
    return _times(signal, sparse.csr_array(weight), (weight.shape[0],), bias)


def _convolution(node: Node, signal: Signal) -> Signal:
    if node.type in ("SumPool2d", "AvgPool2d"):
        if len(signal.shape) != 3:
            raise NetworkError(f"{node}: it takes shape (channels, height, width), {signal.shape} arrives")
        kernel = pooling(
            str(node),
            signal.shape[0],
            node.whole("kernel_size"),
            stride=node.whole("stride"),
            padding=node.whole("padding"),
            weight=1.0 if node.type == "SumPool2d" else None,
        )
        constant = np.zeros(signal.shape[0])
    else:
        weight, constant = node.values("weight"), node.values("bias")
        if weight.ndim != (3 if node.type == "Conv1d" else 4):
            raise NetworkError(f"{node}: weight must have {3 if node.type == 'Conv1d' else 4} axes, not {weight.shape}")
        if constant.shape != (weight.shape[0],):
            raise NetworkError(f"{node}: bias must have shape ({weight.shape[0]},), not {constant.shape}")
        if "input_shape" in node.fields and node.whole("input_shape") != signal.shape[1:]:
            raise NetworkError(
                f"{node}: input_shape is {node.whole('input_shape')}, {signal.shape[1:]} arrives in each channel"
            )
        padding: Padding = node.fields["padding"]
        kernel = Convolution.build(
            str(node),
            weight,
            stride=node.whole("stride"),
            padding=padding if isinstance(padding, str) else node.whole("padding"),
            dilation=node.whole("dilation"),
            groups=node.whole("groups")[0],
        )
    shape = kernel.output_shape(str(node), signal.shape)
    pre, post, weights = kernel.unroll(str(node), signal.shape)
    matrix = sparse.csr_array((weights, (post, pre)), shape=(math.prod(shape), signal.size))
    bias = np.repeat(constant, math.prod(shape[1:]))
    return _times(signal, matrix, shape, bias, kernel)


def _flatten(node: Node, signal: Signal) -> Signal:
    axes = len(signal.shape)
    (start,), (end,) = node.whole("start_dim"), node.whole("end_dim")
    first, last = start % axes if -axes <= start < axes else axes, end % axes if -axes <= end < axes else -1
    if first > last:
        raise NetworkError(f"{node}: start_dim {start} and end_dim {end} are no axes of shape {signal.shape}")
    shape = (*signal.shape[:first], math.prod(signal.shape[first : last + 1]), *signal.shape[last + 1 :])
    return Signal(shape, signal.parts, signal.bias)


def _delay(node: Node, signal: Signal, step: float) -> Signal:
    delays = _fitting(node, "delay", signal.shape) / step
    whole = np.rint(delays)
    wrong = np.flatnonzero((np.abs(delays - whole) > STEP_TOLERANCE) | (whole < 0))
    if wrong.size:
        raise NetworkError(
            f"{node}: a delay must be a whole number of steps from 0; number {wrong[0]} is {delays[wrong[0]]:g} steps. "
            f"The nearest is {max(whole[wrong[0]], 0):g}, that is {max(whole[wrong[0]], 0) * step:g} in the file"
        )
    if signal.bias[whole > 0].any():
        raise NetworkError(
            f"{node}: it delays a constant (a bias before it), which would be missing in the first steps; put the "
            "Delay before the node with the bias"
        )
    rows = {more: sparse.diags_array((whole == more).astype(np.float64)).tocsr() for more in np.unique(whole).tolist()}
    parts = {
        source: [(delay + int(more), chosen @ matrix) for delay, matrix in maps for more, chosen in rows.items()]
        for source, maps in signal.parts.items()
    }
    return Signal(signal.shape, parts, signal.bias)


def _fitting(node: Node, field: str, shape: Shape) -> FloatArray:
    """A field with a value per element of `shape`, flat; one value is for all."""
    values = node.values(field)
    if values.size == 1:
        return np.full(math.prod(shape), values.ravel()[0])
    if values.shape != shape:
        raise NetworkError(f"{node}: {field} has shape {values.shape}, {shape} arrives")
    return values.ravel()
