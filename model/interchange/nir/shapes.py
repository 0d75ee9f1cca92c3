"""Shapes as users write them: batch axes of 1 in front, and parameters that are spread over them."""

import math

import numpy as np

from ganglion.model.compiler.network.population import Shape
from ganglion.model.interchange.nir.graph import Node
from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import NetworkError


def core(shape: Shape, axes: int) -> Shape | None:
    """A shape without the axes of 1 in front that are beyond so many axes; None where that leaves another number."""
    surplus = len(shape) - axes
    if surplus < 0 or math.prod(shape[:surplus]) != 1:
        return None
    return shape[surplus:]


def bare(shape: Shape) -> Shape:
    """A shape without any axes of 1 in front."""
    found = tuple(shape)
    while len(found) > 1 and found[0] == 1:
        found = found[1:]
    return found


def fits(given: Shape, shape: Shape) -> bool:
    """Whether a parameter may be spread over a shape: as many axes, each equal or 1; axes of 1 in front are free.

    One axis over several is not spread: whether it is the first or the last, nothing says.
    """
    if math.prod(given) == 1:
        return True
    lean = given if len(given) <= len(shape) else core(given, len(shape))
    over = core(shape, len(lean)) if lean is not None else None
    return lean is not None and over is not None and all(a in (1, b) for a, b in zip(lean, over, strict=True))


def own_shape(node: Node) -> Shape | None:
    """The shape that a neuron's parameters give it together; None where all are single values.

    Raises:
        NetworkError: they do not go together.
    """
    shapes = {values.shape for name in node.fields if (values := node.values(name)).size > 1}
    if len({len(shape) for shape in shapes}) > 1:
        shapes = {bare(shape) for shape in shapes}
    try:
        if len({len(shape) for shape in shapes}) > 1:
            raise ValueError
        return np.broadcast_shapes(*shapes) if shapes else None
    except ValueError:
        raise NetworkError(f"{node}: its parameters have different shapes: {sorted(shapes)}") from None


def spread(node: Node, name: str, shape: Shape) -> FloatArray:
    """A field with a value per element of `shape`, flat; one value is for all.

    Raises:
        NetworkError: its shape does not fit.
    """
    values = node.values(name)
    if values.size == 1:
        return np.full(math.prod(shape), values.ravel()[0])
    if not fits(values.shape, shape):
        advice = ""
        if values.ndim == 1 and values.shape[0] == shape[0]:
            advice = f"; if it is a value per channel, give it the shape {(shape[0],) + (1,) * (len(shape) - 1)}"
        raise NetworkError(f"{node}: {name} has shape {values.shape}, {shape} arrives{advice}")
    lean = values.reshape(core(values.shape, len(shape)) or values.shape)
    return np.broadcast_to(lean, shape).ravel().copy()
