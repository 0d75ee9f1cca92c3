"""The hash of a run: SHA-256 (FIPS 180-4), step after step over the step before, its spikes and all state.

Two runs have one hash where they agree on every spike and every bit of state of every step, on whatever target. The
hash of step t is that of these bytes: the hash of step t - 1 (32 zero bytes before the first), and as signed numbers of
64 bits, the low byte first: t, the number of spikes, the neurons that fired, ascending, and each array of the state in
the order of `State.arrays`, row by row; where the network learns, then the clock of epochs and the modulators.
"""

import hashlib
from collections.abc import Iterable, Iterator

import numpy as np

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.state import State

START = bytes(32)
"""What stands for the hash of the step before the first."""


def hashes(first: int, spikes: Iterable[IntArray], states: Iterable[State]) -> Iterator[bytes]:
    """The hash of each step of a run.

    Args:
        first: number of the first step.
        spikes: of each step, the neurons that fired, ascending.
        states: at the end of each step.
    """
    before = START
    for step, (fired, state) in enumerate(zip(spikes, states, strict=True), start=first):
        numbers = [np.array([step, fired.size]), fired, *state.arrays().values()]
        if state.learns:
            numbers += [np.array([state.learned, *state.modulators])]
        digest = hashlib.sha256(before)
        for array in numbers:
            digest.update(np.ascontiguousarray(array, dtype="<i8").data)
        before = digest.digest()
        yield before
