"""The step of the specification over arrays, in floats or in integers: many samples at a time, for calibration.

Both are the update and delivery of docs/developer/architecture.md, section 3; what differs is the arithmetic, `Floats`
or `Integers`. The integers are those of the reference, which the tests hold them to.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ganglion.model.compiler.quantize.flat import Flat
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import Array, BoolArray, FloatArray, IntArray
from ganglion.model.spec.errors import EventError, NetworkError
from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program

CHUNK = 1 << 21
"""Neurons times samples that are simulated together."""


class Arithmetic(ABC):
    """What floats and integers do differently. Arrays are (neurons, samples), constants (neurons, 1)."""

    dtype: Any

    threshold: Array
    bias: Array
    v_reset: Array
    refractory: Array
    adaptation_raise: Array
    current: BoolArray
    subtract: BoolArray
    inclusive: BoolArray

    @abstractmethod
    def leak(self, field: str, values: Array) -> Array:
        """What v, u or a loses in a step."""

    @abstractmethod
    def fit(self, field: str, values: Array) -> Array:
        """What v, u, a or an input i becomes in its field of the chip."""


class Floats(Arithmetic):
    """A network as its user wrote it."""

    dtype = np.float64

    def __init__(self, flat: Flat) -> None:
        for name in (
            *("threshold", "bias", "v_reset", "refractory", "adaptation_raise"),
            *("current", "subtract", "inclusive"),
        ):
            setattr(self, name, getattr(flat, name)[:, np.newaxis])
        self._leak = {
            "v": flat.decay[:, np.newaxis],
            "u": flat.current_decay[:, np.newaxis],
            "a": flat.adaptation_decay[:, np.newaxis],
        }

    def leak(self, field: str, values: Array) -> Array:
        return values * self._leak[field]

    def fit(self, field: str, values: Array) -> Array:
        return values


class Integers(Arithmetic):
    """A program, by the book. It must have no noise."""

    dtype = np.int64

    def __init__(self, program: Program) -> None:
        if any(kind.noise for kind in program.types):
            raise NetworkError("programs with noise are not simulated here; use the emulator")
        kinds = program.types

        def column(*values: Any) -> Array:
            return np.array(values)[program.type][:, np.newaxis]

        self.threshold = program.threshold[:, np.newaxis]
        self.bias = program.bias[:, np.newaxis]
        self.v_reset = column(*(kind.v_reset for kind in kinds))
        self.refractory = column(*(kind.refractory for kind in kinds))
        self.adaptation_raise = column(*(kind.adaptation_raise for kind in kinds))
        self.current = column(*(kind.current_decay is not None for kind in kinds))
        self.subtract = column(*(kind.reset == "subtract" for kind in kinds))
        self.inclusive = np.zeros_like(self.subtract)
        decays = {
            "v": [kind.decay for kind in kinds],
            "u": [kind.current_decay or (0, 0) for kind in kinds],
            "a": [kind.adaptation_decay for kind in kinds],
        }
        self._leak = {
            field: (column(*(m for m, _ in pairs)), column(*(s for _, s in pairs))) for field, pairs in decays.items()
        }
        params = program.params
        self._bits = {"v": params.membrane_bits, "u": params.current_bits, "a": params.adaptation_bits}
        self._half = 1 << (params.accumulator_bits - 1)

    def leak(self, field: str, values: Array) -> Array:
        m, s = self._leak[field]
        return (values * m) >> s

    def fit(self, field: str, values: Array) -> Array:
        if field == "i":
            return ((values + self._half) & (2 * self._half - 1)) - self._half
        if not self._bits[field]:
            return np.zeros_like(values)
        half = 1 << (self._bits[field] - 1)
        return np.clip(values, -half, half - 1)


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """What a simulation of many samples leaves."""

    spikes: BoolArray
    """Shape (samples, steps, neurons)."""
    mean: FloatArray
    """Events of each source per step, mean over samples and steps, shape (inputs + neurons,)."""
    variance: FloatArray
    """Their variance, shape (inputs + neurons,)."""
    reach: FloatArray
    """Greatest magnitude that v and u of each neuron came to before its reset, shape (2, neurons)."""
    membranes: Array
    """Membranes of the neurons that were asked for, at the end of each step, shape (samples, steps, asked)."""


def simulate(
    network: Flat | Program,
    raster: npt.ArrayLike | Sequence[Events],
    *,
    membranes: npt.ArrayLike = (),
    progress: Progress = SILENT,
) -> Run:
    """Run every sample from step 0 with all state zero.

    Args:
        network: floats, or a program without noise.
        raster: counts of shape (samples, steps, inputs), or one `Events` per sample, all of as many steps.
        membranes: neurons of which to keep the membrane.
        progress: told of the samples that are done.

    Raises:
        EventError: a raster of another shape, or counts that are negative or not whole.
        NetworkError: a program with noise.
    """
    counts = as_raster(raster, network.inputs)
    arithmetic = Floats(network) if isinstance(network, Flat) else Integers(network)
    matrices = _matrices(network, arithmetic.dtype)
    asked = np.asarray(membranes, dtype=np.int64)
    together = max(1, CHUNK // network.neurons)
    kind = "floats" if isinstance(network, Flat) else "integers"
    pieces = []
    with progress.task(f"simulating {kind}", counts.shape[0]) as task:
        for first in range(0, counts.shape[0], together):
            chunk = counts[first : first + together]
            pieces.append(_simulate(arithmetic, matrices, chunk, network.neurons, asked))
            task.advance(chunk.shape[0])
    spikes = np.concatenate([spikes for spikes, _, _ in pieces])
    moments = [_moments(counts), _moments(spikes)]
    return Run(
        spikes=spikes,
        mean=np.concatenate([mean for mean, _ in moments]),
        variance=np.concatenate([variance for _, variance in moments]),
        reach=np.max([reach for _, reach, _ in pieces], axis=0),
        membranes=np.concatenate([kept for _, _, kept in pieces]),
    )


def as_raster(raster: npt.ArrayLike | Sequence[Events], inputs: int) -> IntArray:
    """Counts of shape (samples, steps, inputs).

    Raises:
        EventError: another shape, counts that are negative or not whole, or samples of different lengths.
    """
    if isinstance(raster, Events):
        raster = [raster]
    samples = [sample for sample in raster if isinstance(sample, Events)] if isinstance(raster, Sequence) else []
    if samples:
        lengths = {events.steps for events in samples}
        if len(lengths) > 1:
            raise EventError(f"samples must have as many steps each, not {sorted(lengths)}")
        counts = np.zeros((len(samples), lengths.pop(), inputs), dtype=np.int64)
        for sample, events in zip(counts, samples, strict=True):
            events.check(inputs)
            np.add.at(sample, (np.repeat(np.arange(events.steps), np.diff(events.start)), events.axon), 1)
        return counts
    values = np.asarray(raster)
    if values.ndim != 3 or values.shape[2] != inputs or not values.size:
        raise EventError(f"samples are counts of shape (samples, steps, {inputs}), got {values.shape}")
    whole = values.astype(np.int64)
    if (whole != values).any() or (whole < 0).any():
        raise EventError("samples are counts of events: whole numbers from 0")
    return whole


def _matrices(network: Flat | Program, dtype: Any) -> dict[int, Any]:
    """One matrix (neurons, sources) per delay."""
    pre = network.pre
    shape = (network.neurons, network.inputs + network.neurons)
    result = {}
    for delay in np.unique(network.delay).tolist():
        of = network.delay == delay
        entries = (network.weight[of].astype(dtype), (network.post_neuron[of], pre[of]))
        result[delay] = sparse.csr_array(entries, shape=shape)
    return result


def _simulate(
    c: Arithmetic, matrices: dict[int, Any], counts: IntArray, neurons: int, asked: IntArray
) -> tuple[BoolArray, Array, Array]:
    samples, steps, inputs = counts.shape
    slots = max(matrices, default=0) + 1
    ring: Array = np.zeros((slots, neurons, samples), dtype=c.dtype)
    v: Array
    u: Array
    a: Array
    v, u, a = np.zeros((3, neurons, samples), dtype=c.dtype)
    refractory = np.zeros((neurons, samples), dtype=np.int64)
    spikes = np.zeros((samples, steps, neurons), dtype=bool)
    kept: Array = np.zeros((samples, steps, asked.size), dtype=c.dtype)
    reach = np.zeros((2, neurons))
    sent = np.empty((inputs + neurons, samples), dtype=c.dtype)
    for t in range(steps):
        i = c.fit("i", ring[t % slots].copy())
        ring[t % slots] = 0
        active = refractory == 0
        u_next = np.where(c.current, c.fit("u", u - c.leak("u", u) + i), i)
        a_next = a - c.leak("a", a)
        exact = v - c.leak("v", v) + u_next + c.bias
        v_next = c.fit("v", exact)
        level = c.threshold + a_next
        fired = active & ((v_next > level) | (c.inclusive & (v_next == level)))
        for row, values in zip(reach, (exact, u_next), strict=True):
            np.maximum(row, np.abs(np.where(active, values, 0)).max(axis=1), out=row)
        subtracted = v_next - np.where(c.subtract, c.threshold, 0)
        after = np.where(c.subtract, c.fit("v", subtracted), c.v_reset)
        v = np.where(fired, after, np.where(active, v_next, v))
        u = np.where(active, u_next, u)
        raised = np.where(fired, c.fit("a", a_next + c.adaptation_raise), a_next)
        a = np.where(active, raised, a)
        refractory = np.where(fired, c.refractory, np.maximum(refractory - 1, 0))
        spikes[:, t] = fired.T
        kept[:, t] = v[asked].T
        sent[:inputs], sent[inputs:] = counts[:, t].T, fired
        for delay, matrix in matrices.items():
            ring[(t + delay) % slots] += matrix @ sent
    return spikes, reach, kept


def _moments(counts: Array) -> tuple[Array, Array]:
    flat = counts.reshape(-1, counts.shape[2]).astype(np.float32)
    return flat.mean(axis=0, dtype=np.float64), flat.var(axis=0, dtype=np.float64)
