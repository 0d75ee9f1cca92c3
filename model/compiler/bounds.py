"""The proof that no accumulator can overflow, or the refusal."""

import numpy as np

from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import AccumulatorBoundError, ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.program import Program


@explained(ProgramError)
def accumulator_bounds(program: Program, receptor: int = 0) -> tuple[IntArray, IntArray]:
    """Least and greatest sum that one accumulator slot of each neuron can reach.

    The bound assumes that each axon fires at most once in a step: then each synapse of a neuron adds its weight at most
    once to the slot of a given step, whatever its delay, so a slot stays between the sum of all negative weights and
    the sum of all positive weights of the neuron. Neurons keep this by themselves; a host that sends an axon twice in
    one step does not, and the chip counts what comes of it. A weight that learns is taken to be anywhere in the clip
    range of its rule.

    Args:
        program: the network.
        receptor: whose accumulators.

    Returns:
        (low, high), each int64 of shape (neurons,), low <= 0 <= high.
    """

    def sums(weights: IntArray) -> IntArray:
        # bincount adds doubles, which is exact: no chip holds enough synapses to reach 2^53.
        counted = np.where(program.receptor == receptor, weights, 0)
        return np.bincount(program.post_neuron, weights=counted, minlength=program.neurons).astype(np.int64)

    least = greatest = program.weight
    if program.learning is not None and program.learning.rules:
        clips = np.array([rule.clip(program.params) for rule in program.learning.rules])[program.rule - 1]
        least, greatest = (np.where(program.rule > 0, clip, program.weight) for clip in clips.T)
    return sums(np.minimum(least, 0)), sums(np.maximum(greatest, 0))


@explained(ProgramError)
def check_accumulators(program: Program, accumulator_bits: int) -> None:
    """Whether no accumulator of W bits, of either receptor, can overflow, by `accumulator_bounds`.

    Raises:
        AccumulatorBoundError: one can; names the neuron that is furthest out, its bound, and the ways out.
    """
    least, greatest = signed_range(accumulator_bits)
    low, high = (np.stack(each) for each in zip(*(accumulator_bounds(program, k) for k in (0, 1)), strict=True))
    beyond = np.maximum(high - greatest, least - low)
    if beyond.max(initial=0) <= 0:
        return
    receptor, worst = divmod(int(beyond.argmax()), program.neurons)
    bound, over = (each[receptor, worst] for each in (high, beyond))
    bound = bound if bound - greatest == over else low[receptor, worst]
    others = int((beyond > 0).any(axis=0).sum()) - 1
    bits = int(max(-low.min() - 1, high.max())).bit_length() + 1
    raise AccumulatorBoundError(
        f"neuron {program.name_of(worst)} can receive {bound} in one step{' at receptor 1' * receptor}, if all its "
        "axons fire; an accumulator of "
        f"{accumulator_bits} bits holds {least} to {greatest}"
        + (f" ({others} other neurons are out of bounds too)" if others else ""),
        python="use smaller weights or a chip with wider accumulators, or compile with allow_overflow=True: such sums "
        f"then wrap modulo 2^{accumulator_bits} and are counted",
        command=f"use smaller weights, or a chip with wider accumulators, --set accumulator_bits={bits}",
    )
