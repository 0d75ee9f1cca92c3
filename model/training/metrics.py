"""Metrics of NeuroBench of a network, from its program and what a run counted (Yik et al. 2025, "NeuroBench").

Definitions are those of its harness: footprint in bytes of all that is stored of the network; connection sparsity, the
share of the weights that are zero, of layers from all to all; activation sparsity, the share of neurons and steps
without a spike, input left out; effective accumulates, synaptic operations whose weight is not zero, per sample; and
membrane updates, neurons and steps in which the membrane changed, per sample.
"""

from collections.abc import Sequence

import numpy as np

from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import Trace

BYTE = 8


def measure(program: Program, traces: Sequence[Trace]) -> dict[str, float]:
    """Metrics by name.

    Args:
        program: the network.
        traces: of samples, each from rest; with probes of `v` of all neurons, membrane updates are told too.

    Raises:
        ProgramError: no sample, or no trace of all neurons' spikes.
    """
    if not traces:
        raise ProgramError("metrics are of at least one sample")
    samples, steps = len(traces), sum(trace.steps for trace in traces)
    spikes = sum(len(trace.spikes) for trace in traces)
    found = {
        "footprint, bytes": float(footprint(program)),
        "connection sparsity": round(connection_sparsity(program), 4),
        "activation sparsity": 1 - spikes / (steps * program.neurons),
        "effective accumulates": sum(trace.total("synops") for trace in traces) / samples,
    }
    if all(trace.probes.get("v", np.zeros((0, 0))).shape[1:] == (program.neurons,) for trace in traces):
        found["membrane updates"] = membrane_updates(program, traces) / samples
    return found


def footprint(program: Program) -> int:
    """Bytes of weights, thresholds and biases, each in whole bytes."""
    params, neurons = program.params, program.neurons
    stored = (program.synapses, params.weight_bits), (neurons, params.membrane_bits), (neurons, params.bias_bits)
    return sum(count * -(-bits // BYTE) for count, bits in stored)


def connection_sparsity(program: Program) -> float:
    """Share of the synapses there could be, between the layers that have any, that are not there or have weight 0."""
    bounds = _bounds(program)
    ends = np.searchsorted(bounds, np.stack([program.pre, program.inputs + program.post_neuron]), side="right")
    sizes = np.diff(np.concatenate((bounds, [program.inputs + program.neurons])))
    pairs = np.unique(ends, axis=1) - 1
    possible = int((sizes[pairs[0]] * sizes[pairs[1]]).sum())
    return 1 - int((program.weight != 0).sum()) / possible if possible else 0.0


def _bounds(program: Program) -> np.ndarray:
    """The first axon or neuron of each layer."""
    names = program.names or {"neurons": (0, program.neurons)}
    return np.array([0, *(program.inputs + first for first, _ in names.values())])


def membrane_updates(program: Program, traces: Sequence[Trace]) -> int:
    """Neurons and steps in which the membrane is another at the end than at the end of the step before; in the first
    step each counts, as the harness has it."""
    total = 0
    for trace in traces:
        v = trace.probes["v"]
        total += program.neurons + int((v[1:] != v[:-1]).sum())
    return total
