"""Latency of a network in steps: how long after an input the spikes that it causes are still on their way."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from ganglion.model.spec.program import Program


def steps_behind(program: Program, neurons: npt.ArrayLike) -> int:
    """Steps that a run must go on for after the last input, so that it reaches these neurons by each way into them.

    Each neuron that sends to them is reached by the quickest way from any input (Dijkstra 1959), and from there by its
    slowest synapse. Ways in circles, and those among `neurons` themselves, count for nothing, as they have no end.

    Args:
        program: the network.
        neurons: those that are read.

    Returns:
        0 where no input leads to them.
    """
    sources = program.indptr.size - 1
    targets = program.inputs + np.unique(np.asarray(neurons, dtype=np.int64))
    pre, post = program.pre, program.inputs + program.post_neuron
    # The quickest of several synapses between a pair: a sparse matrix would add them up.
    order = np.lexsort((program.delay, post, pre))
    first = np.diff(pre[order] * sources + post[order], prepend=-1) > 0
    quickest = order[first]
    ways = csr_array((program.delay[quickest], (pre[quickest], post[quickest])), shape=(sources, sources))
    if not program.inputs:
        return 0
    reached = dijkstra(ways, indices=np.arange(program.inputs), min_only=True)
    into = np.isin(post, targets) & ~np.isin(pre, targets)
    arrives = reached[pre[into]] + program.delay[into]
    return int(np.max(arrives[np.isfinite(arrives)], initial=0))
