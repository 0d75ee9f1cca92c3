"""From a `Network` to a NIR graph."""

import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nir
import numpy as np

from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.network.population import Population
from ganglion.model.compiler.network.projection import Projection
from ganglion.model.interchange.nir.convention import Convention
from ganglion.model.interchange.nir.graph import POSITION
from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.files import written_whole


@explained(NetworkError)
def export_nir(network: Network, convention: Convention, path: str | Path | None = None) -> nir.NIRGraph:
    """A NIR graph that `import_nir(…, convention, timing="edges", bias="constant")` turns into the same network.

    Weights stay as they are: r and w_in are chosen so that an input has gain 1. A delay of n steps becomes a Delay of
    n - 1, since a connection takes one step by itself.

    Args:
        network: the network.
        convention: how the graph is to be read: dt and units, rule, reset. Its rule must be "euler" or "exponential"
            with every decay below 1, as NIR has no neuron that forgets at once but Threshold.
        path: a file to write as well.

    Raises:
        NetworkError: something that NIR has no word for, or that the convention does not mean; the message names it.
        OSError: the file cannot be written.
    """
    nodes: dict[str, Any] = {}
    edges: list[tuple[str, str]] = []
    for name, entry in network.inputs.items():
        nodes[name] = nir.Input(input_type=np.array(entry.shape))
    for name, population in network.populations.items():
        nodes[name] = _neuron(population, convention)
    for number, projection in enumerate(network.projections):
        _connect(network, projection, number, convention, nodes, edges)
    for name in network.populations:
        _bias(network.populations[name], nodes, edges)
    for name in network.outputs or network.populations:
        shown = _fresh(nodes, f"output_{name}")
        nodes[shown] = nir.Output(output_type=np.array(network.populations[name].shape))
        edges.append((name, shown))
    for position, node in enumerate(nodes.values()):
        node.metadata[POSITION] = position
    # The checks of the package `nir` know no square kernels but one; what is written here was checked already.
    graph = nir.NIRGraph(nodes=nodes, edges=edges, type_check=False)
    if path is not None:
        buffer = io.BytesIO()
        nir.write(buffer, graph)
        with written_whole(path) as file:
            file.write(buffer.getvalue())
    return graph


def _neuron(population: Population, c: Convention) -> Any:
    where, shape = f"population '{population.name}'", population.shape
    _representable(population, c)

    def array(values: FloatArray | float) -> FloatArray:
        return np.broadcast_to(np.asarray(values, dtype=np.float64), (population.size,)).reshape(shape).copy()

    rest = population.rest
    threshold = population.threshold + rest
    v_reset = (population.v_reset if population.reset == "value" else 0) + rest
    current = population.current_decay
    if not population.decay.any() and current is None:
        step = c.dt if c.integrator_step is None else c.integrator_step
        if rest.any():
            raise NetworkError(f"{where}: NIR's IF and I rest at 0, this one at {rest[0]:g}")
        if population.spiking:
            return nir.IF(r=array(1 / step), v_threshold=array(threshold), v_reset=array(v_reset))
        return nir.I(r=array(1 / step))
    if (population.decay == 1).all() and current is None and population.spiking and not population.v_reset.any():
        if rest.any() or population.inclusive != c.inclusive:
            raise NetworkError(f"{where}: NIR's Threshold rests at 0")
        return nir.Threshold(threshold=array(threshold))
    tau = array(_tau(where, "decay", population.decay, c))
    if c.unit_gain == "bare" and c.current == "leaked" and not population.spiking and current is None:
        raise NetworkError(
            f"{where}: read by this convention an LI has an input that has leaked already, as this has not"
        )
    unit = c.unit_gain == "bare" or c.unit_gain == "all" or (c.unit_gain == "readouts" and not population.spiking)
    fields = {"r": array(1.0) if unit else array(1 / population.decay), "v_leak": array(rest)}
    if population.spiking:
        fields |= {"v_threshold": array(threshold), "v_reset": array(v_reset)}
    if current is None:
        return (nir.LIF if population.spiking else nir.LI)(tau=tau, **fields)
    fields |= {"tau_mem": tau, "tau_syn": array(_tau(where, "current_decay", current, c))}
    if c.current == "leaked" and (current == 1).any():
        raise NetworkError(f"{where}: a current_decay of 1 leaves nothing of an input that leaks as it arrives")
    kept = {"jump": np.ones(population.size), "euler": current, "leaked": 1 - current}[c.current]
    fields["w_in"] = array(1 / kept)
    return (nir.CubaLIF if population.spiking else nir.CubaLI)(**fields)


