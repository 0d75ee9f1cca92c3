"""The read-out of a classifier: most spikes, and where several outputs have equally many, the one that spiked first.

Where that too is equal, the lowest of them; and where nothing spiked, class 0.
"""

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.trace import Trace


def winners(spikes: npt.ArrayLike) -> IntArray:
    """The class of each run.

    Args:
        spikes: 0 or 1, shape (steps, runs, outputs).

    Returns:
        Shape (runs,).
    """
    raster = np.asarray(spikes)
    steps = raster.shape[0]
    counts = raster.sum(axis=0, dtype=np.int64)
    return np.asarray((counts * (steps + 1) - raster.argmax(axis=0)).argmax(axis=1))


def winner(trace: Trace, outputs: IntArray) -> int:
    """The class that a run tells, whose outputs are these neurons, consecutive and ascending."""
    raster = np.zeros((trace.steps, 1, outputs.size), dtype=np.uint8)
    step, neuron = trace.spikes.T
    there = neuron >= outputs[0]
    raster[step[there] - trace.first, 0, neuron[there] - outputs[0]] = 1
    return int(winners(raster)[0])
