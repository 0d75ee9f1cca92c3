"""Parting the neurons of a network with METIS, so that few events pass between the parts."""

import numpy as np
import pymetis
from scipy import sparse

from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

FINEST = 256
"""Weight of the only synapse of a source; n synapses of a source weigh 1/n of it each, but at least 1."""

CUTS = 2
"""Partitions that METIS makes, to return the best."""

UNITS = 1000
"""Weight of an average neuron, so that rounding does not matter."""


class Graph:
    """The network as METIS sees it: neurons and inputs are vertices, synapses are edges, directions are forgotten.

    A source costs an event for every other part that it reaches, however many of its targets are there. A graph
    cannot say that; it comes near where the edges of a source share a weight (the star expansion of a hyperedge).
    Inputs are vertices of no weight: they hold together the neurons that hear the same, wherever they end up.
    """

    def __init__(self, program: Program, params: Params) -> None:
        neurons, inputs = program.neurons, program.inputs
        weight = np.maximum(1, FINEST // np.maximum(1, np.diff(program.indptr))).astype(np.int32)
        index = pymetis.zero_copy_dtype()
        weights = np.repeat(weight, np.diff(program.indptr))
        by_source = sparse.csr_array(
            (weights, program.post_neuron.astype(np.int32), program.indptr.astype(np.int32)),
            shape=(inputs + neurons, neurons),
        )
        # METIS wants neurons first, each edge at both ends, none twice, and none from a vertex to itself.
        inner = by_source[inputs:]
        both = (inner + inner.T).tocsr()
        outer = by_source[:inputs]
        whole = both if not inputs else sparse.block_array([[both, outer.T], [outer, None]], format="csr")
        whole.setdiag(0)
        whole.eliminate_zeros()
        whole.sum_duplicates()
        self._neurons = neurons
        self._start = whole.indptr.astype(index)
        self._adjacent = whole.indices.astype(index)
        self._edges = whole.data.astype(index)
        self._vertices = np.zeros(neurons + inputs, dtype=index)
        self._vertices[:neurons] = _vertex_weights(program, params)

    def parts(self, count: int, seed: int) -> IntArray:
        """A part from 0 to count - 1 for each neuron, of about equal weight; METIS may leave a part empty."""
        if count == 1:
            return np.zeros(self._neurons, dtype=np.int64)
        _, part = pymetis.part_graph(
            count,
            adjacency=pymetis.CSRAdjacency(self._start, self._adjacent),
            vweights=self._vertices,
            eweights=self._edges,
            recursive=False,
            options=pymetis.Options(seed=seed, ncuts=CUTS),
        )
        return np.asarray(part, dtype=np.int64)[: self._neurons]


def _vertex_weights(program: Program, params: Params) -> FloatArray:
    """Neurons and their synapses count by how much of the chip each takes, so that the scarcer one is balanced."""
    incoming = np.bincount(program.post_neuron, minlength=program.neurons)
    of_neurons = program.neurons / params.neurons
    of_synapses = program.synapses / (params.synapse_words * params.lanes)
    share = of_synapses / (of_neurons + of_synapses)
    weight: FloatArray = np.rint(UNITS * ((1 - share) + share * incoming / max(1, incoming.mean())))
    return np.maximum(1, weight)
