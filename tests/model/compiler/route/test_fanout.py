"""Fan-out tables: where spikes go, as far as placement does not say it already."""

import numpy as np

from ganglion.model.compiler.layout import Destinations, Places
from ganglion.model.compiler.route.fanout import fanout_tables
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.packets import AXON_BITS, Scope
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program

CHIP = PRESETS["small"].replace(name="outputs", neurons=16384, fanout_entries=16384, levels=(3, 2))


def test_outputs_have_numbers_beyond_those_of_axons() -> None:
    """Each of 70,000 neurons is an output, in an order of its own: the entry of its place has the number."""
    neurons, nothing = 70_000, np.zeros(0, dtype=np.int64)
    outputs = np.random.default_rng(0).permutation(neurons)
    synapses = {"pre": nothing, "post": nothing, "weight": nothing}
    program = Program.build(params=CHIP, types=(NeuronType(),), neurons=neurons, inputs=1, outputs=outputs, **synapses)
    places = Places(np.arange(neurons) % CHIP.cores, np.arange(neurons) // CHIP.cores)
    nowhere = Destinations(start=np.zeros(neurons + 1, dtype=np.int64), route=nothing, axon=nothing)
    found = np.full(neurons, -1)
    for core, table in enumerate(fanout_tables(program, places, nowhere, CHIP)):
        assert (table.scope == Scope.HOST).all() and not table.next.any()
        assert table.axon.max() < 1 << AXON_BITS < neurons
        found[table.axon + (table.route << AXON_BITS)] = table.row * CHIP.cores + core
    np.testing.assert_array_equal(found, program.outputs)
