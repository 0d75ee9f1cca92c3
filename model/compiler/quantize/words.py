"""How many words of synapse memory a layer takes."""

import numpy as np

from ganglion.model.compiler.layout import Synapses
from ganglion.model.compiler.pack.encode import encode
from ganglion.model.compiler.pack.kinds import synapse_kinds
from ganglion.model.spec.program import Program


def synapse_words(program: Program, part: slice) -> int:
    """Words of the rows that end in some neurons, in the cheapest encoding, were they by themselves on one core."""
    params = program.params
    source = program.pre
    into = (program.post_neuron >= part.start) & (program.post_neuron < part.stop)
    neuron = program.post_neuron[into] - part.start
    kind, kinds = synapse_kinds(program)
    synapses = Synapses(
        source=source[into],
        group=neuron // params.lanes,
        lane=neuron % params.lanes,
        delay=program.delay[into],
        kind=kind[into],
        kinds=kinds,
    )
    return encode(synapses, np.unique(synapses.source), params).total_words
