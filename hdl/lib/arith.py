"""Arithmetic on signals. `saturate` and `wrap`, the only ways to narrow a number, are the twins of
`ganglion.model.spec.arithmetic`.
"""

from amaranth.hdl import Cat, Mux, Value


def saturate(value: Value, bits: int) -> Value:
    """The nearest number that `bits` two's complement bits hold, signed."""
    if len(value) <= bits:
        return value.as_signed()
    sign, above = value[-1], value[bits - 1 :]
    fits = above.all() | ~above.any()
    return Mux(fits, value[:bits], Cat((~sign).replicate(bits - 1), sign)).as_signed()


def wrap(value: Value, bits: int) -> Value:
    """The low `bits` bits, signed."""
    return value[:bits].as_signed()


def below(number: Value, limit: int) -> Value:
    """Whether a number is below a limit; no subtraction where the limit is a power of two."""
    if limit & (limit - 1) == 0:
        return ~number[limit.bit_length() - 1 :].any()
    return number < limit
