"""The step of the specification over arrays: every neuron of a network, in many samples, at once.

It is the update and the delivery of docs/developer/architecture.md, section 3, and has the bits of the reference where
its arithmetic is that of integers.
"""

from typing import Any, NamedTuple

from ganglion.model.emulator.array.arithmetic import Arithmetic
from ganglion.model.emulator.array.synapses import Block, Synapses
from ganglion.model.spec.arithmetic import wrap
from ganglion.model.spec.arrays import Array
from ganglion.model.spec.errors import EventError
from ganglion.model.spec.fields import NEURON_STATE


class Step(NamedTuple):
    """What happened in a step. Arrays have shape (neurons, samples)."""

    fired: Array
    """Whether the neuron spiked."""
    before: Array
    """Membranes as they are compared with the threshold, before the reset."""
    exact: Array
    """The same before they are fitted into their field."""
    drive: Array
    """Synaptic currents; of neurons that have none, their input."""
    active: Array | None
    """Which neurons were not refractory, whose other values mean nothing; None is all."""
    overflows: Array | None
    """Neurons whose sum left the accumulator; None is none."""
    sent: Array
    """Events of each source, float64 (inputs + neurons, samples)."""


class ArrayEngine:
    """State of some samples of a network, from all zero on.

    Args:
        arithmetic: of the neurons.
        synapses: of the network.
        samples: how many.
        slots: of accumulators, more than the longest delay.
        most: how often, at most, a source fires in a step.

    Raises:
        EventError: sources that fire so often that the sums would not be exact.
    """

    def __init__(
        self, arithmetic: Arithmetic, synapses: Synapses, samples: int, *, slots: int | None = None, most: int = 1
    ) -> None:
        self.arithmetic, self.synapses, self.t = arithmetic, synapses, 0
        self.xp, self.samples = arithmetic.xp, samples
        shape = (arithmetic.threshold.shape[0], samples)
        zeros = self.xp.zeros
        self.state = {spec.name: zeros(shape, dtype=arithmetic.dtype) for spec in NEURON_STATE}
        """Every field of the neurons' state, by name, shape (neurons, samples)."""
        self.ring = [zeros(shape, dtype=arithmetic.dtype) for _ in range(slots or synapses.longest + 1)]
        """Sums not yet read, of slot t mod slots, shape (neurons, samples) each."""
        self.uses = arithmetic.uses
        self.bound = 0
        self.allow(most)

    def allow(self, most: int, loaded: int = 0) -> None:
        """Be ready for sources that fire `most` times in a step, where sums of up to `loaded` are there already.

        Raises:
            EventError: the sums would not be exact.
        """
        self.bound = int(self.synapses.bound * most) + loaded
        if self.bound > self.arithmetic.exact:
            raise EventError(f"an axon fires {most} times in a step; sums of this network are not exact any more")

    def step(self, events: Array) -> Step:
        """One step.

        Args:
            events: how often each input fires, float64 (inputs, samples).
        """
        c, xp, state = self.arithmetic, self.xp, self.state
        slot = self.t % len(self.ring)
        sums, self.ring[slot] = self.ring[slot], xp.zeros_like(self.ring[slot])
        i, overflows = c.arrive(sums, self.bound)
        active = state["refractory"] == 0 if "refractory" in self.uses else None
        drive = self._charge(i, active)
        exact = _less(state["v"], c.leak("v", state["v"])) + drive + c.bias
        if (noise := c.noise(self.t)) is not None:
            exact = exact + noise
        before = c.fit("v", exact)
        adapted = _less(state["a"], c.leak("a", state["a"])) if "adaptation" in self.uses else None
        level = c.threshold if adapted is None else c.threshold + adapted
        fired = before > level
        if "inclusive" in self.uses:
            fired = fired | (c.inclusive & (before == level))
        if active is not None:
            fired = fired & active
        self._settle("v", xp.where(fired, self._reset(before), before), active)
        if adapted is not None:
            self._settle("a", xp.where(fired, c.fit("a", adapted + c.adaptation_raise), adapted), active)
        if active is not None:
            waited = state["refractory"] - xp.astype(~active, self.arithmetic.dtype)
            state["refractory"] = xp.where(fired, c.period, waited)
        sent = xp.concat((events, xp.astype(fired, xp.float64)))
        for block in self.synapses.blocks:
            self._deliver(block, sent)
        self.t += 1
        return Step(fired, before, exact, drive, active, overflows, sent)

    def _charge(self, i: Array, active: Array | None) -> Array:
        """Synaptic currents after the input of a step; of neurons without one, the input."""
        if "current" not in self.uses:
            return i
        c, xp, u = self.arithmetic, self.xp, self.state["u"]
        charged = c.fit("u", _less(u, c.leak("u", u)) + i)
        self._settle("u", xp.where(c.current, charged, u), active)
        drive: Array = xp.where(c.current, charged, i)
        return drive

    def _reset(self, v: Array) -> Array:
        """Membranes after a spike."""
        c = self.arithmetic
        if "subtract" not in self.uses:
            return c.v_reset
        lowered = c.fit("v", v - c.threshold)
        after: Array = self.xp.where(c.subtract, lowered, c.v_reset) if "value" in self.uses else lowered
        return after

    def _settle(self, field: str, values: Array, active: Array | None) -> None:
        """The new values of a field; a refractory neuron keeps the old one."""
        self.state[field] = values if active is None else self.xp.where(active, values, self.state[field])

    def _deliver(self, block: Block, sent: Array) -> None:
        arriving = product(block.matrix, sent[block.pre, :])
        self.ring[(self.t + block.delay) % len(self.ring)][block.post, :] += self.xp.astype(
            arriving, self.arithmetic.dtype, copy=False
        )

    def accumulators(self, bits: int) -> list[Array]:
        """Sums not yet read, modulo 2^bits, slot by slot."""
        return [wrap(slot, bits) for slot in self.ring]


def product(weights: Any, sent: Array) -> Array:
    """What is delivered, in float64: exact sums of whole numbers, or floats."""
    arriving: Array = weights @ sent
    return arriving


def _less(values: Array, lost: Array | None) -> Array:
    return values if lost is None else values - lost
