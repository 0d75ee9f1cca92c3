"""Encoders: from numbers to events, or to currents. docs/reference/events.md shows each."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arithmetic import signed_range, whole_number
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.errors import EventError, ProgramError, described
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.params import Params
from ganglion.model.spec.target import Target

MOST_EVENTS = 1 << 26
"""Of a signal that is sent on delta."""

MOST_STEPS = 1 << 32
"""Steps of a run, at most: they are numbered in 32 bits."""

MOST_SEED = (1 << 63) - 1


@explained(EventError)
def direct_current(values: npt.ArrayLike, scale: float, params: Params) -> IntArray:
    """Biases that feed values into neurons in every step, with no axon and no synapse.

    Args:
        values: shape (neurons,), any numbers.
        scale: bias of a value of 1; biases are rounded to the nearest, halves to the even one.
        params: the chip, whose biases have `bias_bits`.

    Returns:
        int64 of shape (neurons,), for `set_currents` or `Program.build`.

    Raises:
        ProgramError: a value that is no number, or a bias that does not fit; names its index.
    """
    numbers = np.asarray(values, dtype=np.float64).ravel() * scale
    least, greatest = signed_range(params.bias_bits)
    wrong = np.flatnonzero(~((np.rint(numbers) >= least) & (np.rint(numbers) <= greatest)))
    if wrong.size:
        raise ProgramError(
            f"value {wrong[0]} is a bias of {numbers[wrong[0]]}; biases of {params.bias_bits} bits are {least} to "
            f"{greatest}: use a smaller scale"
        )
    return np.rint(numbers).astype(np.int64)


@explained(EventError)
def set_currents(target: Target, neurons: npt.ArrayLike, currents: npt.ArrayLike) -> None:
    """Write currents of `direct_current` into the biases of neurons of a target, between two steps.

    Raises:
        ProgramError: arrays of different shapes, or a neuron or bias that the target cannot have.
    """
    target.write("bias", neurons, currents)


@explained(EventError)
def rate(values: npt.ArrayLike, steps: int, seed: int) -> Events:
    """Bernoulli events: in every step, axon k fires with probability values[k], whatever came before.

    Args:
        values: shape (axons,), probabilities from 0 to 1.
        steps: how many.
        seed: the same seed gives the same events.

    Raises:
        EventError: a value that is no probability; names its index.
    """
    chances = _unit(values)
    whole_number("steps", steps, 0, MOST_STEPS), whole_number("seed", seed, 0, MOST_SEED)
    return Events.from_raster(np.random.default_rng(seed).random((steps, chances.size)) < chances)


@explained(EventError)
def regular_raster(
    values: npt.ArrayLike, steps: int, *, full: int, phase: npt.ArrayLike = 0
) -> npt.NDArray[np.uint8]:
    """A regular rate code: in n steps, axon k fires floor((n * values[k] + phase[k]) / full) times, evenly spread.

    Args:
        values: shape (…, axons), whole numbers 0 … full; an axon of value `full` fires in every step.
        steps: from 1.
        full: whole number, from 1.
        phase: where in its cycle of `full` each axon starts, 0 … full - 1: one value, or shape (axons,). Axons of one
            value and of different phases do not fire together.

    Returns:
        0 or 1, shape (…, steps, axons).

    Raises:
        EventError: a value, phase or argument that is not whole or out of range; names the first.
    """
    numbers, start = np.asarray(values), np.asarray(phase)
    if not numbers.ndim:
        raise EventError("values to encode have shape (…, axons), not ()")
    if steps < 1 or full < 1:
        raise EventError(f"steps must be at least 1 and full must be at least 1, not {steps} and {full}")
    for name, column, most in (("value", numbers, full), ("phase", start, full - 1)):
        if column.dtype.kind not in "iuf" or (column != np.rint(column)).any():
            raise EventError(f"{name}s must be whole numbers, 0 to {most}, not {column.dtype}; scale and round them")
        wrong = np.argwhere((column < 0) | (column > most))
        if wrong.size:
            place = wrong[0].tolist()
            raise EventError(f"{name} {place} is {column[tuple(place)]}; it must be 0 to {most}")
    narrow = full * (steps + 1) <= np.iinfo(np.int16).max
    dtype: Any = np.int16 if narrow else np.int64
    rates, due = numbers.astype(dtype), start.astype(dtype)
    raster = np.empty((*numbers.shape[:-1], steps, numbers.shape[-1]), dtype=np.uint8)
    fired = np.zeros_like(rates)
    for step in range(steps):
        so_far = (rates * (step + 1) + due) // full
        raster[..., step, :] = so_far - fired
        fired = so_far
    return raster


@explained(EventError)
def latency(values: npt.ArrayLike, steps: int, least: float = 0.0) -> Events:
    """Time to first spike: axon k fires once, the sooner the larger values[k]: 1 in step 0, `least` in the last one.

    The step is (1 - value) / (1 - least) * (steps - 1), rounded to the nearest, halves to the even one.

    Args:
        values: shape (axons,), from 0 to 1.
        steps: how many, at least one.
        least: axons of this value or less do not fire at all.

    Raises:
        EventError: a value or an argument out of range; names it.
    """
    numbers = _unit(values)
    if steps < 1 or not 0 <= least < 1:
        raise EventError(f"steps must be at least 1 and least from 0 to less than 1, not {steps} and {least}")
    step = np.rint((1 - numbers) / (1 - least) * (steps - 1)).astype(np.int64)
    axons = np.flatnonzero(numbers > least)
    order = axons[np.argsort(step[axons], kind="stable")]
    return Events(order.astype(np.int64), np.searchsorted(step[order], np.arange(steps + 1)).astype(np.int64))


@explained(EventError)
def delta(signal: npt.ArrayLike, threshold: float) -> Events:
    """Send on delta: an event for every `threshold` by which a channel has risen or fallen since its last event.

    Channel k of C fires axon k where it rises and axon C + k where it falls. Where it moves by several thresholds in
    a step, the axon fires as often in that step; nothing is lost.

    Args:
        signal: shape (steps, channels); the first step is the level that the others start from, and has no events.
        threshold: greater than 0.

    Raises:
        EventError: a signal of another shape or with a number that is none, a threshold that is not positive, or one so
            small that there would be more than MOST_EVENTS events.
    """
    values = np.asarray(signal, dtype=np.float64)
    if values.ndim != 2 or not values.shape[0]:
        raise EventError(f"a signal has shape (steps, channels) with at least one step, not {values.shape}")
    if not threshold > 0:
        raise EventError(f"threshold must be greater than 0, not {threshold}")
    if not np.isfinite(values).all():
        step, channel = np.argwhere(~np.isfinite(values))[0]
        raise EventError(f"the signal is {values[step, channel]} in step {step}, channel {channel}")
    with np.errstate(over="ignore", invalid="ignore"):
        moved = (values - values[0]) / threshold
        total = np.abs(np.diff(moved, axis=0)).sum()
    if not total < MOST_EVENTS:
        raise EventError(
            f"the signal moves by {total:.3g} thresholds of {threshold}, each an event; {MOST_EVENTS} are the most: "
            "use a larger threshold"
        )
    level = np.zeros(values.shape[1], dtype=np.int64)
    raster = np.zeros((values.shape[0], 2, values.shape[1]), dtype=np.int64)
    for step, height in enumerate(moved):
        # Whole thresholds between the signal and the level of the last event, towards the level.
        crossed = np.trunc(height - level).astype(np.int64)
        raster[step, 0], raster[step, 1] = np.maximum(crossed, 0), np.maximum(-crossed, 0)
        level += crossed
    return Events.from_raster(raster.reshape(values.shape[0], -1))


def _unit(values: npt.ArrayLike) -> FloatArray:
    try:
        numbers = np.asarray(values, dtype=np.float64).ravel()
    except (TypeError, ValueError):
        raise EventError(f"values to encode are numbers from 0 to 1, not {described(values)}") from None
    wrong = np.flatnonzero(~((numbers >= 0) & (numbers <= 1)))
    if wrong.size:
        raise EventError(f"value {wrong[0]} is {numbers[wrong[0]]}; values to encode are 0 to 1")
    return numbers
