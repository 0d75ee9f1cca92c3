"""From a NIR graph to a `Network`."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.network.population import Shape
from ganglion.model.interchange.nir.clock import add_clock
from ganglion.model.interchange.nir.convention import CONVENTIONS, Convention
from ganglion.model.interchange.nir.graph import NEURONS, Graph, Node, read_graph
from ganglion.model.interchange.nir.neurons import Neuron, discretise, own_shape
from ganglion.model.interchange.nir.signal import Signal, add, through
from ganglion.model.spec.errors import NetworkError

Timing = Literal["layers", "edges"]
Bias = Literal["clock", "constant"]


def import_nir(
    source: Any,
    convention: Convention | str,
    *,
    timing: Timing = "layers",
    bias: Bias = "clock",
    name: str | None = None,
) -> Network:
    """A network from a NIR graph. Nothing is approximated: what the chip's neurons cannot do is refused.

    Args:
        source: a file, or a `nir.NIRGraph`.
        convention: what the graph leaves open; a `Convention`, or the name of one of `CONVENTIONS`.
        timing: "layers" delays connections so that the network does what a framework does that evaluates layer after
            layer in one step: spikes of a layer come as many steps later as `Network.lag` says, and are otherwise the
            same. "edges" gives every connection one step and the graph's own delays, and evens nothing out.
        bias: "clock" brings constant inputs in as spikes of neurons that fire in every step, so that each layer gets
            its own from the step on in which its input begins, and synaptic currents get theirs. "constant" uses the
            chip's bias, which acts on the membrane from step 0 on, and is refused for synaptic currents.
        name: of the network; None is the file's name, or "nir".

    Raises:
        FormatError: not a whole NIR file.
        NetworkError: something that is not well-formed or cannot be represented; names the node.
    """
    if isinstance(convention, str):
        if convention not in CONVENTIONS:
            raise NetworkError(f"there is no convention '{convention}'; there are {', '.join(CONVENTIONS)}")
        convention = CONVENTIONS[convention]
    if timing not in ("layers", "edges"):
        raise NetworkError(f'timing must be "layers" or "edges", not {timing!r}')
    if bias not in ("clock", "constant"):
        raise NetworkError(f'bias must be "clock" or "constant", not {bias!r}')
    title = name or (Path(source).stem if isinstance(source, str | Path) else "nir")
    return _Import(read_graph(source), convention, timing, bias, title).network()


class _Import:
    """One import: shapes, then signals, then neurons, each worked out once."""

    def __init__(self, graph: Graph, convention: Convention, timing: Timing, bias: Bias, title: str) -> None:
        self.graph = graph
        self.convention = convention
        self.timing = timing
        self.bias = bias
        self.title = title
        self.signals: dict[str, Signal] = {}
        self.shapes: dict[str, Shape] = {}

    def network(self) -> Network:
        network = Network(self.title)
        nodes = self.graph.nodes.values()
        for node in nodes:
            if node.type == "Input":
                network.input(node.name, self.shape_of(node))
        arriving: dict[str, Signal] = {}
        made: dict[str, Neuron] = {}
        for node in nodes:
            if node.type not in NEURONS:
                continue
            shape = self.shape_of(node)
            signal = (
                self.arriving(node) if self.graph.before(node.name) else Signal(shape, {}, np.zeros(math.prod(shape)))
            )
            if signal.shape != shape:
                raise NetworkError(f"{node}: its parameters have shape {shape}, {signal.shape} arrives")
            neuron = discretise(node, shape, self.convention)
            arriving[node.name], made[node.name] = signal, neuron
            add_population = network.population if neuron.spiking else network.readout
            constant = signal.bias * neuron.gain if self.bias == "constant" else 0.0
            if np.any(constant) and "current_decay" in neuron.parameters:
                raise NetworkError(
                    f"{node}: a bias into its synaptic current is not the chip's bias, which acts on the membrane; "
                    "import with bias='clock'"
                )
            add_population(node.name, shape, bias=constant, **neuron.parameters)
            if node.type in ("IF", "LIF", "CubaLIF") and "v_reset" not in node.fields:
                network.notes.append(f"{node}: the file has no v_reset; it is 0, as NIR says")
        lags = self.lags(arriving)
        for target, signal in arriving.items():
            self.project(network, target, signal, made[target], lags)
            self.check_silent(target, made[target], lags[target])
        if self.bias == "clock":
            add_clock(network, {name: arriving[name].bias * made[name].gain for name in arriving}, lags)
        for node in nodes:
            if node.type == "Output":
                network.output(*self.outputs(node))
        network.lag.update({target: lags[target] for target in arriving})
        return network

    def shape_of(self, node: Node, seen: tuple[str, ...] = ()) -> Shape:
        """Shape of what an input or a neuron sends."""
        if node.name not in self.shapes:
            found = node.whole("shape") if node.type == "Input" else own_shape(node)
            if found is None:
                found = self.shape_before(node, seen)
            if found is None:
                raise NetworkError(f"{node}: nothing says how many neurons it has; give one of its parameters a shape")
            self.shapes[node.name] = found
        return self.shapes[node.name]

    def shape_before(self, node: Node, seen: tuple[str, ...]) -> Shape | None:
        """Shape that arrives at a node, by the first way that tells it; None where all ways go round."""
        for name in self.graph.before(node.name):
            before = self.graph.nodes[name]
            if name in seen or name == node.name:
                continue
            way = (*seen, node.name)
            if before.type in ("Affine", "Linear"):
                return (int(before.fields["weight"].shape[0]),)
            if before.type == "Input" or before.type in NEURONS:
                known = _given(before) or self.shape_before(before, way)
            else:
                known = self.shape_before(before, way)
                if known is not None:
                    known = through(before, Signal(known, {}, np.zeros(math.prod(known))), self.step).shape
            if known is not None:
                return known
        return None

    @property
    def step(self) -> float:
        """A step in the unit of the graph's delays."""
        return self.convention.dt / self.convention.tau_unit

    def arriving(self, node: Node, way: tuple[str, ...] = ()) -> Signal:
        """The sum of what comes over all edges to a node."""
        before = self.graph.before(node.name)
        if not before:
            raise NetworkError(f"{node}: no edge leads to it")
        return add(node, [self.leaving(self.graph.nodes[name], (*way, node.name)) for name in before])

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

    def lags(self, arriving: Mapping[str, Signal]) -> dict[str, int]:
        """By how many steps each source's spikes come later than in a framework that evaluates layer after layer."""
        inputs = [node.name for node in self.graph.nodes.values() if node.type == "Input"]
        lags = dict.fromkeys((*inputs, *arriving), 0)
        if self.timing == "edges":
            return lags
        names = list(lags)
        number = {name: position for position, name in enumerate(names)}
        edges = [
            (number[source], number[target])
            for target, signal in arriving.items()
            for source in signal.parts
            if source != target
        ]
        pairs = np.array(edges, dtype=np.int64).reshape(-1, 2)
        matrix = csr_array((np.ones(len(edges)), (pairs[:, 0], pairs[:, 1])), shape=(len(names), len(names)))
        _, loop = connected_components(matrix, connection="strong")
        for source, target in edges:
            if loop[source] == loop[target]:
                raise NetworkError(
                    f"{self.graph.nodes[names[target]]}: it is in a loop with '{names[source]}'. Frameworks evaluate "
                    "layers one after the other, so one way round takes a step less than the chip needs; import with "
                    "timing='edges', in which every connection takes one step"
                )
        # Without loops, the longest way to a population is settled after as many rounds as there are names.
        for _ in names:
            for source, target in edges:
                lags[names[target]] = max(lags[names[target]], lags[names[source]] + 1)
        return lags

    def project(self, network: Network, target: str, signal: Signal, neuron: Neuron, lags: Mapping[str, int]) -> None:
        """The projections of what arrives at a population."""
        for source, maps in signal.parts.items():
            if self.graph.nodes[source].type in NEURONS and not network.populations[source].spiking:
                raise NetworkError(
                    f"{self.graph.nodes[source]}: its membrane feeds '{target}', and neurons send spikes alone; "
                    "make it an IF, LIF or CubaLIF, or the last of its branch"
                )
            ahead = 1 if self.timing == "edges" or source == target else lags[target] - lags[source]
            for delay, matrix in maps:
                steps = ahead + delay
                kernel = signal.convolution
                if kernel is not None and np.ptp(neuron.gain) == 0:
                    network.convolution(
                        source,
                        target,
                        kernel.weight * neuron.gain[0],
                        stride=kernel.stride,
                        padding=kernel.padding,
                        dilation=kernel.dilation,
                        groups=kernel.groups,
                        delay=steps,
                    )
                    continue
                scaled = csr_array(matrix.multiply(neuron.gain[:, np.newaxis]))
                if scaled.count_nonzero() == math.prod(scaled.shape):
                    network.all_to_all(source, target, scaled.toarray(), delay=steps)
                elif scaled.count_nonzero():
                    network.sparse(source, target, scaled, delay=steps)
        if neuron.self_weight.any():
            network.one_to_one(target, target, neuron.self_weight)
            network.notes.append(
                f"{self.graph.nodes[target]}: its reset takes effect in the next step; that is a synapse of each "
                "neuron onto itself"
            )

    def check_silent(self, target: str, neuron: Neuron, lag: int) -> None:
        """A layer must not fire before its input begins, as it would where the membrane 0 is over the threshold."""
        if not neuron.spiking or not lag:
            return
        threshold = neuron.parameters["threshold"]
        if (threshold < 0).any() or (neuron.parameters["inclusive"] and (threshold == 0).any()):
            raise NetworkError(
                f"{self.graph.nodes[target]}: its threshold is below its membrane at rest, so it would fire before its "
                "input begins; import with timing='edges'"
            )

    def outputs(self, node: Node) -> list[str]:
        """The populations that an Output shows."""
        found = []
        for name in self.graph.before(node.name):
            before = self.graph.nodes[name]
            signal = self.leaving(before, (node.name,))
            if "shape" in node.fields and node.whole("shape") != signal.shape:
                raise NetworkError(f"{node}: its shape is {node.whole('shape')}, {signal.shape} arrives")
            shown = signal.identity_of
            if shown is None or self.graph.nodes[shown].type == "Input":
                raise NetworkError(
                    f"{node}: it shows {before}, which is not a neuron; put an LI or I before it, whose membrane is "
                    "then the output"
                )
            found.append(shown)
        return found


def _given(node: Node) -> Shape | None:
    return node.whole("shape") if node.type == "Input" else own_shape(node)
