"""Noise as a function of (seed, step, neuron), not a sequence.

A small Feistel cipher. Its block is the number of the neuron, so within a step no two neurons get the same 20 bits; its
keys come from seed and step, the same way for every neuron. Each round replaces the older half of the block by

    older ^    rotated(newer, 1) ^ (rotated(newer, 8) | key)                 the keyed rounds 0, 2, 6
    older ^    key               ^ (rotated(newer, 8) | rotated(newer, 7))   the whitened ones 3, 4
    older ^ ~(rotated(newer, 1) ^ (rotated(newer, 8) | rotated(newer, 7)))   the others

which is four inputs per bit: one LUT. The OR is what makes it nonlinear. docs/reference/noise.md has the reasons, and
the statistics.
"""

from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.noise_constants import (
    HALF_BITS,
    KEY_BITS,
    KEY_ROUNDS,
    KEY_START,
    KEYED_ROUNDS,
    NOISE_BITS,
    ROTATIONS,
    ROUNDS,
    WHITENED_ROUNDS,
)

Word = TypeVar("Word", int, IntArray)
"""One number or many: the functions below are the same for both."""


def noise(seed: int, step: int, neuron: int, bits: int) -> int:
    """What one neuron gets in one step.

    Args:
        seed: the low 32 bits count.
        step: the low 32 bits count.
        neuron: number in the network, below 2^20.
        bits: amplitude, 0 to 17.

    Returns:
        A number from -2^(bits-1) to 2^(bits-1)-1, all equally likely; 0 where bits is 0.
    """
    return narrow(draw(_keys(seed, step), neuron), bits) if bits else 0


@explained(ProgramError)
def noise_array(
    seed: npt.ArrayLike, step: npt.ArrayLike, neurons: npt.ArrayLike, bits: npt.ArrayLike
) -> IntArray:
    """`noise` of many neurons, steps or seeds at once: integers of shapes that broadcast, to int64 of their shape."""
    seeds, steps, numbers, widths = (np.asarray(x, dtype=np.int64) for x in (seed, step, neurons, bits))
    return narrow(draw(step_keys(seeds, steps), numbers), widths)


def step_keys(seed: Word, step: Word) -> list[Word]:
    """The keys of the keyed rounds in one step, HALF_BITS bits each.

    Seed and step enter in turn, again and again, at the half that no other operation changes.
    """
    mask = (1 << KEY_BITS) - 1
    newer, older = (start | (seed & 0) for start in KEY_START)
    for round_ in range(KEY_ROUNDS):
        entering = (seed if round_ % 2 else step) & mask
        newer, older = older ^ unkeyed(newer, KEY_BITS), newer ^ entering
    state = newer | (older << KEY_BITS)
    return [(state >> (HALF_BITS * key)) & ((1 << HALF_BITS) - 1) for key in range(len(KEYED_ROUNDS))]


@lru_cache(maxsize=16)
def _keys(seed: int, step: int) -> list[int]:
    """`step_keys`, which all neurons of a step ask for."""
    return step_keys(seed, step)


def draw(keys: list[Word], neuron: Word) -> Word:
    """The NOISE_BITS bits that a neuron draws in the step of these keys, unsigned."""
    key = iter(keys)
    older, newer = neuron >> HALF_BITS, neuron & ((1 << HALF_BITS) - 1)
    for round_ in range(ROUNDS):
        if round_ in WHITENED_ROUNDS:
            mixed = whitened(newer, next(key))
        elif round_ in KEYED_ROUNDS:
            mixed = mix(newer, next(key), HALF_BITS)
        else:
            mixed = unkeyed(newer, HALF_BITS)
        older, newer = newer, older ^ mixed
    return (newer | (older << HALF_BITS)) & ((1 << NOISE_BITS) - 1)


def narrow(drawn: Word, bits: Word) -> Word:
    """The low bits of a draw, as a two's complement number."""
    values = 1 << bits
    sign = values >> 1
    return ((drawn & (values - 1)) ^ sign) - sign


def mix(half: Word, other: Word, width: int) -> Word:
    return _rotated(half, ROTATIONS[0], width) ^ (_rotated(half, ROTATIONS[1], width) | other)


def whitened(half: Word, key: Word) -> Word:
    return key ^ (_rotated(half, ROTATIONS[1], HALF_BITS) | _rotated(half, ROTATIONS[2], HALF_BITS))


def unkeyed(half: Word, width: int) -> Word:
    return mix(half, _rotated(half, ROTATIONS[2], width), width) ^ ((1 << width) - 1)


def _rotated(half: Word, right: int, width: int) -> Word:
    return ((half >> right) | (half << (width - right))) & ((1 << width) - 1)
