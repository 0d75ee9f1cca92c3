"""Small graphs, and what an imported one does in floats."""

from itertools import pairwise
from typing import Any

import nir
import numpy as np

from ganglion.model.compiler.network import Network
from ganglion.model.compiler.quantize.flat import flatten
from ganglion.model.compiler.quantize.simulate import simulate


def full(value: float, *shape: int) -> np.ndarray:
    return np.full(shape, float(value))


def chain(*nodes: Any) -> nir.NIRGraph:
    """Nodes n0 -> n1 -> …; an int or a tuple first and last is the shape of an Input and an Output."""
    ends = (nir.Input(np.atleast_1d(nodes[0])), *nodes[1:-1], nir.Output(np.atleast_1d(nodes[-1])))
    names = [f"n{number}" for number in range(len(ends))]
    return nir.NIRGraph(dict(zip(names, ends, strict=True)), list(pairwise(names)), type_check=False)


def lif(size: int | tuple[int, ...], tau: float = 4.0, **changes: Any) -> nir.LIF:
    """A LIF of gain 1 by Euler's rule, with dt = 1."""
    values = {"tau": tau, "r": tau, "v_leak": 0.0, "v_threshold": 1.0, "v_reset": 0.0} | changes
    return nir.LIF(**{field: np.broadcast_to(value, size).astype(float) for field, value in values.items()})


def cuba(size: int, tau_syn: float = 2.0, tau_mem: float = 4.0, **changes: Any) -> nir.CubaLIF:
    """The same with a synaptic current."""
    values = {"tau_syn": tau_syn, "tau_mem": tau_mem, "r": tau_mem, "w_in": tau_syn} | changes
    values = {"v_leak": 0.0, "v_threshold": 1.0, "v_reset": 0.0} | values
    return nir.CubaLIF(**{field: full(value, size) for field, value in values.items()})


def raster(inputs: int, steps: int = 60, seed: int = 0, rate: float = 0.3) -> np.ndarray:
    return (np.random.default_rng(seed).random((steps, inputs)) < rate).astype(int)


def grid(*shape: int, seed: int = 1, spread: float = 1.0, mean: float = 0.1) -> np.ndarray:
    """Weights that are multiples of 1/64."""
    return np.rint(np.random.default_rng(seed).normal(mean, spread, shape) * 64) / 64


def spikes(network: Network, events: np.ndarray, name: str) -> np.ndarray:
    """Spikes of a population, shape (steps, size), each in the step that it has in the graph."""
    lag = network.lag[name]
    late = np.concatenate([events.reshape(len(events), -1), np.zeros((max(lag, 0), events[0].size), dtype=int)])
    flat = flatten(network)
    return simulate(flat, late[np.newaxis]).spikes[0, lag:, flat.part(name)][: len(events)]


def membranes(network: Network, events: np.ndarray, name: str) -> np.ndarray:
    """Membranes of a population in the graph's units, shape (steps, size), from the step that its input begins in."""
    lag = network.lag[name]
    late = np.concatenate([events.reshape(len(events), -1), np.zeros((max(lag, 0), events[0].size), dtype=int)])
    flat = flatten(network)
    part = flat.part(name)
    run = simulate(flat, late[np.newaxis], membranes=np.arange(part.start, part.stop))
    return run.membranes[0, lag:][: len(events)] + network.populations[name].rest
