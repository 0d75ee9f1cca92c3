"""Neurons whose accumulator could overflow, scaled down."""

import numpy as np

from ganglion.model.spec.arrays import FloatArray

ROOM = 0.98
"""Share of the accumulator that a scaled neuron may use, so that rounding its weights again cannot pass it."""


def within_accumulator(
    weight: FloatArray, threshold: FloatArray, bias: FloatArray, bits: int = 16
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Scales neurons down whose sum of weights could leave the accumulator if all their inputs spiked in one step.

    A neuron without leak that resets by subtraction does the same at any scale of its weights, threshold and bias
    together; only their rounding changes.

    Args:
        weight: all synapses that end in the neurons, shape (sources, neurons).
        threshold: shape (neurons,).
        bias: shape (neurons,).
        bits: width of the accumulators.

    Returns:
        Weights, thresholds and biases, scaled where it was needed.
    """
    high = 2.0 ** (bits - 1) - 1
    whole = np.rint(weight)
    worst = np.maximum(np.maximum(whole, 0).sum(axis=0), np.maximum(-whole, 0).sum(axis=0))
    scale = np.where(worst > high, ROOM * high / np.maximum(worst, 1), 1.0)
    return weight * scale, threshold * scale, bias * scale
