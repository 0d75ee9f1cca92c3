"""The noise of `ganglion.model.spec.noise`, for a run of consecutive neurons at a time.

A round goes over all of them before the next begins, which is what vectorises.
"""

from ganglion.model.emulator.kernels.arrays import Number
from ganglion.model.emulator.kernels.compile import kernel
from ganglion.model.spec.arrays import Array
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

FIRST, SECOND, THIRD = ROTATIONS
START_NEWER, START_OLDER = KEY_START
IS_KEYED = tuple(round_ in KEYED_ROUNDS for round_ in range(ROUNDS))
IS_WHITENED = tuple(round_ in WHITENED_ROUNDS for round_ in range(ROUNDS))


@kernel
def rotated(half: Number, right: Number, width: Number) -> Number:
    """A number of `width` bits, rotated right."""
    return ((half >> right) | (half << (width - right))) & ((1 << width) - 1)


@kernel
def mixed(half: Number, other: Number, width: Number) -> Number:
    """What a round with a key XORs into the older half."""
    return rotated(half, FIRST, width) ^ (rotated(half, SECOND, width) | other)


@kernel
def unkeyed(half: Number, width: Number) -> Number:
    """The same in a round without a key."""
    unlike: Number = mixed(half, rotated(half, THIRD, width), width) ^ ((1 << width) - 1)
    return unlike


@kernel
def whitened(half: Number, key: Number) -> Number:
    """The same in a round whose key goes to the XOR."""
    return key ^ (rotated(half, SECOND, HALF_BITS) | rotated(half, THIRD, HALF_BITS))


@kernel
def step_keys(seed: int, step: int, keys: Array) -> None:
    """Set the keys of one step, one per keyed round."""
    mask = (1 << KEY_BITS) - 1
    newer, older = START_NEWER, START_OLDER
    for round_ in range(KEY_ROUNDS):
        entering = (seed if round_ % 2 else step) & mask
        newer, older = older ^ unkeyed(newer, KEY_BITS), newer ^ entering
    for key in range(keys.size):
        at = HALF_BITS * key
        low = newer >> at if at < KEY_BITS else 0
        high = older >> (at - KEY_BITS) if at >= KEY_BITS else older << (KEY_BITS - at)
        keys[key] = (low | high) & ((1 << HALF_BITS) - 1)


@kernel
def add_noise(x: Array, older: Array, newer: Array, keys: Array, first: int, bits: Array) -> None:
    """Add the noise of neurons first, first + 1, … to x, bits[j] of it each; `older` and `newer` are room for it."""
    t = x.dtype.type
    for j in range(x.size):
        older[j] = t(first + j) >> t(HALF_BITS)
        newer[j] = t(first + j) & t((1 << HALF_BITS) - 1)
    key = 0
    for round_ in range(ROUNDS):
        if IS_WHITENED[round_]:
            word = t(keys[key])
            for j in range(x.size):
                older[j] = t(older[j] ^ whitened(newer[j], word))
            key += 1
        elif IS_KEYED[round_]:
            word = t(keys[key])
            for j in range(x.size):
                older[j] = t(older[j] ^ mixed(newer[j], word, HALF_BITS))
            key += 1
        else:
            for j in range(x.size):
                older[j] = t(older[j] ^ unkeyed(newer[j], HALF_BITS))
        older, newer = newer, older
    for j in range(x.size):
        values = t(t(1) << t(bits[j] & 31))
        sign = t(values >> 1)
        draw = t(newer[j] | t(older[j] << HALF_BITS)) & t((1 << NOISE_BITS) - 1)
        x[j] += t(((draw & t(values - 1)) ^ sign) - sign)


@kernel
def drawn(keys: Array, number: int) -> int:
    """The bits that one number draws in the step of these keys."""
    older, newer = number >> HALF_BITS, number & ((1 << HALF_BITS) - 1)
    key = 0
    for round_ in range(ROUNDS):
        if IS_WHITENED[round_]:
            older ^= whitened(newer, keys[key])
            key += 1
        elif IS_KEYED[round_]:
            older ^= mixed(newer, keys[key], HALF_BITS)
            key += 1
        else:
            older ^= unkeyed(newer, HALF_BITS)
        older, newer = newer, older
    return (newer | (older << HALF_BITS)) & ((1 << NOISE_BITS) - 1)
