"""From a network of rates, trained with ReLU, to one of spikes, with thresholds that are calibrated on data."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.network.network import Network
from ganglion.model.interchange.nir.clock import add_clock
from ganglion.model.interchange.nir.convention import Convention
from ganglion.model.interchange.nir.graph import NEURONS, Node
from ganglion.model.interchange.nir.read import read_graph
from ganglion.model.interchange.nir.signal import Signal
from ganglion.model.interchange.nir.timing import find_lags
from ganglion.model.interchange.nir.walk import Walk
from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import EventError, NetworkError
from ganglion.model.spec.explained import explained


@explained(NetworkError)
def convert_rates(
    source: Any, activations: npt.ArrayLike, *, percentile: float = 99.9, name: str | None = None
) -> Network:
    """A spiking network whose rates are the activations of a ReLU network.

    Each ReLU becomes an integrator that is reset by subtraction. Its threshold is the activation that so many percent
    of those on the data do not exceed, and the weights behind it are multiplied with that, so that an activation a is
    a rate of a / threshold (Rueckauer et al. 2017, "Conversion of Continuous-Valued Deep Networks to Efficient
    Event-Driven Networks for Image Classification"). Membranes begin at half a threshold, so that a rate is rounded
    and not cut off (Deng and Gu 2021, "Optimal Conversion of Conventional Artificial Neural Networks to Spiking Neural
    Networks"). What leads to an output without a ReLU is summed up in a read-out, of which the greatest decides.

    Args:
        source: a NIR file or graph in which each IF stands for a ReLU, as `ganglion.torch.relu_graph` makes it.
        activations: inputs of the ReLU network, from 0 to 1, shape (samples, …). A spike train of rate x stands for x.
        percentile: of the activations of a layer, above 50 to 100.
        name: of the network; None is the file's name, or "rates".

    Raises:
        FormatError: not a whole NIR file.
        NetworkError: neurons that are no IF, delays or loops, or a percentile out of range; names the node.
        EventError: activations of another shape, or beyond 0 to 1.
    """
    if not 50 < percentile <= 100:
        raise NetworkError(f"percentile must be above 50 and at most 100, not {percentile!r}")
    title = name or (Path(source).stem if isinstance(source, str | Path) else "rates")
    return _Conversion(Walk(read_graph(source), Convention(dt=1.0)), activations, percentile, title).network()


class _Conversion:
    """One conversion: the activations of each node on the data, then what is the threshold of each."""

    def __init__(self, walk: Walk, activations: npt.ArrayLike, percentile: float, title: str) -> None:
        self.walk, self.percentile, self.made = walk, percentile, Network(title)
        self.nodes = walk.graph.nodes
        self.activations: dict[str, FloatArray] = {}
        self.unit: dict[str, float] = {}
        """The activation that a spike in every step stands for."""
        inputs = [node for node in self.nodes.values() if node.type == "Input"]
        if len(inputs) != 1:
            raise NetworkError(f"a ReLU network has one Input, this one has {len(inputs)}")
        self.activations[inputs[0].name] = self.checked(inputs[0], activations)
        self.unit[inputs[0].name] = 1.0

    def checked(self, node: Node, activations: npt.ArrayLike) -> FloatArray:
        """Activations of the input, shape (samples, axons)."""
        values, shape = np.asarray(activations, dtype=np.float64), self.walk.lean(node)
        size = int(np.prod(shape))
        if values.ndim < 2 or not len(values) or values[0].size != size:
            raise EventError(f"activations must have shape (samples, {', '.join(map(str, shape))}), not {values.shape}")
        if not (np.isfinite(values) & (values >= 0) & (values <= 1)).all():
            raise EventError(
                "activations are rates of spikes, from 0 to 1; scale the data, and the first weights with it"
            )
        return values.reshape(len(values), size)

    def network(self) -> Network:
        for node in self.nodes.values():
            if node.type == "Input":
                self.made.input(node.name, self.walk.lean(node))
            elif node.type in NEURONS and node.type != "IF":
                raise NetworkError(f"{node}: a ReLU is an IF; a {node.type} has no rate that is a ReLU of its input")
        arriving = {node.name: self.walk.arriving(node) for node in self.nodes.values() if node.type == "IF"}
        outputs = {node.name: self.walk.arriving(node) for node in self.nodes.values() if node.type == "Output"}
        shown = {name: signal.identity_of for name, signal in outputs.items()}
        readouts = {name: signal for name, signal in outputs.items() if shown[name] not in arriving}
        every = arriving | readouts
        lags = find_lags(self.unit, every, {}, [name for name in every if name in arriving or every[name].bias])
        for name in sorted(arriving, key=lambda each: lags.taken[each]):
            self.calibrate(name, arriving[name])
        for name in arriving:
            shape = self.walk.lean(self.nodes[name])
            self.made.population(name, shape, threshold=self.unit[name], reset="subtract")
        for name, signal in readouts.items():
            self.made.readout(name, self.walk.stripped(signal.shape, self.nodes[name]))
        for name, signal in every.items():
            for origin, maps in signal.parts.items():
                for delay, matrix in maps:
                    if delay:
                        raise NetworkError(f"{self.nodes[name]}: a Delay leads to it, which a rate has no use for")
                    self.made.sparse(origin, name, matrix * self.unit[origin], delay=lags.steps(origin, name, delay))
        self.drive(every, {name: lags.taken[name] for name in every}, arriving)
        self.made.output(*(name if name in readouts else str(shown[name]) for name in outputs))
        self.made.lag.update({name: lags.sent[name] for name in every})
        return self.made

    def calibrate(self, name: str, signal: Signal) -> None:
        """Activations of a layer, and its threshold."""
        values = np.zeros((len(next(iter(self.activations.values()))), signal.size)) + signal.bias.get(0, 0.0)
        for origin, maps in signal.parts.items():
            for _, matrix in maps:
                values += self.activations[origin] @ matrix.T
        self.activations[name] = np.maximum(values, 0)
        unit = float(np.percentile(self.activations[name], self.percentile))
        if unit <= 0:
            unit = float(self.activations[name].max()) or 1.0
            self.made.warnings.append(
                f"{self.nodes[name]}: {self.percentile:g} % of its activations on the data are 0; its threshold is "
                f"{unit:.3g}, the greatest"
            )
        self.unit[name] = unit
        self.made.notes.append(f"{self.nodes[name]}: a spike in every step stands for an activation of {unit:.4g}")

    def drive(self, every: Mapping[str, Signal], lags: Mapping[str, int], arriving: Mapping[str, Signal]) -> None:
        """Biases in every step, and half a threshold in the first."""
        constant = {name: {max(lags[name], 1): signal.bias[0]} for name, signal in every.items() if signal.bias}
        halves = {name: np.full(signal.size, self.unit[name] / 2) for name, signal in arriving.items()}
        add_clock(self.made, constant, {name: {max(lags[name], 1): half} for name, half in halves.items()})
