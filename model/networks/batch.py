"""Many runs of a two-layer network at once, in NumPy: for training, where the reference would take days.

Values are whole numbers in float64 arrays, so that BLAS may multiply them. Sums of whole numbers below 2^53 are exact
in whatever order, on whatever machine, with however many threads: that is what makes a training repeat to the bit.
"""

from dataclasses import dataclass

import numpy as np

from ganglion.model.spec.arrays import FloatArray

EXACT = 2.0**53
"""Whole numbers up to here, and their sums up to here, are exact in float64."""


@dataclass(eq=False)
class Layer:
    """Weights and neurons of one layer, whole numbers."""

    weight: FloatArray
    """Shape (sources, neurons)."""
    bias: FloatArray
    """Shape (neurons,)."""
    threshold: FloatArray
    """Shape (neurons,)."""


@dataclass(frozen=True, eq=False)
class Activity:
    """What the neurons of a layer did, shape (runs, steps, neurons) each."""

    before: FloatArray
    """Membranes when they are compared with the threshold, before the reset."""
    spikes: FloatArray
    """0 or 1."""


def exact_product(a: FloatArray, b: FloatArray) -> FloatArray:
    """The matrix product of two arrays of whole numbers, exactly.

    Raises:
        OverflowError: a sum could leave the whole numbers that float64 holds.
    """
    if a.size and b.size and np.abs(a).max() * np.abs(b).max() * a.shape[-1] > EXACT:
        raise OverflowError(f"sums of {a.shape[-1]} products could pass 2^53; scale the operands down")
    return np.asarray(a @ b)


def run_neurons(drive: FloatArray, threshold: FloatArray, leak_shift: int, membrane_bits: int) -> Activity:
    """LIF neurons with shift leak and reset by subtraction, as the update of the reference.

    Args:
        drive: input and bias of each step, shape (runs, steps, neurons).
        threshold: shape (neurons,).
        leak_shift: the membrane loses floor(v / 2^shift) a step.
        membrane_bits: membranes saturate at this width.
    """
    high = 2.0 ** (membrane_bits - 1) - 1
    factor = 2.0**-leak_shift
    v = np.zeros((drive.shape[0], drive.shape[2]))
    before, spikes = np.empty_like(drive), np.empty_like(drive)
    for step in range(drive.shape[1]):
        v = np.clip(v - np.floor(v * factor) + drive[:, step], -high - 1, high)
        before[:, step] = v
        spikes[:, step] = v > threshold
        v = np.clip(v - spikes[:, step] * threshold, -high - 1, high)
    return Activity(before, spikes)


def run_layer(sources: FloatArray, layer: Layer, leak_shift: int, membrane_bits: int) -> Activity:
    """One layer whose synapses all take one step: spikes of step t arrive in step t + 1.

    Args:
        sources: spikes, shape (runs, steps, sources).
        layer: its weights must be such that no accumulator can overflow, which the compiler checks.
        leak_shift: as `run_neurons`.
        membrane_bits: as `run_neurons`.
    """
    runs, steps, width = sources.shape
    drive = np.empty((runs, steps, layer.threshold.size))
    drive[:, 0] = layer.bias
    arriving = exact_product(sources[:, :-1].reshape(-1, width), layer.weight)
    drive[:, 1:] = arriving.reshape(runs, steps - 1, -1) + layer.bias
    return run_neurons(drive, layer.threshold, leak_shift, membrane_bits)
