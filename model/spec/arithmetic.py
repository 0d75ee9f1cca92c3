"""Integer arithmetic of the chip, on plain ints. `ganglion.hdl.arith` has a twin of the same name for each."""


def saturate(value: int, bits: int) -> int:
    """The nearest number that `bits` two's complement bits hold."""
    high = (1 << (bits - 1)) - 1
    return max(-high - 1, min(high, value))


def wrap(value: int, bits: int) -> int:
    """The low `bits` bits, read as two's complement: addition modulo 2^bits."""
    half = 1 << (bits - 1)
    return ((value + half) & ((1 << bits) - 1)) - half


def decay(value: int, m: int, s: int) -> int:
    """What a variable loses in a step: floor(value * m / 2^s). Architecture, section 3."""
    return (value * m) >> s


def decay_factor(m: int, s: int, decay_bits: int) -> int:
    """The factor k with `(x * k) >> decay_bits == (x * m) >> s` for every x: the form that the chip multiplies with."""
    return m << (decay_bits - s)


def lowest_terms(m: int, s: int) -> tuple[int, int]:
    """The same decay with the smallest m and s: halving both m and 2^s changes no floor(x * m / 2^s)."""
    if m == 0:
        return 0, 0
    halves = min(s, (m & -m).bit_length() - 1)
    return m >> halves, s - halves