def _representable(population: Population, c: Convention) -> None:
    """Whether NIR, read by the convention, has such neurons."""
    where = f"population '{population.name}'"
    if population.refractory.any():
        raise NetworkError(f"{where}: NIR has no refractory period")
    if population.adaptation_raise.any():
        raise NetworkError(f"{where}: NIR has no adaptive threshold")
    if not population.spiking:
        return
    begins = c.start == "reset" or (
        c.start == "integrators" and not population.decay.any() and population.current_decay is None
    )
    if begins and population.reset == "value" and population.v_reset.any():
        raise NetworkError(
            f"{where}: its membranes begin at rest, the convention's at v_reset; export with "
            "dataclasses.replace(convention, start='rest')"
        )
    binary = (population.decay == 1).all() and not population.v_reset.any()
    if population.reset != c.reset and not (binary and population.current_decay is None):
        raise NetworkError(
            f"{where}: its reset is '{population.reset}', the convention's '{c.reset}', and a NIR graph cannot say "
            f"which; export with dataclasses.replace(convention, reset='{population.reset}', reset_delay=False)"
        )
    if population.reset == "subtract" and c.reset_delay:
        raise NetworkError(
            f"{where}: its reset is immediate, the convention's comes a step late; export with "
            "dataclasses.replace(convention, reset_delay=False)"
        )
    if population.reset == "subtract" and population.rest.any():
        raise NetworkError(f"{where}: NIR's reset by subtraction needs a membrane that rests at 0")
    if population.inclusive != c.inclusive:
        raise NetworkError(
            f"{where}: its threshold is {'inclusive' if population.inclusive else 'strict'}, the convention's is not; "
            f"export with dataclasses.replace(convention, inclusive={population.inclusive})"
        )


def _tau(where: str, field: str, decay: FloatArray, c: Convention) -> FloatArray:
    if (decay == 0).any():
        raise NetworkError(f"{where}: {field} is 0 for some neurons, which NIR's time constants cannot say; split it")
    if c.rule == "exponential" and (decay > -math.expm1(-1)).any():
        raise NetworkError(f"{where}: {field} {decay.max():g} is a time constant below dt by the exponential rule")
    steps = 1 / decay if c.rule == "euler" else -1 / np.log1p(-decay)
    result: FloatArray = steps * c.dt / c.tau_unit
    return result


def _connect(
    network: Network,
    projection: Projection,
    number: int,
    c: Convention,
    nodes: dict[str, Any],
    edges: list[tuple[str, str]],
) -> None:
    """Nodes for a projection: one linear node for each of its delays, and a Delay before where it is over one step."""
    if projection.learning or projection.receptor:
        what = "learns" if projection.learning else "feeds receptor 1"
        raise NetworkError(f"projection {projection.name}: it {what}, for which NIR has no word")
    first, last = network.layers.source(projection.source), network.populations[projection.target]
    for delay in np.unique(projection.delay).tolist():
        of = projection.delay == delay
        before, shape = projection.source, first.shape
        name = _fresh(nodes, f"{projection.source}_{projection.target}_{number}" + (f"_{delay}" if delay > 1 else ""))
        if delay > 1:
            late = _fresh(nodes, f"{name}_delay")
            nodes[late] = nir.Delay(delay=np.full(shape, (delay - 1) * c.dt / c.tau_unit))
            edges.append((before, late))
            before = late
        kernel = projection.convolution
        if kernel is not None and all(p == q for p, q in kernel.padding):
            convolution = nir.Conv1d if len(shape) == 2 else nir.Conv2d
            axes: Mapping[str, Any] = {
                "stride": kernel.stride,
                "padding": tuple(p for p, _ in kernel.padding),
                "dilation": kernel.dilation,
                "input_shape": shape[1:],
            }
            if len(shape) == 2:
                axes = {field: values[0] for field, values in axes.items()}
            nodes[name] = convolution(
                weight=kernel.weight, groups=kernel.groups, bias=np.zeros(kernel.weight.shape[0]), **axes
            )
            edges += [(before, name), (name, projection.target)]
            continue
        if len(shape) > 1:
            flat = _fresh(nodes, f"{name}_flatten")
            nodes[flat] = nir.Flatten(input_type=np.array(shape), start_dim=0, end_dim=-1)
            edges.append((before, flat))
            before = flat
        if len(last.shape) > 1:
            raise NetworkError(
                f"projection {projection.name}: NIR's Linear sends an array of one axis, '{last.name}' has shape "
                f"{last.shape}; use a population of {last.size} neurons, or a convolution"
            )
        weight = np.zeros((last.size, first.size))
        post, pre, values = projection.post[of], projection.pre[of], projection.weight[of]
        if np.unique(post * first.size + pre).size < post.size:
            raise NetworkError(
                f"projection {projection.name}: two synapses join the same pair with the same delay, which a matrix of "
                "NIR cannot say; add their weights"
            )
        weight[post, pre] = values
        nodes[name] = nir.Linear(weight=weight)
        edges += [(before, name), (name, projection.target)]


def _bias(population: Population, nodes: dict[str, Any], edges: list[tuple[str, str]]) -> None:
    """Put a population's bias into one linear node that leads to it."""
    if not population.bias.any():
        return
    where = f"population '{population.name}'"
    if population.current_decay is not None:
        raise NetworkError(f"{where}: NIR brings a bias into the synaptic current, this one acts on the membrane")
    for first, last in edges:
        if last != population.name:
            continue
        if isinstance(nodes[first], nir.Linear):
            nodes[first] = nir.Affine(weight=nodes[first].weight, bias=population.bias.copy())
            return
        channels = population.bias.reshape(population.shape[0], -1)
        if isinstance(nodes[first], nir.Conv1d | nir.Conv2d) and not np.ptp(channels, axis=1).any():
            nodes[first].bias = channels[:, 0].copy()
            return
    raise NetworkError(
        f"{where}: NIR has a bias in Affine and, per channel, in Conv1d and Conv2d alone, and none of them leads to it"
    )


def _fresh(nodes: Mapping[str, Any], name: str) -> str:
    while name in nodes:
        name += "_"
    return name
