"""What a graph of NIR is made of: nodes with their fields, and edges, flat, with no word about what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import NetworkError

FIELDS: dict[str, tuple[str, ...]] = {
    "Input": ("shape",),
    "Output": (),
    "Affine": ("weight", "bias"),
    "Linear": ("weight",),
    "Scale": ("scale",),
    "Conv1d": ("weight", "stride", "padding", "dilation", "groups"),
    "Conv2d": ("weight", "stride", "padding", "dilation", "groups"),
    "MaxPool2d": ("kernel_size", "stride", "padding"),
    "SumPool2d": ("kernel_size", "stride", "padding"),
    "AvgPool2d": ("kernel_size", "stride", "padding"),
    "Flatten": ("start_dim", "end_dim"),
    "Delay": ("delay",),
    "Threshold": ("threshold",),
    "I": ("r",),
    "IF": ("r", "v_threshold"),
    "LI": ("tau", "r", "v_leak"),
    "LIF": ("tau", "r", "v_leak", "v_threshold"),
    "CubaLI": ("tau_mem", "tau_syn", "r", "v_leak"),
    "CubaLIF": ("tau_mem", "tau_syn", "r", "v_leak", "v_threshold"),
}
"""Fields that a node of each type must have. MaxPool2d is not NIR's yet; files have it in the words of its siblings."""

OPTIONAL: dict[str, tuple[str, ...]] = {
    "Output": ("shape",),
    "Conv1d": ("input_shape", "bias"),
    "Conv2d": ("input_shape", "bias"),
    "Flatten": ("input_type",),
    "IF": ("v_reset",),
    "LIF": ("v_reset",),
    "CubaLI": ("w_in",),
    "CubaLIF": ("v_reset", "w_in"),
}
"""Fields that it may have."""

THROUGH = "Input or Output of a subgraph"
"""Type of a node that passes on what arrives."""

NEURONS = ("Threshold", "MaxPool2d", "I", "IF", "LI", "LIF", "CubaLI", "CubaLIF")

UNBOUNDED = ("tau", "tau_mem", "tau_syn", "r", "w_in")
"""Fields that may be infinite: a neuron without a leak, as snnTorch writes beta = 1."""

POSITION = "ganglion_position"
"""Metadata of a node: its place among the nodes that were exported."""

WORDS = {"padding": ("same", "valid")}
"""Fields that may be words, and the words."""


@dataclass(frozen=True, eq=False)
class Node:
    """A node of a NIR graph, with fields as arrays (padding may be a word)."""

    name: str
    type: str
    fields: Mapping[str, Any]
    resets: bool = True
    """Whether a neuron's membrane is reset by its spike; not where a Threshold stands behind it by itself."""

    def __str__(self) -> str:
        return f"node '{self.name}' ({self.type})"

    def values(self, field: str) -> FloatArray:
        """A field as floats, of whatever shape."""
        return np.asarray(self.fields[field], dtype=np.float64)

    def whole(self, field: str) -> tuple[int, ...]:
        """A field as whole numbers, one or more.

        Raises:
            NetworkError: they are not whole.
        """
        values = self.values(field).ravel()
        if (values != np.rint(values)).any() or not values.size:
            raise NetworkError(f"{self}: {field} must be whole numbers, not {values.tolist()}")
        return tuple(int(value) for value in values)


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes by name, without subgraphs, and edges between them."""

    nodes: dict[str, Node]
    edges: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()
    """What was done to names and nodes that the file has otherwise."""

    def before(self, name: str) -> list[str]:
        """The nodes with an edge to this one."""
        return [first for first, last in self.edges if last == name]
