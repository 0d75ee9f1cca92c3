"""Rewiring: a program in which some synapses have other ends."""

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.program import Program


def rewired(
    program: Program, synapses: IntArray, pre: npt.ArrayLike | None, post: npt.ArrayLike | None
) -> tuple[Program, IntArray]:
    """The program with other ends for some synapses, and the number that each synapse has in it.

    Args:
        program: as it is.
        synapses: numbers, each once.
        pre: their new presynaptic ends, one or one for each; None leaves them.
        post: their new postsynaptic ends, numbered the same way.

    Raises:
        ProgramError: an end that there is not, or a synapse that is there twice.
    """
    if np.unique(synapses).size != synapses.size:
        raise ProgramError("a synapse that is to be rewired is there twice")
    ends = {"pre": program.pre.copy(), "post": program.post.copy()}
    for name, wanted in (("pre", pre), ("post", post)):
        if wanted is None:
            continue
        values = np.asarray(wanted)
        if values.dtype.kind not in "iu" or (values.ndim and values.size != synapses.size):
            raise ProgramError(
                f"{name} must be one whole number, or one for each of {synapses.size} synapses, not {wanted!r}"
            )
        ends[name][synapses] = values
    number = np.empty(program.synapses, dtype=np.int64)
    number[np.argsort(ends["pre"], kind="stable")] = np.arange(program.synapses)
    return program.replace(**ends), number
