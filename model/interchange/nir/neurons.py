"""From a neuron of NIR in continuous time to the discrete equation of the chip, by a stated convention."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ganglion.model.compiler.network.population import Shape
from ganglion.model.interchange.nir.convention import Convention
from ganglion.model.interchange.nir.graph import Node
from ganglion.model.interchange.nir.shapes import spread
from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import NetworkError

LEAKY = ("LI", "LIF", "CubaLI", "CubaLIF")
CURRENT = ("CubaLI", "CubaLIF")
READOUTS = ("I", "LI", "CubaLI")

SLACK = 1e-6
"""How far below dt a time constant may be and count as dt: files hold floats of 32 bits."""

NO_LEAK = 1e-6
"""A leak below this is none: an integrator written as a LIF. In a million steps a membrane loses all of it."""

GAIN = 50.0
"""Gains from 1 / GAIN to GAIN are those of networks; beyond, dt or a unit is another than the file's."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Neuron:
    """A population as `Network.population` or `Network.readout` takes it, and what its input is multiplied with."""

    spiking: bool
    parameters: dict[str, Any]
    gain: FloatArray
    """Shape (size,): weights and biases that arrive at a neuron are multiplied with it."""
    own: dict[int, FloatArray] = field(default_factory=dict)
    """Weights of synapses of each neuron onto itself, shape (size,), by their delay in steps."""
    kick: dict[int, FloatArray] = field(default_factory=dict)
    """What is added to a neuron's input once, shape (size,), by the step after the first in which it is."""
    spike_delay: int = 0
    """Steps that the framework sends spikes later in than the chip does."""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def discretise(node: Node, shape: Shape, convention: Convention, *, recurrent: bool = False) -> Neuron:
    """The discrete equation of a neuron node.

    Args:
        node: the node.
        shape: of its population.
        convention: how to read it.
        recurrent: whether its spikes come back to it.

    Raises:
        NetworkError: a time constant below dt, a reset that the convention cannot mean, or a combination that the
            chip has no equation for; the message names the node and the nearest thing that works.
    """
    return _Discretisation(node, shape, convention, recurrent).neuron()


