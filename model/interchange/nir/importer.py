"""From a NIR graph to a `Network`."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy.sparse import csr_array

from ganglion.model.compiler.network.network import Network
from ganglion.model.interchange.nir.clock import add_clock, largest_weight, split
from ganglion.model.interchange.nir.convention import Convention, Reading, named
from ganglion.model.interchange.nir.folding import behind_readouts
from ganglion.model.interchange.nir.graph import NEURONS, Graph, Node
from ganglion.model.interchange.nir.neurons import READOUTS, Neuron, discretise
from ganglion.model.interchange.nir.read import read_graph
from ganglion.model.interchange.nir.shapes import bare
from ganglion.model.interchange.nir.signal import Signal
from ganglion.model.interchange.nir.timing import Lags, find_lags
from ganglion.model.interchange.nir.walk import Walk
from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.explained import explained

Timing = Literal["layers", "edges"]
Bias = Literal["clock", "constant"]


@explained(NetworkError)
def import_nir(
    source: Any,
    convention: Convention | str,
    *,
    nodes: Mapping[str, Convention | str] | None = None,
    timing: Timing = "layers",
    bias: Bias = "clock",
    name: str | None = None,
) -> Network:
    """A network from a NIR graph. Nothing is approximated: what the chip's neurons cannot do is refused.

    Args:
        source: a file, or a `nir.NIRGraph`. Both give the same network, in the same order.
        convention: what the graph leaves open; a `Convention`, or the name of one of `CONVENTIONS`.
        nodes: conventions of single neuron nodes that are another than the graph's, by node.
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
    if timing not in ("layers", "edges"):
        raise NetworkError(f'timing must be "layers" or "edges", not {timing!r}')
    if bias not in ("clock", "constant"):
        raise NetworkError(f'bias must be "clock" or "constant", not {bias!r}')
    reading = Reading(graph=_convention(convention), nodes={node: _convention(c) for node, c in (nodes or {}).items()})
    title = name or (Path(source).stem if isinstance(source, str | Path) else "nir")
    graph = read_graph(source)
    reading.check(node.name for node in graph.nodes.values() if node.type in NEURONS)
    return _Import(graph, reading, timing, bias, title).network()


def _convention(convention: Convention | str) -> Convention:
    return named(convention) if isinstance(convention, str) else convention


