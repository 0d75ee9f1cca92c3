"""Scales: how many units of the chip one unit of the user is, neuron by neuron.

The scale of a neuron multiplies the weights it receives, its bias, its threshold and its reset, so it changes nothing
but the unit of its membrane. Hence every neuron may have its own, at no cost: thresholds are per neuron anyway.
"""

from dataclasses import dataclass

import numpy as np

from ganglion.model.compiler.quantize.flat import Flat
from ganglion.model.compiler.quantize.plan import Plan
from ganglion.model.compiler.quantize.simulate import Run
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.params import Params

LIMITS = ("weights", "threshold", "bias", "accumulator", "membrane", "current", "adaptation", "nothing")
"""What can hold a scale down, in the order of `Scales.limit`."""

HEADROOM = 2
"""A threshold takes at most this fraction of the membrane's range, so that a membrane has room beyond it."""

TOLERANCE = 1e-5
"""How far, in grid steps, a value may be from a grid and count as on it: floats of 32 bits are no better."""

LARGEST_MULTIPLE = 1 << 15
"""Grids on which the greatest weight is more steps than this are none: no weight has so many bits."""

BYTES = np.arange(1.0, 129)
"""How many steps the greatest weight of an integer of 8 bits may be."""

FEW = 32
"""Weights of a group on which a grid is tried before it is on all."""

CLIPS = np.array([1.0, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5])
"""Fractions of the greatest weight that calibration tries as the greatest one to be represented."""


@dataclass(frozen=True, eq=False)
class Scales:
    """A scale per neuron and why it is not larger; both of shape (neurons,)."""

    scale: FloatArray
    limit: IntArray
    """Index into `LIMITS`."""
    grid: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    """Whether the weights of the neuron are multiples of a step that the scale makes a whole number."""


def scales(
    flat: Flat, group: IntArray, params: Params, run: Run | None, plan: Plan, *, clip: bool, bounded: bool
) -> Scales:
    """The largest scale of each group that keeps everything in its field; less where the weights are on a grid.

    Args:
        flat: the network.
        group: number of the scale that each neuron shares, shape (neurons,).
        params: the chip.
        run: of the floats on sample data; keeps membranes of read-outs, and currents, in range.
        plan: what of it learns.
        clip: cut the largest weights off where that makes the error on the samples less.
        bounded: keep the worst-case sum of every accumulator in range.
    """
    limits = _limits(flat, params, run, plan, bounded=bounded)
    groups = int(group.max()) + 1
    held = np.full((len(LIMITS), groups), np.inf)
    for row, values in zip(held, limits, strict=False):
        np.minimum.at(row, group, values)
    held[-1] = 1e300
    limit = held.argmin(axis=0)
    scale = held.min(axis=0)
    scale[limit == len(LIMITS) - 1] = 1.0

    step = grid_steps(flat, group, groups)
    # A weight may be one unit more below 0 than above it, which integers of a quantised training use.
    held[LIMITS.index("weights")] = np.inf
    np.minimum.at(held[LIMITS.index("weights")], group, _ends(flat, params, plan, signed_range(params.weight_bits)[0]))
    whole = np.floor(np.where(np.isfinite(step), held.min(axis=0) * step, 0) + 1e-9)
    on_grid = np.isfinite(step) & (whole >= 1)
    power = np.exp2(np.floor(np.log2(np.maximum(whole, 1))))
    scale = np.where(on_grid, power / np.where(on_grid, step, 1), scale)
    if clip and run is not None:
        others = np.delete(held, LIMITS.index("weights"), axis=0).min(axis=0)
        scale = np.where(on_grid, scale, _clipped(flat, group, params, run, scale, others))
    return Scales(scale[group], limit[group], on_grid[group])


