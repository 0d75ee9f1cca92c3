"""The float original of a network: the same equations, without rounding, without limits, many runs at once."""

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ganglion.model.networks.structure import Structure
from ganglion.model.spec.arrays import FloatArray


def run_float(structure: Structure, raster: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Runs a network in float64; the leak is v * m / 2^s, not rounded down, and nothing saturates.

    Args:
        structure: of floats, or of integers, which the leak then makes fractions.
        raster: how often each input fires, shape (steps, runs, inputs).

    Returns:
        Spikes of the last population, 0 or 1, shape (steps, runs, outputs).
    """
    events = np.asarray(raster)
    steps, runs, inputs = events.shape
    source, target, weight = structure.synapses()
    matrix = sparse.csr_array((weight, (target, source)), shape=(structure.neurons, inputs + structure.neurons))
    from_inputs, from_neurons = matrix[:, :inputs], matrix[:, inputs:]
    threshold = structure.joined(lambda population: population.threshold)[:, None]
    bias = structure.joined(lambda population: population.bias)[:, None]
    loss = structure.joined(lambda population: population.decay[0] / 2.0 ** population.decay[1])[:, None]
    v: FloatArray = np.zeros((structure.neurons, runs))
    spikes, told = np.zeros_like(v), np.empty((steps, runs, structure.outputs.size), dtype=np.uint8)
    for step in range(steps):
        v -= v * loss
        v += bias + from_neurons @ spikes
        if step:
            v += from_inputs @ events[step - 1].T.astype(np.float64)
        fired = v > threshold
        v -= fired * threshold
        spikes = fired.astype(np.float64)
        told[step] = fired[structure.outputs].T
    return told
