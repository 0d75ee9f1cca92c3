"""What a step costs on the chip: cycles, and words read from synapse memory."""

from ganglion.model.compiler import compile_program
from ganglion.model.compiler.predict import cycle_model
from ganglion.model.spec.packets import Scope
from ganglion.model.spec.program import IntArray, Program
from ganglion.model.spec.trace import Trace


class StepCost:
    """The cost of each step of a program: counted by the target where it counts, else predicted for one core.

    Args:
        program: the network, for a chip of one core.

    Raises:
        CapacityError: the network does not fit its core.
    """

    def __init__(self, program: Program) -> None:
        self._image = compile_program(program)
        self._model = cycle_model(self._image)

    def __call__(self, axons: IntArray, trace: Trace) -> tuple[int, int]:
        """Cycles and synapse words of one step.

        Args:
            axons: the host's events.
            trace: of this step; with the spikes of all neurons, or the counters `cycles` and `words`.
        """
        if {"cycles", "words"} <= set(trace.counters):
            return trace.total("cycles"), trace.total("words")
        model, rows = self._model, self._image.neurons.row[trace.spikes[:, 1]].tolist()
        events = self._image.inputs.axon[axons].tolist()
        walked = events + [axon for row in rows for scope, axon in model.fanout[row] if scope == Scope.CORE]
        return model.step(events, rows).step, sum(sum(model.rows[axon]) for axon in walked)
