"""Reading: from a NIR file or object to checked nodes and edges, flat, with no word about what they mean."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import FormatError, NetworkError

FIELDS: dict[str, tuple[str, ...]] = {
    "Input": ("shape",),
    "Output": (),
    "Affine": ("weight", "bias"),
    "Linear": ("weight",),
    "Scale": ("scale",),
    "Conv1d": ("weight", "stride", "padding", "dilation", "groups", "bias"),
    "Conv2d": ("weight", "stride", "padding", "dilation", "groups", "bias"),
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
"""Fields that a node of each type must have."""

OPTIONAL: dict[str, tuple[str, ...]] = {
    "Output": ("shape",),
    "Conv1d": ("input_shape",),
    "Conv2d": ("input_shape",),
    "IF": ("v_reset",),
    "LIF": ("v_reset",),
    "CubaLI": ("w_in",),
    "CubaLIF": ("v_reset", "w_in"),
}
"""Fields that it may have."""

THROUGH = "Input or Output of a subgraph"
"""Type of a node that passes on what arrives."""

NEURONS = ("Threshold", "I", "IF", "LI", "LIF", "CubaLI", "CubaLIF")

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

    def before(self, name: str) -> list[str]:
        """The nodes with an edge to this one."""
        return [first for first, last in self.edges if last == name]


def read_graph(source: Any) -> Graph:
    """Read a graph from a file, or take it from an object of the package `nir`.

    Raises:
        FormatError: no such file, not a NIR file, or cut short.
        NetworkError: a node of an unknown type, a missing field, a value that is not finite, an edge to nowhere;
            the message names the node.
    """
    if isinstance(source, str | Path):
        tree = _read_file(Path(source))
    elif hasattr(source, "nodes") and hasattr(source, "edges"):
        tree = _tree(source)
    else:
        raise FormatError(f"a NIR graph is a file or a nir.NIRGraph, not {type(source).__name__}")
    nodes: dict[str, Node] = {}
    edges: list[tuple[str, str]] = []
    _collect(tree, "", nodes, edges)
    return Graph(nodes, tuple(edges))


def _read_file(path: Path) -> dict[str, Any]:
    import h5py

    if not path.exists():
        raise FormatError(f"{path}: there is no such file")
    try:
        with h5py.File(path, "r") as file:
            tree: dict[str, Any] = _plain(file["node"])
    except (OSError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise FormatError(f"{path} is not a whole NIR file (cut short, or another kind of file): {error}") from error
    if not {"nodes", "edges"} <= set(tree):
        raise FormatError(f"{path} has no nodes and edges: its root is a {tree.get('type', 'nameless thing')}")
    return tree


def _plain(group: Any) -> dict[str, Any]:
    """A group of an HDF5 file as a dictionary."""
    import h5py

    result: dict[str, Any] = {}
    for name, entry in sorted(group.items(), key=_order):
        if isinstance(entry, h5py.Group):
            result[name] = _plain(entry)
        else:
            value = entry[()]
            result[name] = value.decode() if isinstance(value, bytes) else value
    return result


def _order(item: tuple[str, Any]) -> tuple[int, list[tuple[int, str]]]:
    """A file keeps no order of its nodes: that of the position that our exporter notes, or else "2" before "10"."""
    name, entry = item
    try:
        position = int(entry["metadata"][POSITION][()])
    except (KeyError, TypeError, ValueError, IndexError):
        position = 1 << 62
    return position, [(int(part or 0), part) if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _tree(graph: Any) -> dict[str, Any]:
    """A NIRGraph object as the dictionary that its file would be."""
    nodes: dict[str, Any] = {}
    for name, node in graph.nodes.items():
        kind = type(node).__name__
        if kind == "NIRGraph":
            nodes[name] = _tree(node)
            continue
        known = (*FIELDS.get(kind, ()), *OPTIONAL.get(kind, ()))
        nodes[name] = {field: getattr(node, field) for field in known if getattr(node, field, None) is not None}
        if kind == "Input":
            nodes[name]["shape"] = node.input_type["input"]
        if kind == "Output" and node.output_type["output"] is not None:
            nodes[name]["shape"] = node.output_type["output"]
        nodes[name]["type"] = kind
    return {"type": "NIRGraph", "nodes": nodes, "edges": graph.edges}


def _collect(tree: Mapping[str, Any], prefix: str, nodes: dict[str, Node], edges: list[tuple[str, str]]) -> None:
    """Flatten a graph: nodes of subgraph a are a.x, its inputs and outputs pass through."""
    inputs: dict[str, str] = {}
    outputs: dict[str, str] = {}
    for name, fields in tree["nodes"].items():
        path = f"{prefix}{name}"
        kind = fields.get("type") if isinstance(fields, Mapping) else None
        if kind == "NIRGraph":
            if not {"nodes", "edges"} <= set(fields):
                raise NetworkError(f"node '{path}' (NIRGraph): nodes or edges are missing")
            _collect(fields, f"{path}.", nodes, edges)
            inputs[path], outputs[path] = (
                f"{path}.{_only(path, fields, 'Input')}",
                f"{path}.{_only(path, fields, 'Output')}",
            )
        elif kind not in FIELDS:
            raise NetworkError(
                f"node '{path}' is of the unknown type {kind!r}; known are {', '.join(FIELDS)} and NIRGraph"
            )
        else:
            nodes[path] = _checked(path, kind, fields)
            if prefix and kind in ("Input", "Output"):
                nodes[path] = Node(path, THROUGH, {})
    for first, last in _edges(tree["edges"], prefix):
        first, last = outputs.get(first, first), inputs.get(last, last)
        for name in (first, last):
            if name not in nodes:
                raise NetworkError(f"the edge from '{first}' to '{last}' names '{name}', which is no node of the graph")
        edges.append((first, last))


def _edges(edges: Any, prefix: str) -> Iterator[tuple[str, str]]:
    for edge in edges:
        first, last = (name.decode() if isinstance(name, bytes) else str(name) for name in edge)
        yield prefix + first, prefix + last


def _only(path: str, tree: Mapping[str, Any], kind: str) -> str:
    names = [name for name, fields in tree["nodes"].items() if fields.get("type") == kind]
    if len(names) != 1:
        raise NetworkError(f"node '{path}' (NIRGraph): a subgraph has one {kind}, this one has {len(names)}")
    return str(names[0])


def _checked(path: str, kind: str, fields: Mapping[str, Any]) -> Node:
    values: dict[str, Any] = {}
    for field in (*FIELDS[kind], *OPTIONAL.get(kind, ())):
        if field not in fields:
            if field in OPTIONAL.get(kind, ()):
                continue
            raise NetworkError(f"node '{path}' ({kind}): the field '{field}' is missing")
        value = fields[field]
        if isinstance(value, str) and value in WORDS.get(field, ()):
            values[field] = value
            continue
        array = np.asarray(value)
        if array.dtype.kind not in "iufb":
            raise NetworkError(f"node '{path}' ({kind}): '{field}' must be numbers, not {value!r}")
        wrong = np.flatnonzero(~np.isfinite(array.astype(np.float64)).ravel())
        if wrong.size:
            where = tuple(int(i) for i in np.unravel_index(wrong[0], array.shape))
            raise NetworkError(
                f"node '{path}' ({kind}): '{field}' must be finite; {field}{list(where) if where else ''} is "
                f"{array.ravel()[wrong[0]]} ({wrong.size} in all)"
            )
        values[field] = array
    return Node(path, kind, values)
