"""Networks in floats and programs on many samples at once: for the report, for calibration, and for float originals.

Both are one engine (`ganglion.model.emulator.array`); what differs is the arithmetic, `Floats` or integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.quantize.flat import Flat
from ganglion.model.emulator.array.arithmetic import Arithmetic, Integers
from ganglion.model.emulator.array.engine import ArrayEngine, Step
from ganglion.model.emulator.array.synapses import Synapses
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import Array, BoolArray, FloatArray, IntArray
from ganglion.model.spec.errors import EventError
from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program

TOGETHER = 1 << 18
"""Neurons times samples that are simulated together: their state stays in the cache."""


class Floats(Arithmetic):
    """A network as its user wrote it, in float64."""

    xp, dtype, exact = np, np.float64, np.inf

    def __init__(self, flat: Flat) -> None:
        self._constants(
            threshold=flat.threshold,
            bias=flat.bias,
            v_reset=flat.v_reset,
            period=flat.refractory,
            adaptation_raise=flat.adaptation_raise,
            current=flat.current,
            subtract=flat.subtract,
            inclusive=flat.inclusive,
        )
        decays = {"v": flat.decay, "u": flat.current_decay, "a": flat.adaptation_decay}
        self._leaks = {field: decay[:, np.newaxis] if decay.any() else None for field, decay in decays.items()}

    def leak(self, field: str, values: Array) -> Array | None:
        decay = self._leaks[field]
        return None if decay is None else values * decay

    def fit(self, field: str, values: Array) -> Array:
        return values

    def arrive(self, sums: Array, bound: int) -> tuple[Array, Array | None]:
        return sums, None

    def noise(self, step: int) -> Array | None:
        return None


def parts_of(network: Flat | Program) -> tuple[Arithmetic, Synapses]:
    """What an `ArrayEngine` of a network is made of."""
    if isinstance(network, Program):
        return Integers.of(network), Synapses.of(network)
    columns = network.pre, network.post_neuron, network.weight, network.delay
    # Not dense: the sums of floats must come in the same order everywhere, as they decide what a network becomes.
    synapses = Synapses.build(*columns, inputs=network.inputs, neurons=network.neurons, dense=False)
    return Floats(network), synapses


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """What a simulation of many samples leaves."""

    counts: IntArray
    """How often each input fired, shape (samples, steps, inputs)."""
    spikes: BoolArray
    """Shape (samples, steps, neurons)."""
    reach: FloatArray
    """Greatest magnitude that v and u of each neuron came to before its reset, shape (2, neurons)."""
    overflows: IntArray
    """How often the accumulator of each neuron wrapped, shape (neurons,)."""
    membranes: Array
    """Membranes of the neurons that were asked for, at the end of each step, shape (samples, steps, asked)."""

    @property
    def most(self) -> int:
        """How often, at most, an input fired in a step; at least 1."""
        return max(1, int(self.counts.max(initial=1)))

    @cached_property
    def mean(self) -> FloatArray:
        """Events of each source per step, mean over samples and steps, shape (inputs + neurons,)."""
        return np.concatenate([_flat(each).mean(axis=0, dtype=np.float64) for each in (self.counts, self.spikes)])

    @cached_property
    def variance(self) -> FloatArray:
        """Their variance, shape (inputs + neurons,)."""
        return np.concatenate([_flat(each).var(axis=0, dtype=np.float64) for each in (self.counts, self.spikes)])


def simulate(
    network: Flat | Program,
    raster: npt.ArrayLike | Sequence[Events],
    *,
    membranes: npt.ArrayLike = (),
    progress: Progress = SILENT,
) -> Run:
    """Run every sample from step 0 with all state zero.

    Args:
        network: floats, or a program.
        raster: counts of shape (samples, steps, inputs), or one `Events` per sample, all of as many steps.
        membranes: neurons of which to keep the membrane.
        progress: told of the samples that are done.

    Raises:
        EventError: a raster of another shape, or counts that are negative or not whole.
    """
    counts = as_raster(raster, network.inputs)
    arithmetic, synapses = parts_of(network)
    asked = np.asarray(membranes, dtype=np.int64)
    samples, steps, _ = counts.shape
    spikes = np.zeros((samples, steps, network.neurons), dtype=bool)
    kept: Array = np.zeros((samples, steps, asked.size), dtype=arithmetic.dtype)
    reach = np.zeros((2, network.neurons))
    overflows = np.zeros(network.neurons, dtype=np.int64)
    together, most = max(1, TOGETHER // network.neurons), int(counts.max(initial=1))
    kind = "floats" if isinstance(network, Flat) else "integers"
    with progress.task(f"simulating {kind}", samples) as task:
        for first in range(0, samples, together):
            part = slice(first, min(first + together, samples))
            engine = ArrayEngine(arithmetic, synapses, part.stop - first, most=most)
            for t in range(steps):
                step = engine.step(counts[part, t].T.astype(np.float64))
                spikes[part, t] = step.fired.T
                kept[part, t] = engine.state["v"][asked].T
                _stretch(reach, step)
                if step.overflows is not None:
                    overflows += step.overflows.sum(axis=1)
            task.advance(engine.samples)
    return Run(counts=counts, spikes=spikes, reach=reach, overflows=overflows, membranes=kept)


def as_raster(raster: npt.ArrayLike | Sequence[Events], inputs: int) -> IntArray:
    """Counts of shape (samples, steps, inputs).

    Raises:
        EventError: another shape, counts that are negative or not whole, or samples of different lengths.
    """
    if isinstance(raster, Events):
        raster = [raster]
    if samples := _all_events(raster):
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
    if values.dtype.kind not in "biuf":
        raise EventError(f"samples are counts of events: whole numbers from 0, not {values.dtype}")
    wrong = np.flatnonzero(~np.isfinite(values) | (values < 0) | (values != np.rint(values)))
    if wrong.size:
        raise EventError(
            f"samples are counts of events: whole numbers from 0; {wrong.size:,} are not, such as "
            f"{values.ravel()[wrong[0]]}. Make spikes of intensities first, with rate or regular_raster of "
            "ganglion.encode"
        )
    return values.astype(np.int64)


def as_events(samples: npt.ArrayLike | Events | Sequence[Events], inputs: int) -> list[Events]:
    """Samples of any form as events: counts of shape (steps, inputs) or (samples, steps, inputs), or `Events`.

    Raises:
        EventError: as `as_raster`, but samples may differ in length.
    """
    if isinstance(samples, Events):
        samples = [samples]
    if given := _all_events(samples):
        for sample in given:
            sample.check(inputs)
        return given
    values = np.asarray(samples)
    counts = as_raster(values[np.newaxis] if values.ndim == 2 else values, inputs)
    return [Events.from_raster(sample) for sample in counts]


def _all_events(samples: npt.ArrayLike | Sequence[Events]) -> list[Events]:
    """The samples, where they are `Events`; empty where they are counts."""
    given = [sample for sample in samples if isinstance(sample, Events)] if isinstance(samples, Sequence) else []
    if given and len(given) != len(samples):  # type: ignore[arg-type]
        raise EventError("samples must all be Events, or all counts")
    return given


def _stretch(reach: FloatArray, step: Step) -> None:
    """Let the reach of each neuron include what it came to in a step."""
    for row, values in zip(reach, (step.exact, step.drive), strict=True):
        size = np.abs(values if step.active is None else np.where(step.active, values, 0))
        np.maximum(row, size.max(axis=1), out=row)


def _flat(counts: Array) -> Array:
    """All steps of all samples, one after another."""
    return counts.reshape(-1, counts.shape[2]).astype(np.float32)
