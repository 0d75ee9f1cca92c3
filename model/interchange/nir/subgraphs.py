"""A tree of graphs as one: nodes of subgraph a are called a.x, and its inputs and outputs pass on what arrives."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ganglion.model.interchange.nir.graph import FIELDS, OPTIONAL, THROUGH, UNBOUNDED, WORDS, Graph, Node
from ganglion.model.spec.arrays import Array
from ganglion.model.spec.errors import NetworkError


def flat_graph(tree: Mapping[str, Any]) -> Graph:
    """A graph without subgraphs.

    Args:
        tree: a dictionary as in a file: nodes by name, and edges.

    Raises:
        NetworkError: a node of an unknown type, a missing field, a value that is not finite, an edge to nowhere, or to
            a subgraph with several inputs where nothing says to which; the message names the node.
    """
    return _Flattening(tree).graph()


class _Flattening:
    """One flattening; nodes of a level keep their names before those of its subgraphs get theirs."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self.tree = tree
        self.nodes: dict[str, Node] = {}
        self.edges: list[tuple[str, str]] = []
        self.notes: list[str] = []
        self.taken: set[str] = set()

    def graph(self) -> Graph:
        self.level(self.tree, "")
        edges = tuple(dict.fromkeys(self.edges))
        if len(edges) < len(self.edges):
            self.notes.append(f"{len(self.edges) - len(edges)} edges are there twice, and count once")
        return Graph(self.nodes, edges, tuple(self.notes))

    def level(self, tree: Mapping[str, Any], prefix: str) -> dict[str, str]:
        """Take in the nodes and edges of a graph and its subgraphs; returns what its nodes are called in the whole."""
        nodes = tree["nodes"]
        kinds = {name: fields.get("type") if isinstance(fields, Mapping) else None for name, fields in nodes.items()}
        called = {name: self.fresh(f"{prefix}{name}") for name, kind in kinds.items() if kind != "NIRGraph"}
        subgraphs: dict[str, dict[str, str]] = {}
        for name, fields in nodes.items():
            kind = kinds[name]
            if kind == "NIRGraph":
                if not {"nodes", "edges"} <= set(fields):
                    raise NetworkError(f"node '{prefix}{name}' (NIRGraph): nodes or edges are missing")
                subgraphs[name] = self.level(fields, f"{prefix}{name}.")
                continue
            path = called[name]
            if kind not in FIELDS:
                raise NetworkError(
                    f"node '{path}' is of the unknown type {kind!r}; known are {', '.join(FIELDS)} and NIRGraph"
                )
            through = prefix and kind in ("Input", "Output")
            self.nodes[path] = Node(path, THROUGH, {}) if through else _checked(path, kind, fields)
        pairs = [(str(first), str(last)) for first, last in _edges(tree["edges"])]
        for number, (first, last) in enumerate(pairs):
            start = self.end(tree, prefix, called, subgraphs, pairs, number, first, "Output")
            self.edges.append((start, self.end(tree, prefix, called, subgraphs, pairs, number, last, "Input")))
        return called

    def fresh(self, path: str) -> str:
        """A name that no node has."""
        name = path
        while name in self.taken:
            name += "_"
        if name != path:
            self.notes.append(f"the node '{path}' of a subgraph is called '{name}', as another node has its name")
        self.taken.add(name)
        return name

    def end(
        self,
        tree: Mapping[str, Any],
        prefix: str,
        called: Mapping[str, str],
        subgraphs: Mapping[str, Mapping[str, str]],
        pairs: list[tuple[str, str]],
        number: int,
        name: str,
        kind: str,
    ) -> str:
        """The node in the whole that an end of an edge is: the Input or Output where it is a subgraph."""
        if name in called:
            return called[name]
        if name not in subgraphs:
            outer = max((each for each in subgraphs if name.startswith(f"{each}.")), key=len, default=None)
            if outer is not None and name[len(outer) + 1 :] in subgraphs[outer]:
                return subgraphs[outer][name[len(outer) + 1 :]]
            first, last = pairs[number]
            raise NetworkError(
                f"the edge from '{prefix}{first}' to '{prefix}{last}' names '{prefix}{name}', which is no node of the "
                "graph"
            )
        inner = tree["nodes"][name]
        ends = [each for each, fields in inner["nodes"].items() if fields.get("type") == kind]
        if len(ends) == 1:
            return subgraphs[name][ends[0]]
        side, other = (1, 0) if kind == "Input" else (0, 1)
        meeting = [position for position, pair in enumerate(pairs) if pair[side] == name]
        partner = pairs[number][other]
        if partner in ends:
            return subgraphs[name][partner]
        inside = {each: sorted(pair[side] for pair in _edges(inner["edges"]) if pair[other] == each) for each in ends}
        alike = len({tuple(names) for names in inside.values()}) == 1
        if ends and alike and (kind == "Output" or len(meeting) >= len(ends)):
            return subgraphs[name][ends[meeting.index(number) % len(ends)]]
        raise NetworkError(
            f"node '{prefix}{name}' (NIRGraph): it has {len(ends)} nodes {kind} ({', '.join(ends)}), and nothing says "
            f"which the edge with '{partner}' means; name it in the edge, as in '{name}.{ends[0] if ends else kind}'"
        )


def _edges(edges: Any) -> Iterator[tuple[str, str]]:
    for edge in edges:
        first, last = (name.decode() if isinstance(name, bytes) else str(name) for name in edge)
        yield first, last


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
        array = _array(f"node '{path}' ({kind}): '{field}'", value)
        wrong = np.flatnonzero((np.isnan(array) if field in UNBOUNDED else ~np.isfinite(array)).ravel())
        if wrong.size:
            where = tuple(int(i) for i in np.unravel_index(wrong[0], array.shape))
            raise NetworkError(
                f"node '{path}' ({kind}): '{field}' must be finite; {field}{list(where) if where else ''} is "
                f"{array.ravel()[wrong[0]]} ({wrong.size} in all)"
            )
        values[field] = array
    return Node(path, kind, values)


def _array(where: str, value: Any) -> Array:
    """Numbers of whatever library as an array: tensors that want gradients, and floats that NumPy has not, too."""
    try:
        if hasattr(value, "detach"):
            value = value.detach().cpu()
            value = value.float() if str(value.dtype) == "torch.bfloat16" else value
        array = np.asarray(value)
        if array.dtype.kind == "V" and array.dtype.names is None:
            array = array.astype(np.float32)
    except (TypeError, ValueError, RuntimeError) as error:
        raise NetworkError(f"{where} must be numbers, not {type(value).__name__}: {error}") from None
    if array.dtype.kind not in "iufb":
        raise NetworkError(f"{where} must be numbers, not {value!r}")
    return array