def grid_steps(flat: Flat, group: IntArray, groups: int) -> FloatArray:
    """The step of which all weights of a group are whole multiples, shape (groups,); infinity where there is none.

    It is sought among the least magnitude of the group's weights divided by 1 to 8, the least difference of two, and
    the greatest divided by 1 to 128, which finds every grid of weights of 8 bits.
    """
    steps = np.full(groups, np.inf)
    some = np.flatnonzero(flat.weight)
    magnitude, of = np.abs(flat.weight[some]), group[flat.post_neuron[some]]
    order = np.lexsort((magnitude, of))
    magnitude, of = magnitude[order], of[order]
    starts = np.searchsorted(of, np.arange(groups + 1))
    for number in range(groups):
        values = magnitude[starts[number] : starts[number + 1]]
        if not values.size:
            continue
        gaps = np.diff(values)
        gaps = gaps[gaps > values[-1] * TOLERANCE]
        least = [*(values[0] / np.arange(1, 9)), *([gaps.min()] if gaps.size else [])]
        few = values[:: max(1, values.size // FEW)]
        every = few[:, np.newaxis] * BYTES / values[-1]
        likely = (np.abs(every - np.rint(every)) < TOLERANCE * (1 + BYTES / 50)).all(axis=0)
        for step in [*least, *(values[-1] / BYTES[likely])]:
            multiples = values / step
            if multiples[-1] > LARGEST_MULTIPLE:
                continue
            if np.abs(multiples - np.rint(multiples)).max() < TOLERANCE * (1 + multiples[-1] / 50):
                # The step of the greatest weight is the most exact one.
                steps[number] = values[-1] / np.rint(multiples[-1])
                break
    return steps


def _ends(flat: Flat, params: Params, plan: Plan, lowest: float) -> FloatArray:
    """The greatest scale with which no weight of a neuron leaves its field, from `lowest` on, shape (neurons,)."""
    highest = float(signed_range(params.weight_bits)[1])
    # One of a sign that its rule does not have gets a scale all the same, and is refused when it has been rounded.
    ruled = np.maximum(np.where(flat.weight < 0, -plan.low, plan.high), 1)
    tops = np.where(plan.rule == 0, np.where(flat.weight < 0, -lowest, highest), ruled)
    ends = np.full(flat.neurons, np.inf)
    some = flat.weight != 0
    np.minimum.at(ends, flat.post_neuron[some], tops[some] / np.abs(flat.weight[some]))
    return ends


def _limits(flat: Flat, params: Params, run: Run | None, plan: Plan, *, bounded: bool) -> FloatArray:
    """The greatest scale that each field allows each neuron, shape (len(LIMITS) - 1, neurons)."""

    def top(bits: int) -> float:
        return float(signed_range(bits)[1]) if bits else np.inf

    # Weights that a rule moves stay in its range; all others take as much of either sign as of the other.
    weights = _ends(flat, params, plan, -top(params.weight_bits))
    fixed = plan.rule == 0
    often = np.ones(flat.inputs + flat.neurons)
    if run is not None:
        often[: flat.inputs] = np.maximum(run.counts.max(axis=(0, 1)), 1)
    often = often[flat.pre] * fixed
    level = np.maximum(np.where(flat.spiking, np.abs(flat.threshold), 0), np.abs(flat.v_reset))
    positive, negative, fan_in = (
        np.bincount(flat.post_neuron, weights=values, minlength=flat.neurons)
        for values in (np.maximum(flat.weight, 0) * often, np.maximum(-flat.weight, 0) * often, often / 2)
    )
    # Rounding adds at most half a unit per event of a synapse, an inclusive threshold one.
    room = np.maximum(top(params.accumulator_bits) - fan_in - 1 - plan.room(flat), 1)
    reach = np.zeros((2, flat.neurons)) if run is None else run.reach
    with np.errstate(divide="ignore"):
        return np.stack(
            [
                weights,
                top(params.membrane_bits) / HEADROOM / level,
                top(params.bias_bits) / np.abs(flat.bias),
                (room / np.stack((positive, negative))).min(axis=0) if bounded else np.full(flat.neurons, np.inf),
                np.where(flat.spiking, np.inf, top(params.membrane_bits) / HEADROOM / reach[0]),
                np.where(flat.current, top(params.current_bits) / HEADROOM / reach[1], np.inf),
                top(params.adaptation_bits) / HEADROOM / np.abs(flat.adaptation_raise),
            ]
        )


def _clipped(
    flat: Flat, group: IntArray, params: Params, run: Run, scale: FloatArray, others: FloatArray
) -> FloatArray:
    """For each group the scale, of those that clip some weights, with the least expected squared error of the input.

    The error of a neuron's input is the sum of s_i * d_i over its synapses, for events s_i of source i and weight error
    d_i. With independent sources its second moment is sum(var(s_i) d_i^2) + (sum(mean(s_i) d_i))^2.
    """
    range_of_weights = signed_range(params.weight_bits)
    mean, variance = run.mean[flat.pre], run.variance[flat.pre]
    errors, tried = [], []
    for fraction in CLIPS:
        attempt = np.minimum(scale / fraction, others)
        of = attempt[group[flat.post_neuron]]
        lost = flat.weight - np.clip(np.rint(flat.weight * of), *range_of_weights) / of
        spread = np.bincount(flat.post_neuron, weights=variance * lost**2, minlength=flat.neurons)
        shift = np.bincount(flat.post_neuron, weights=mean * lost, minlength=flat.neurons)
        errors.append(np.bincount(group, weights=spread + shift**2, minlength=scale.size))
        tried.append(attempt)
    best = np.argmin(errors, axis=0)
    chosen: FloatArray = np.array(tried)[best, np.arange(scale.size)]
    return chosen