class _Discretisation:
    """One node: its constants, its reset, where it starts, and what there is to say about them."""

    def __init__(self, node: Node, shape: Shape, convention: Convention, recurrent: bool) -> None:
        self.node, self.shape, self.c, self.recurrent = node, shape, convention, recurrent
        self.size = int(np.prod(shape))
        self.rest = self.value("v_leak", 0.0)
        self.notes: list[str] = []
        self.warnings: list[str] = []

    def value(self, name: str, default: float) -> FloatArray:
        """A parameter of the node, a value per neuron."""
        if name not in self.node.fields:
            return np.full(self.size, default)
        return spread(self.node, name, self.shape)

    def neuron(self) -> Neuron:
        node, c = self.node, self.c
        if node.type in ("Threshold", "MaxPool2d"):
            return self.binary()
        self.current: FloatArray | None = None
        gain = self.value("r", 1.0)
        if node.type in LEAKY:
            bare = c.unit_gain == "bare"
            whole = bare or c.unit_gain == "all" or (c.unit_gain == "readouts" and node.type in READOUTS)
            self.decay, leaked = self.leak("tau_mem" if node.type in CURRENT else "tau", "r", used=not whole)
            gain = np.ones(self.size) if bare else gain if whole else leaked
            if bare and c.current == "leaked" and node.type == "LI":
                gain = 1 - self.decay
        else:
            self.decay = np.zeros(self.size)
            gain = gain * (c.dt if c.integrator_step is None else c.integrator_step)
        self.parameters: dict[str, Any] = {"decay": self.decay}
        if node.type in CURRENT:
            self.current, leaked = self.leak("tau_syn", "w_in", used=c.current == "euler")
            w_in = self.value("w_in", 1.0)
            gain = gain * {"euler": leaked, "jump": w_in, "leaked": (1 - self.current) * w_in}[c.current]
            self.parameters["current_decay"] = self.current
        if not np.isfinite(gain).all():
            raise NetworkError(f"{node}: r or w_in is infinite, so that its input would be; give a finite one")
        self.judge(gain)
        spiking = node.type not in READOUTS
        own = self.reset() if spiking else {}
        kick = self.start() if spiking else {}
        self.parameters["rest"] = self.rest
        return Neuron(
            spiking=spiking,
            parameters=self.parameters,
            gain=gain,
            own=own,
            kick=kick,
            spike_delay=c.spike_delay if spiking and node.resets else 0,
            notes=tuple(self.notes),
            warnings=tuple(self.warnings),
        )

    def binary(self) -> Neuron:
        """A neuron that forgets at once: a Threshold, or the OR of a max-pooling."""
        one = np.ones(self.size)
        threshold = self.value("threshold", 0.0) if self.node.type == "Threshold" else 0.5 * one
        inclusive = self.c.inclusive and self.node.type == "Threshold"
        parameters = {"rest": self.rest, "decay": one, "threshold": threshold, "inclusive": inclusive}
        return Neuron(spiking=True, parameters=parameters, gain=one)

    def leak(self, tau: str, factor: str, *, used: bool) -> tuple[FloatArray, FloatArray]:
        """The fraction lost in a step, in the precision of the file, and `factor` (r or w_in) times that, if used."""
        node, c = self.node, self.c
        written = node.fields[tau]
        precision = written.dtype if written.dtype.kind == "f" else np.float64
        steps = self.value(tau, 0.0) * c.tau_unit / c.dt
        times = self.value(factor, 1.0)
        wrong = np.flatnonzero((steps == 0) | ((steps < 1 - SLACK) & (not c.clamped)))
        if wrong.size:
            first = wrong[0]
            raise NetworkError(
                f"{node}: {tau} is {steps[first]:g} steps (number {first}): {self.value(tau, 0.0)[first]:g} in the "
                f"file, at {c.tau_unit:g} s a unit and dt = {c.dt:g} s. A time constant must be at least one step",
                python="import with a smaller dt, or check the unit with tau_unit",
                command="import with a smaller step, --with dt=…, or check the unit, --with tau_unit=…",
            )
        near = np.where((steps > 0) & (steps >= 1 - SLACK), np.maximum(steps, 1), steps)
        exact = 1 / near if c.rule == "euler" else -np.expm1(-1 / near)
        exact = exact.astype(precision).astype(np.float64)
        infinite = np.isinf(steps)
        both = infinite & np.isinf(times)
        with np.errstate(invalid="ignore"):
            factored = np.where(both, 1.0, times * exact)
        if used and (stuck := np.flatnonzero(infinite & ~both)).size:
            raise NetworkError(
                f"{node}: {tau} is infinite and {factor} is {times[stuck[0]]:g}, so its input would do nothing; make "
                f"it an integrator (IF, I), or write an infinite {factor} too, as snnTorch does for beta = 1"
            )
        self.remark(tau, exact, steps, infinite)
        decay = np.clip(np.where(np.abs(exact) < NO_LEAK, 0, exact), 0, 1)
        return decay, factored

    def remark(self, tau: str, exact: FloatArray, steps: FloatArray, infinite: Any) -> None:
        """Say which leaks are taken as none or all, and which make a wrong dt likely."""
        count, beyond = int(infinite.sum()), int(((exact < 0) | (exact > 1)).sum())
        huge = (np.abs(exact) < NO_LEAK) & ~infinite
        if count:
            self.notes.append(f"{self.node}: {tau} is infinite for {count} neurons: no leak, and a gain of 1")
        if huge.any():
            self.notes.append(
                f"{self.node}: {tau} is {steps[huge].max():.3g} steps for {int(huge.sum())} neurons: taken as no leak"
            )
        if beyond:
            self.notes.append(
                f"{self.node}: {tau} says a leak below 0 or above 1 for {beyond} neurons; it is taken as 0 or 1, as "
                "the framework does when it runs"
            )
        leaking = exact[np.abs(exact) >= NO_LEAK]
        if leaking.size and 0 < np.median(leaking) < 1e-3:
            self.warnings.append(
                f"{self.node}: {tau} is {1 / np.median(leaking):,.0f} steps of dt = {self.c.dt:g} s; is that the dt of "
                "its framework?"
            )

    def judge(self, gain: FloatArray) -> None:
        """Warn of gains that no network has."""
        size = np.abs(gain).max()
        if not 1 / GAIN <= size <= GAIN:
            self.warnings.append(
                f"{self.node}: its input is multiplied by {size:.3g}; dt = {self.c.dt:g} s, a unit or the convention "
                "looks wrong"
            )
        if self.c.unit_gain == "bare" and self.node.type in LEAKY and "r" in self.node.fields:
            tau = self.value("tau_mem" if self.node.type in CURRENT else "tau", 1.0) * self.c.tau_unit / self.c.dt
            with np.errstate(all="ignore"):
                expected = (1 - 1 / tau, tau * np.exp(-1 / tau), np.ones(self.size))
            r = self.value("r", 1.0)
            if not any(np.allclose(r, each, rtol=1e-3, equal_nan=True) for each in expected):
                self.warnings.append(
                    f"{self.node}: r is {r[0]:.4g}; with dt = {self.c.dt:g} s Spyx would have written "
                    f"{expected[0][0]:.4g} and Rockpool {expected[1][0]:.4g}: is that the dt of the framework?"
                )

    def reset(self) -> dict[int, FloatArray]:
        """Threshold and reset; what synapses of each neuron onto itself the reset needs."""
        node, c = self.node, self.c
        threshold = self.value("v_threshold", 0.0) - self.rest
        v_reset = self.value("v_reset", 0.0) - self.rest
        self.parameters |= {"threshold": threshold, "inclusive": c.inclusive, "v_reset": v_reset}
        kind = c.reset if node.resets else "none"
        if kind == "value":
            if (wrong := np.flatnonzero((v_reset > threshold) & (self.decay < 1))).size:
                raise NetworkError(
                    f"{node}: v_reset is above v_threshold (neuron {wrong[0]}), so the neuron would fire for ever"
                )
            if c.resets_late(self.current is not None):
                self.reset_late()
            return {}
        if kind == "subtract" and (self.rest.any() or v_reset.any()):
            raise NetworkError(
                f"{node}: the convention resets by subtraction, but v_reset or v_leak is not 0, which NIR means as a "
                "reset to a value",
                python="import with reset='value', or export the network with both 0",
                command=f"import with --with {node.name}.reset=value, or export the network with both 0",
            )
        self.parameters |= {"reset": "subtract", "v_reset": 0.0}
        if kind == "none":
            self.notes.append(
                f"{node}: it is not reset; the chip subtracts the threshold, and synapses of each neuron onto itself "
                "give it back in the next step"
            )
            return self.pulse((1 - self.decay) * threshold)
        if c.resets_late(self.current is not None) and self.decay.any():
            self.notes.append(
                f"{node}: its reset takes effect in the next step; that is a synapse of each neuron onto itself"
            )
            return self.pulse(-self.decay * threshold)
        return {}

    def reset_late(self) -> None:
        """A reset to a value that snnTorch makes in the step after the spike."""
        if self.current is not None:
            raise NetworkError(
                f"{self.node}: a reset to a value that comes a step late while its synaptic current goes on (as of "
                "snnTorch's Synaptic with reset_mechanism='zero') cannot be represented: train with reset_delay=False, "
                "or reset by subtraction",
                python="import the first with reset='value' and reset_delay=False",
                command="import the first with --with reset=value --with reset_delay=false",
            )
        if self.recurrent:
            self.parameters["refractory"] = 1
            self.notes.append(
                f"{self.node}: its reset comes a step late and takes the input of that step with it, as in snnTorch's "
                "RLeaky; that is a refractory period of one step"
            )

    def pulse(self, weight: FloatArray) -> dict[int, FloatArray]:
        """Synapses that add to v once: one into a synaptic current is taken out of it again a step later."""
        if not weight.any():
            return {}
        rest = np.zeros(self.size) if self.current is None else (self.current - 1) * weight
        return {1: weight, 2: rest} if rest.any() else {1: weight}

    def start(self) -> dict[int, FloatArray]:
        """Where membranes begin at v_reset: measure them from there, or bring them there in the first step."""
        offset = self.value("v_reset", 0.0) - self.rest
        begins = self.c.start == "reset" or (self.c.start == "integrators" and self.node.type == "IF")
        if not begins or not offset.any() or self.c.reset != "value" or not self.node.resets:
            return {}
        if not self.decay.any() and self.current is None:
            self.parameters |= {"threshold": self.parameters["threshold"] - offset, "v_reset": 0.0}
            self.rest = self.rest + offset
            return {}
        self.notes.append(f"{self.node}: its membranes begin at v_reset; a neuron that fires once brings them there")
        return {delay - 1: weight for delay, weight in self.pulse((1 - self.decay) * offset).items()}
