"""The proof that no accumulator can overflow, or the refusal."""

import numpy as np

from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import AccumulatorBoundError
from ganglion.model.spec.program import Program


def accumulator_bounds(program: Program) -> tuple[IntArray, IntArray]:
    """Least and greatest sum that one accumulator slot of each neuron can reach.

    The bound assumes that each axon fires at most once in a step: then each synapse of a neuron adds its weight at most
    once to the slot of a given step, whatever its delay, so a slot stays between the sum of all negative weights and
    the sum of all positive weights of the neuron. Neurons keep this by themselves; a host that sends an axon twice in
    one step does not, and the chip counts what comes of it.

    Returns:
        (low, high), each int64 of shape (neurons,), low <= 0 <= high.
    """

    def sums(weights: IntArray) -> IntArray:
        # bincount adds doubles, which is exact: no chip holds enough synapses to reach 2^53.
        return np.bincount(program.post_neuron, weights=weights, minlength=program.neurons).astype(np.int64)

    return sums(np.minimum(program.weight, 0)), sums(np.maximum(program.weight, 0))


def check_accumulators(program: Program, accumulator_bits: int) -> None:
    """Whether no accumulator of W bits can overflow, by `accumulator_bounds`.

    Raises:
        AccumulatorBoundError: one can; names the neuron that is furthest out, its bound, and the ways out.
    """
    least, greatest = signed_range(accumulator_bits)
    low, high = accumulator_bounds(program)
    beyond = np.maximum(high - greatest, least - low)
    if beyond.max(initial=0) <= 0:
        return
    worst = int(beyond.argmax())
    bound = high[worst] if high[worst] - greatest == beyond[worst] else low[worst]
    others = int((beyond > 0).sum()) - 1
    raise AccumulatorBoundError(
        f"neuron {program.name_of(worst)} can receive {bound} in one step, if all its axons fire; an accumulator of "
        f"{accumulator_bits} bits holds {least} to {greatest}"
        + (f" ({others} other neurons are out of bounds too)" if others else "")
        + ". Use smaller weights or a chip with wider accumulators, or compile with allow_overflow=True: such sums "
        f"then wrap modulo 2^{accumulator_bits} and are counted"
    )
