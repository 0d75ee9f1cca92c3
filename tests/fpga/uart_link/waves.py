"""The wire of a serial line, cycle by cycle."""

import random

IDLE = 3
"""Bits for which the wire is high at both ends of a wave."""

Wave = list[int]
"""The wire, cycle by cycle."""


def bits_of(byte: int) -> list[int]:
    return [0, *(byte >> k & 1 for k in range(8)), 1]


def wave_of(data: bytes, divider: int, *, drift: float = 0.0, phase: float = 0.0, jitter: float = 0.0) -> Wave:
    """Bytes back to back or with gaps, as a receiver samples them.

    Args:
        data: the bytes.
        divider: cycles per bit.
        drift: by how much the bits of the sender are longer.
        phase: cycles by which its edges are behind those of the clock.
        jitter: of each edge, in bits, either way.
    """
    rng = random.Random(f"{data.hex()} {divider}")
    bits = [1] * IDLE
    for byte in data:
        bits += bits_of(byte) + [1] * rng.choice((0, 0, 0, 1, 2))
    bits += [1] * IDLE
    length = divider * (1 + drift)
    edges = [phase + length * (k + rng.uniform(-jitter, jitter)) for k in range(1, len(bits) + 1)]
    wave, k = Wave(), 0
    for cycle in range(int(edges[-1])):
        while cycle >= edges[k]:
            k += 1
        wave.append(bits[k])
    return wave