class _Import:
    """One import: what arrives at each population, what each is, when it is, and then the network."""

    def __init__(self, graph: Graph, reading: Reading, timing: Timing, bias: Bias, title: str) -> None:
        self.walk = Walk(graph, reading.graph)
        self.graph, self.reading = self.walk.graph, reading
        self.timing, self.bias = timing, bias
        self.made = Network(title)
        self.made.notes += graph.notes
        self.arriving: dict[str, Signal] = {}
        self.neurons: dict[str, Neuron] = {}
        self.folded: set[str] = set()
        """Read-outs behind which others took their place."""

    def network(self) -> Network:
        network, nodes = self.made, self.graph.nodes.values()
        for node in nodes:
            if node.type == "Input":
                shape = self.walk.shape_of(node)
                network.input(node.name, self.walk.lean(node))
                if shape != self.walk.lean(node):
                    network.notes.append(f"{node}: {shape} has a batch axis of 1; it is {self.walk.lean(node)}")
        for node in nodes:
            if node.type in NEURONS:
                self.take(node)
        outputs = [self.shown(node) for node in nodes if node.type == "Output"]
        for name in self.folded - {shown for names in outputs for shown in names}:
            del self.arriving[name], self.neurons[name]
        lags = self.lags()
        held = self.hold(lags)
        for name in self.arriving:
            self.populate(name)
        for name, signal in self.arriving.items():
            self.project(name, signal, lags)
        if self.bias == "clock":
            self.drive(lags, held)
        for names in outputs:
            network.output(*names)
        network.lag.update({name: lags.sent[name] for name in self.arriving})
        return network

    def take(self, node: Node) -> None:
        """What arrives at a neuron node, and its equation."""
        shape = self.walk.lean(node)
        if self.graph.before(node.name):
            signal = self.walk.arriving(node)
        else:
            signal = Signal.nothing(shape)
            self.made.warnings.append(f"{node}: no edge leads to it, so nothing drives it")
        if bare(signal.shape) != bare(shape):
            raise NetworkError(f"{node}: its parameters have shape {shape}, {signal.shape} arrives")
        if node.type == "MaxPool2d":
            self.walk.check_spikes(node)
        self.arriving[node.name] = signal
        self.neurons[node.name] = discretise(
            node, shape, self.reading.of(node.name), recurrent=node.name in signal.parts
        )

    def shown(self, node: Node) -> list[str]:
        """The populations that an Output shows; a linear layer before it becomes a read-out without memory."""
        found = []
        for name in self.graph.before(node.name):
            before = self.graph.nodes[name]
            signal = self.walk.leaving(before, (node.name,))
            if "shape" in node.fields and bare(node.whole("shape")) != bare(signal.shape):
                raise NetworkError(f"{node}: its shape is {node.whole('shape')}, {signal.shape} arrives")
            source = signal.identity_of
            if source is None or self.graph.nodes[source].type == "Input":
                source = before.name if before.type != "Input" else node.name
                if source in self.arriving:
                    pass
                elif signal.parts and all(self.graph.nodes[part].type in READOUTS for part in signal.parts):
                    behind = behind_readouts(before, signal, self.arriving, self.neurons)
                    self.arriving[source], self.neurons[source] = behind
                    self.folded |= signal.parts.keys()
                else:
                    one = np.ones(signal.size)
                    note = f"{before}: it leads to an output: its values are the membranes of a read-out without memory"
                    self.arriving[source] = signal
                    self.neurons[source] = Neuron(spiking=False, parameters={"decay": one}, gain=one, notes=(note,))
            found.append(source)
        return found

    def lags(self) -> Lags:
        inputs = [node.name for node in self.graph.nodes.values() if node.type == "Input"]
        if self.timing == "edges":
            none = dict.fromkeys((*inputs, *self.arriving), 0)
            return Lags(taken=none, sent=none, even=False)
        biased = [name for name, signal in self.arriving.items() if signal.bias and self.bias == "clock"]
        driven = [*biased, *(name for name, neuron in self.neurons.items() if neuron.kick)]
        delays = {name: neuron.spike_delay for name, neuron in self.neurons.items()}
        return find_lags(inputs, self.arriving, delays, driven)

    def hold(self, lags: Lags) -> dict[str, FloatArray]:
        """What layers that fire without input get from the clock, so that they do not before their input begins.

        A binary neuron compares its input alone, so that threshold and input may be raised by the same.
        """
        held = {}
        for name, neuron in self.neurons.items():
            if not neuron.spiking or not lags.taken[name]:
                continue
            threshold = np.asarray(neuron.parameters["threshold"])
            early = (threshold < 0) | (neuron.parameters["inclusive"] & (threshold == 0))
            if not early.any():
                continue
            binary = "current_decay" not in neuron.parameters and (np.asarray(neuron.parameters["decay"]) == 1).all()
            if not binary or neuron.own or self.bias != "clock":
                raise NetworkError(
                    f"{self.graph.nodes[name]}: its threshold is below its membrane at rest, so it would fire before "
                    "its input begins",
                    python="import with timing='edges'",
                    command="import with --timing edges",
                )
            margin = 1.0 if neuron.parameters["inclusive"] else 0.0
            held[name] = np.where(early, margin - threshold, 0.0)
            neuron.parameters["threshold"] = threshold + held[name]
            self.made.notes.append(
                f"{self.graph.nodes[name]}: {int(early.sum())} thresholds are below 0; the clock raises input and "
                "threshold, so that it is silent until its input begins"
            )
        return held

    def populate(self, name: str) -> None:
        neuron, node, signal = self.neurons[name], self.graph.nodes[name], self.arriving[name]
        shape = self.walk.lean(node) if node.type in NEURONS else self.walk.stripped(signal.shape, node)
        constant: FloatArray | float = 0.0
        if self.bias == "constant" and signal.bias:
            if set(signal.bias) != {0} or "current_decay" in neuron.parameters:
                raise NetworkError(
                    f"{node}: a bias into its synaptic current, or one that is delayed, is not the chip's bias, which "
                    "acts on the membrane from step 0 on; import with bias='clock'"
                )
            constant = signal.bias[0] * neuron.gain
        if self.bias == "constant" and neuron.kick:
            raise NetworkError(
                f"{node}: its membranes begin at v_reset, to which a neuron brings them that the clock starts; import "
                "with bias='clock'"
            )
        add = self.made.population if neuron.spiking else self.made.readout
        add(name, shape, bias=constant, **neuron.parameters)
        self.made.notes += neuron.notes
        self.made.warnings += neuron.warnings
        if node.type in ("IF", "LIF", "CubaLIF") and node.resets and "v_reset" not in node.fields:
            self.made.notes.append(f"{node}: the file has no v_reset; it is 0, as NIR says")

    def project(self, target: str, signal: Signal, lags: Lags) -> None:
        """The projections of what arrives at a population."""
        network, neuron = self.made, self.neurons[target]
        for source, maps in signal.parts.items():
            if self.graph.nodes[source].type in READOUTS:
                raise NetworkError(
                    f"{self.graph.nodes[source]}: its membrane feeds '{target}', and neurons send spikes alone; "
                    "make it an IF, LIF or CubaLIF, or the last of its branch"
                )
            for delay, matrix in maps:
                if matrix.count_nonzero():
                    self.connect(source, target, signal, matrix, lags.steps(source, target, delay))
        if neuron.own:
            largest = largest_weight(network, target)
            for delay, weights in neuron.own.items():
                piece, pieces = split(weights, largest, target)
                post = np.repeat(np.arange(weights.size), pieces)
                network.sparse(target, target, (post, post, piece[post]), delay=delay)

    def connect(self, source: str, target: str, signal: Signal, matrix: Any, steps: int) -> None:
        network, gain, kernel = self.made, self.neurons[target].gain, signal.convolution
        first, last = network.layers.source(source).shape, network.populations[target].shape
        plain = kernel is not None and len(first) == kernel.weight.ndim - 1 == len(last)
        if kernel is not None and plain and np.ptp(gain) == 0 and math.prod(last) == signal.size:
            network.convolution(
                source,
                target,
                kernel.weight * gain[0],
                stride=kernel.stride,
                padding=kernel.padding,
                dilation=kernel.dilation,
                groups=kernel.groups,
                delay=steps,
            )
            return
        scaled = csr_array(matrix.multiply(gain[:, np.newaxis]))
        if scaled.count_nonzero() == math.prod(scaled.shape):
            network.all_to_all(source, target, scaled.toarray(), delay=steps)
        elif scaled.count_nonzero():
            network.sparse(source, target, scaled, delay=steps)

    def drive(self, lags: Lags, held: Mapping[str, FloatArray]) -> None:
        """Constant inputs and first steps, from the clock."""
        constant: dict[str, dict[int, FloatArray]] = {}
        once: dict[str, dict[int, FloatArray]] = {}
        for name, neuron in self.neurons.items():
            first = max(lags.taken[name], 1)
            of = constant.setdefault(name, {})
            for delay, values in self.arriving[name].bias.items():
                of[first + delay] = values * neuron.gain
            if name in held:
                of[first] = of.get(first, 0.0) + held[name]
            once[name] = {first + after: values for after, values in neuron.kick.items()}
        add_clock(self.made, constant, once)
