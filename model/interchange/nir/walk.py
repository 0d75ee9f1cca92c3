"""A walk through a graph: the shape of what each node sends, and the linear map of spikes that it is."""

from dataclasses import replace

from ganglion.model.compiler.network.population import Shape
from ganglion.model.interchange.nir.convention import Convention
from ganglion.model.interchange.nir.graph import NEURONS, THROUGH, Graph, Node
from ganglion.model.interchange.nir.shapes import bare, core, own_shape
from ganglion.model.interchange.nir.signal import Signal, add, pooled, through
from ganglion.model.spec.errors import NetworkError

AXES = {"Affine": 1, "Linear": 1, "Conv1d": 2, "Conv2d": 3, "SumPool2d": 3, "AvgPool2d": 3, "MaxPool2d": 3}
"""Axes that nodes take, without those of batches."""


class Walk:
    """Shapes and signals of a graph, each worked out once."""

    def __init__(self, graph: Graph, convention: Convention) -> None:
        self.graph = bypassed(graph) if convention.recurrent_bypass else graph
        self.step = convention.dt / convention.tau_unit
        """A step in the unit of the graph's delays."""
        self.signals: dict[str, Signal] = {}
        self.shapes: dict[str, Shape] = {}

    def shape_of(self, node: Node) -> Shape:
        """Shape of what an input or a neuron sends, with axes of batches where the graph has them.

        Raises:
            NetworkError: nothing says it.
        """
        if node.name not in self.shapes:
            found = self.own(node, ())
            if found is None:
                raise NetworkError(f"{node}: nothing says how many neurons it has; give one of its parameters a shape")
            self.shapes[node.name] = found
        return self.shapes[node.name]

    def own(self, node: Node, way: tuple[str, ...]) -> Shape | None:
        """That shape, by what the node says or by what arrives; None where all ways go round."""
        if node.type == "Input":
            return node.whole("shape")
        before = self.before(node, way)
        if node.type == "MaxPool2d":
            return None if before is None else pooled(node, Signal.nothing(before)).shape
        stated = own_shape(node)
        if before is None or stated is None:
            return stated or before
        lean = core(before, len(stated)) or core(stated, len(before))
        if lean is None or len(stated) > len(before):
            return before if bare(stated) == bare(before) else stated
        return before if all(s in (1, b) for s, b in zip(stated, lean, strict=True)) else stated

    def before(self, node: Node, way: tuple[str, ...]) -> Shape | None:
        """Shape that arrives at a node, by the first way that tells it; None where all ways go round."""
        for name in self.graph.before(node.name):
            first = self.graph.nodes[name]
            if name in way or name == node.name:
                continue
            if first.type == "Input" or first.type in NEURONS:
                known = self.shapes.get(name) or self.own(first, (*way, node.name))
            else:
                known = self.before(first, (*way, node.name))
                if known is not None:
                    known = through(first, Signal.nothing(known), self.step).shape
                elif first.type in ("Affine", "Linear"):
                    known = (int(first.fields["weight"].shape[0]),)
            if known is not None:
                return known
        return None

    def lean(self, node: Node) -> Shape:
        """Shape of an input or population: that of what it sends, without axes of batches."""
        return self.stripped(self.shape_of(node), node)

    def stripped(self, shape: Shape, node: Node) -> Shape:
        """A shape that a node sends, without the axes of 1 in front that nothing before or behind it has use for."""
        axes = self.axes(node, shape, ()) or self.axes_before(node, ())
        return (shape if axes is None else core(shape, axes)) or shape

    def axes(self, node: Node, shape: Shape, seen: tuple[str, ...]) -> int | None:
        """How many axes of a shape are no batches: as a node, or the first behind it that knows, has them."""
        if node.type in AXES:
            return AXES[node.type]
        if node.type in NEURONS and (stated := own_shape(node)) is not None:
            return min(len(stated), len(shape))
        if node.type == "Flatten" and seen:
            (start,) = node.whole("start_dim")
            stated_axes = len(node.whole("input_type")) if "input_type" in node.fields else len(shape)
            batches = max(start if start > 0 else 0, len(shape) - stated_axes)
            if core(shape, len(shape) - batches) is not None and batches:
                return len(shape) - batches
            return None
        for name in self.after(node.name):
            if name not in seen and name != node.name:
                found = self.axes(self.graph.nodes[name], shape, (*seen, node.name))
                if found is not None:
                    return found
        return None

    def axes_before(self, node: Node, seen: tuple[str, ...]) -> int | None:
        """How many axes that arrive are no batches, as the first node before that knows has them."""
        for name in self.graph.before(node.name):
            first = self.graph.nodes[name]
            if first.type in AXES:
                return AXES[first.type]
            if name not in seen and name != node.name and first.type != "Flatten":
                found = self.axes_before(first, (*seen, node.name))
                if found is not None:
                    return found
        return None

    def after(self, name: str) -> list[str]:
        """The nodes that this one has an edge to."""
        return [last for first, last in self.graph.edges if first == name]

    def arriving(self, node: Node, way: tuple[str, ...] = ()) -> Signal:
        """The sum of what comes over all edges to a node.

        Raises:
            NetworkError: no edge leads to it, shapes that differ, or a loop without a neuron.
        """
        before = self.graph.before(node.name)
        if not before:
            raise NetworkError(f"{node}: no edge leads to it")
        signal = add(node, [self.leaving(self.graph.nodes[name], (*way, node.name)) for name in before])
        return pooled(node, signal) if node.type == "MaxPool2d" else signal

    def leaving(self, node: Node, way: tuple[str, ...]) -> Signal:
        """What a node sends."""
        if node.name not in self.signals:
            if node.type == "Input" or node.type in NEURONS:
                self.signals[node.name] = Signal.of_spikes(node.name, self.shape_of(node))
            elif node.name in way:
                raise NetworkError(f"{node}: it is in a loop without a neuron, so nothing defines its value")
            elif not self.graph.before(node.name):
                raise NetworkError(f"{node}: no edge leads to it; put an Input before it")
            else:
                self.signals[node.name] = through(node, self.arriving(node, way), self.step)
        return self.signals[node.name]

    def check_spikes(self, node: Node) -> None:
        """Whether spikes themselves arrive at a max-pooling, of which the greatest is whether there is any.

        Raises:
            NetworkError: weighted or added spikes do.
        """
        before = self.graph.before(node.name)
        if len(before) > 1 or self.leaving(self.graph.nodes[before[0]], (node.name,)).identity_of is None:
            raise NetworkError(
                f"{node}: the greatest of weighted inputs is no sum of spikes; put the pooling behind the spikes of a "
                "neuron, or use AvgPool2d"
            )


def bypassed(graph: Graph) -> Graph:
    """A graph whose neurons get directly what, from outside, leads into their recurrent weights."""
    edges = set(graph.edges)
    result = []
    for first, last in graph.edges:
        linear = graph.nodes[last].type in ("Linear", "Affine")
        targets = [end for start, end in graph.edges if start == last] if linear else []
        recurrent = [end for end in targets if (end, last) in edges and graph.nodes[end].type in NEURONS]
        outside = graph.nodes[first].type in (THROUGH, "Input")
        result.append((first, recurrent[0]) if recurrent and outside else (first, last))
    return replace(graph, edges=tuple(result))
