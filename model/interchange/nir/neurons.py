"""From a neuron of NIR in continuous time to the discrete equation of the chip, by a stated convention."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ganglion.model.compiler.network.population import Shape
from ganglion.model.interchange.nir.convention import Convention
from ganglion.model.interchange.nir.graph import Node
from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import NetworkError

LEAKY = ("LI", "LIF", "CubaLI", "CubaLIF")
CURRENT = ("CubaLI", "CubaLIF")
READOUTS = ("I", "LI", "CubaLI")

SLACK = 1e-6
"""How far below dt a time constant may be and count as dt: files hold floats of 32 bits."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Neuron:
    """A population as `Network.population` or `Network.readout` takes it, and what its input is multiplied with."""

    spiking: bool
    parameters: dict[str, Any]
    gain: FloatArray
    """Shape (size,): weights and biases that arrive at a neuron are multiplied with it."""
    self_weight: FloatArray
    """Shape (size,): weight of a synapse of each neuron onto itself, 0 where it needs none."""


def own_shape(node: Node) -> Shape | None:
    """The shape that a neuron's parameters give it; None where all are single values."""
    shapes = {values.shape for field in node.fields if (values := node.values(field)).size > 1}
    if len(shapes) > 1:
        raise NetworkError(f"{node}: its parameters have different shapes: {sorted(shapes)}")
    return next(iter(shapes), None)


def discretise(node: Node, shape: Shape, convention: Convention) -> Neuron:
    """The discrete equation of a neuron node.

    Raises:
        NetworkError: a time constant below dt, a reset that the convention cannot mean, or a combination that the
            chip has no equation for; the message names the node and the nearest thing that works.
    """
    c = convention
    size = int(np.prod(shape))

    def value(field: str, default: float) -> FloatArray:
        values = node.values(field) if field in node.fields else np.full(1, default)
        return np.broadcast_to(values.ravel(), (size,)).copy()

    zeros = np.zeros(size)
    rest = value("v_leak", 0.0)
    parameters: dict[str, Any] = {"rest": rest}
    gain = value("r", 1.0)
    decay = zeros
    if node.type == "Threshold":
        decay = np.ones(size)
    elif node.type in LEAKY:
        decay = np.broadcast_to(_decay(node, "tau_mem" if node.type in CURRENT else "tau", c), (size,))
        whole = c.unit_gain == "all" or (c.unit_gain == "readouts" and node.type in READOUTS)
        gain = gain if whole else gain * decay
    else:
        gain = gain * (c.dt if c.integrator_step is None else c.integrator_step)
    parameters["decay"] = decay
    if node.type in CURRENT:
        current = np.broadcast_to(_decay(node, "tau_syn", c), (size,))
        parameters["current_decay"] = current
        gain = gain * value("w_in", 1.0) * (current if c.current == "euler" else 1)
    if node.type in READOUTS:
        return Neuron(spiking=False, parameters=parameters, gain=gain, self_weight=zeros)

    threshold = value("threshold" if node.type == "Threshold" else "v_threshold", 0.0) - rest
    v_reset = value("v_reset", 0.0) - rest if node.type != "Threshold" else zeros
    parameters |= {"threshold": threshold, "inclusive": c.inclusive}
    subtract = c.reset == "subtract" and node.type != "Threshold"
    if not subtract:
        if (wrong := np.flatnonzero(v_reset > threshold)).size:
            raise NetworkError(
                f"{node}: v_reset is above v_threshold (neuron {wrong[0]}), so the neuron would fire for ever"
            )
        return Neuron(spiking=True, parameters=parameters | {"v_reset": v_reset}, gain=gain, self_weight=zeros)

    if rest.any() or v_reset.any():
        raise NetworkError(
            f"{node}: the convention resets by subtraction, but v_reset or v_leak is not 0, which NIR means as a reset "
            "to a value; import with reset='value', or export the network with both 0"
        )
    parameters["reset"] = "subtract"
    self_weight = zeros
    if c.reset_delay and decay.any():
        if node.type in CURRENT:
            raise NetworkError(
                f"{node}: a reset by subtraction that comes a step late (snnTorch's reset_delay=True) cannot be "
                "represented with a synaptic current; train with reset_delay=False and import with "
                "dataclasses.replace(convention, reset_delay=False), or use a LIF"
            )
        self_weight = -decay * threshold
    return Neuron(spiking=True, parameters=parameters, gain=gain, self_weight=self_weight)


def _decay(node: Node, field: str, convention: Convention) -> FloatArray:
    """The fraction lost in a step, in the precision of the file, shape (values,)."""
    tau = node.fields[field]
    steps = node.values(field).ravel() * convention.tau_unit / convention.dt
    wrong = np.flatnonzero(steps < 1 - SLACK)
    if wrong.size:
        first = wrong[0]
        raise NetworkError(
            f"{node}: {field} is {steps[first]:g} steps (number {first}): {tau.ravel()[first]:g} in the file, "
            f"at {convention.tau_unit:g} s a unit and dt = {convention.dt:g} s. A time constant must be at least one "
            "step: import with a smaller dt, or check the unit with tau_unit"
        )
    exact = 1 / np.maximum(steps, 1) if convention.rule == "euler" else -np.expm1(-1 / steps)
    precision = tau.dtype if tau.dtype.kind == "f" else np.float64
    rounded: FloatArray = exact.astype(precision).astype(np.float64)
    return rounded
