"""nengo-loihi's emulator of Loihi, in integers, built from its blocks, synapses and axons rather than by Nengo.

What Loihi has in common with a workload: membranes of integers, a threshold that has to be exceeded, a reset to zero,
and a leak of a fraction of 4096, which the shift leaks of up to 12 are. Its refractory delay of at least one step ends
before the next step: a neuron may fire in each. A current that decays by all of itself is the input of one step.

What differs: Loihi rounds a membrane that leaked towards zero, ours rounds the leak down, so spikes need not be the
same. Thresholds of Loihi are multiples of 64, so weights, biases and membranes are 64 times those of the workload; the
rounding is then of a 64th, and the leak nearly that of a simulator in floats. Loihi holds such numbers: weights are of
8 bits and an exponent, as long as none is beyond 127.

All neurons are one block. A core of the chip has 1,024 of them at most, which the emulator does not check, and cutting
a network up would only give it more to do.
"""

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import scipy.sparse

from ganglion.model.benchmarks.peers.peer import Run
from ganglion.model.benchmarks.peers.workload import Workload
from ganglion.model.spec.arrays import IntArray

SCALE = 64
"""Of thresholds, weights, biases and membranes."""

DECAY_BITS = 12
"""A leak is a fraction of 2**12."""

STATE_LIMIT = 2**23 - 1
"""The largest membrane."""


@contextmanager
def prepare(workload: Workload) -> Iterator[Run]:
    """NumPy, and Python for each spike; a sample has inputs of its own, from step 1."""
    with warnings.catch_warnings():
        # nengo-loihi 1.1, its last, was tested with Nengo 3.2, and says so.
        warnings.filterwarnings("ignore", "This version of `nengo_loihi` has not been tested", UserWarning)
        import nengo_loihi.block
        import nengo_loihi.builder
        import nengo_loihi.emulator
        import nengo_loihi.inputs
    block = _block(nengo_loihi.block, workload)
    axons = []
    for is_input in (True, False):
        if workload.synapses(inputs=is_input)[0].size:
            synapse = _synapse(nengo_loihi.block, workload, is_input)
            block.add_synapse(synapse)
            axon = nengo_loihi.block.Axon(synapse.n_axons)
            axon.target = synapse
            if is_input:
                axons.append(axon)
            else:
                block.add_axon(axon)
    model = nengo_loihi.builder.Model()
    model.add_block(block)
    inputs = _inputs(nengo_loihi.inputs, workload, axons)
    with np.errstate(invalid="ignore"):  # its arrays of integers are first filled with NaN
        emulator = nengo_loihi.emulator.EmulatorInterface(model, seed=0)
    state = emulator.compartment

    def run() -> tuple[IntArray, float]:
        state.spike_count[:] = 0
        seconds = 0.0
        for sample in inputs:
            state.voltage[:] = workload.start * SCALE
            state.current[:] = 0
            state.ref_count[:] = 0
            state.spiked[:] = False
            emulator.inputs, emulator.t = [sample], 0
            begin = time.perf_counter()
            emulator.run_steps(workload.steps)
            seconds += time.perf_counter() - begin
        return state.spike_count.astype(np.int64), seconds

    with emulator:
        yield run


def _block(module: Any, workload: Workload) -> Any:
    """The neurons; arrays of 32-bit integers tell the emulator that nothing is left to be made discrete."""
    block = module.LoihiBlock(workload.neurons)
    cells = block.compartment
    decay = workload.decay * 2**DECAY_BITS
    if decay != int(decay):
        raise ValueError(f"a leak of {workload.decay} is no multiple of 2**-{DECAY_BITS}")
    cells.decay_v = np.full(workload.neurons, int(decay), dtype=np.int32)
    cells.decay_u = np.full(workload.neurons, 2**DECAY_BITS - 1, dtype=np.int32)  # the chip adds one
    cells.scale_u = cells.scale_v = False
    cells.vth = (workload.program.threshold * SCALE).astype(np.int32)
    cells.bias = (workload.program.bias * SCALE).astype(np.int32)
    cells.refract_delay = np.ones(workload.neurons, dtype=np.int32)
    cells.vmin, cells.vmax = -STATE_LIMIT, STATE_LIMIT
    return block


def _synapse(module: Any, workload: Workload, is_input: bool) -> Any:
    """All synapses from inputs, or from neurons; those between the same two are one, of the sum of their weights."""
    source, target, weight = workload.synapses(inputs=is_input)
    sources = workload.program.inputs if is_input else workload.neurons
    rows = scipy.sparse.csr_matrix(
        ((weight * SCALE).astype(np.int32), (source, target)), shape=(sources, workload.neurons), dtype=np.int32
    )
    synapse = module.Synapse(sources)
    # Its own setters of weights ask NumPy not to copy in a way that NumPy 2 refuses.
    synapse.weights = [w[np.newaxis] for w in np.split(rows.data, rows.indptr[1:-1])]
    synapse.indices = [i[np.newaxis] for i in np.split(rows.indices, rows.indptr[1:-1])]
    return synapse


def _inputs(module: Any, workload: Workload, axons: list[Any]) -> list[Any]:
    """Spikes for each sample, which stay there for the next run."""
    inputs = []
    for events in workload.samples:
        spikes = module.SpikeInput(workload.program.inputs)
        for axon in axons:
            spikes.add_axon(axon)
        for step in np.flatnonzero(np.diff(events.start)):
            now = events.axon[events.start[step] : events.start[step + 1]]
            spikes.add_spikes(int(step) + 1, now, permanent=True)
        inputs.append(spikes)
    return inputs
