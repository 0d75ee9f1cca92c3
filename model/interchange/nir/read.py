"""Reading: from a NIR file or an object of the package `nir` to a flat graph of checked nodes."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganglion.model.interchange.hdf5 import load_tree
from ganglion.model.interchange.nir.graph import FIELDS, OPTIONAL, POSITION, Graph, Node
from ganglion.model.interchange.nir.subgraphs import flat_graph
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.untrusted import DAMAGE

MERGED = {"I": "IF", "LI": "LIF", "CubaLI": "CubaLIF"}
"""What a read-out becomes with the Threshold behind it."""


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
    try:
        return _merged(flat_graph(tree))
    except DAMAGE as error:
        raise FormatError(f"{source} is not a whole NIR graph: {error}; export it again") from error


def _read_file(path: Path) -> dict[str, Any]:
    tree = load_tree(path, "NIR file").get("node")
    if not isinstance(tree, dict):
        raise FormatError(f"{path} is not a whole NIR file: it has no group 'node'; export it again")
    if not {"nodes", "edges"} <= set(tree):
        raise FormatError(f"{path} has no nodes and edges: its root is a {tree.get('type', 'nameless thing')}")
    return _ordered(tree)


def _ordered(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The same, every group in the order of its nodes."""
    return {
        name: _ordered(entry) if isinstance(entry, dict) else entry for name, entry in sorted(tree.items(), key=_order)
    }


Order = tuple[int, list[tuple[int, str]]]


def _order(item: tuple[str, Any]) -> Order:
    """A file keeps no order of its nodes: that of the position that our exporter notes, or else "2" before "10"."""
    name, entry = item
    try:
        position = int(entry["metadata"][POSITION][()])
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        position = 1 << 62
    return position, _natural(name)


def _object_order(item: tuple[str, Any]) -> Order:
    """The same order for the nodes of an object."""
    name, node = item
    position = getattr(node, "metadata", {}).get(POSITION, 1 << 62)
    return position if isinstance(position, int) else 1 << 62, _natural(name)


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part or 0), part) if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _tree(graph: Any) -> dict[str, Any]:
    """A NIRGraph object as the dictionary that its file would be, its nodes in the same order."""
    nodes: dict[str, Any] = {}
    for name, node in sorted(graph.nodes.items(), key=_object_order):
        kind = type(node).__name__
        if kind == "NIRGraph":
            nodes[name] = _tree(node)
            continue
        known = (*FIELDS.get(kind, ()), *OPTIONAL.get(kind, ()))
        nodes[name] = {field: getattr(node, field) for field in known if getattr(node, field, None) is not None}
        if kind in ("Input", "Flatten"):
            nodes[name]["shape" if kind == "Input" else "input_type"] = node.input_type["input"]
        if kind == "Output" and node.output_type["output"] is not None:
            nodes[name]["shape"] = node.output_type["output"]
        nodes[name] = {field: value for field, value in nodes[name].items() if value is not None} | {"type": kind}
    return {"type": "NIRGraph", "nodes": nodes, "edges": graph.edges}


def _merged(graph: Graph) -> Graph:
    """A read-out whose only way out is a Threshold is with it one neuron that is never reset."""
    nodes, edges, notes = dict(graph.nodes), list(graph.edges), list(graph.notes)
    for name, node in graph.nodes.items():
        before = graph.before(name)
        first = graph.nodes[before[0]] if len(before) == 1 else None
        if node.type != "Threshold" or first is None or first.type not in MERGED:
            continue
        if [last for start, last in graph.edges if start == first.name] != [name]:
            continue
        fields = {**first.fields, "v_threshold": node.fields["threshold"]}
        nodes[name] = Node(name, MERGED[first.type], fields, resets=False)
        del nodes[first.name]
        edges = [(start, name if last == first.name else last) for start, last in edges if start != first.name]
        notes.append(f"{first} and {node} behind it are one neuron without a reset")
    return Graph(nodes, tuple(edges), tuple(notes))
