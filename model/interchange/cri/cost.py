"""What a step costs on the chip: cycles, and words read from synapse memory."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.bounds import check_accumulators
from ganglion.model.compiler.placing import place_program
from ganglion.model.compiler.predict import cycle_model
from ganglion.model.interchange.cri.cycles import CompiledCycles
from ganglion.model.interchange.cri.program import sparse_words
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.cycles.core import CycleModel, Packet
from ganglion.model.spec.errors import CapacityError
from ganglion.model.spec.packets import Scope
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import Trace

COUNTERS = {"cycles", "words"}
"""Counters of a trace that tell the cost."""


class StepCost:
    """The cost of steps of a program: counted by the target where it counts, else predicted for one core.

    A network that does not fit its core is predicted for one that has the memory, with a sparse row for every source.
    """

    def __init__(self, program: Program) -> None:
        model, self._axon, self._row = _compiled(program) or (
            boundless_core(program),
            np.arange(program.inputs),
            np.arange(program.neurons),
        )
        self._cycles = CompiledCycles(model)

    def of(self, steps: Sequence[IntArray], traces: Sequence[Trace]) -> tuple[int, int]:
        """Cycles and synapse words of some steps.

        Args:
            steps: the host's events of each.
            traces: of these steps; with the spikes of all neurons, or the counters `cycles` and `words`.
        """
        if all(set(trace.counters) >= COUNTERS for trace in traces):
            return sum(trace.total("cycles") for trace in traces), sum(trace.total("words") for trace in traces)
        fired = (spikes for trace in traces for spikes in trace.spikes_per_step())
        costs = [self.of_step(axons, spikes) for axons, spikes in zip(steps, fired, strict=True)]
        return sum(cycles for cycles, _ in costs), sum(words for _, words in costs)

    def of_step(self, axons: IntArray, fired: npt.ArrayLike) -> tuple[int, int]:
        """The prediction for a step.

        Args:
            axons: the host's events.
            fired: all neurons that fired.
        """
        return self._cycles.step(self._axon[axons], self._row[np.asarray(fired, dtype=np.int64)])


def _compiled(program: Program) -> tuple[CycleModel, IntArray, IntArray] | None:
    """The cycle model of the program's core, axons of inputs, rows of neurons; None where it is too small."""
    params = program.params
    if program.synapses > params.synapse_words * params.lanes * params.beats:
        return None  # No packing would do; compiling would only take long to find out.
    check_accumulators(program, params.accumulator_bits)
    try:
        image = place_program(program)
    except CapacityError:
        return None
    return cycle_model(image), image.inputs.axon, image.neurons.row


def boundless_core(program: Program) -> CycleModel:
    """The cycle model of a core that has memory for everything, where source k has axon k and a sparse row."""
    inputs, reported = program.inputs, set(program.outputs.tolist())
    sources = program.indptr.size - 1
    words = sparse_words(program.pre, program.post_neuron, sources)
    fanout = {
        neuron: [Packet(Scope.CORE, inputs + neuron)] * bool(size) + [Packet(Scope.HOST, 0)] * (neuron in reported)
        for neuron, size in enumerate(np.diff(program.indptr[inputs:]).tolist())
    }
    rows = {axon: [length] for axon, length in enumerate(words.tolist())}
    return CycleModel(program.params, rows, {neuron: to or [Packet(Scope.NOWHERE, 0)] for neuron, to in fanout.items()})
