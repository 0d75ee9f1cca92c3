"""Narrowing of numbers, each way by name. Twins of the functions in `ganglion.model.spec.arithmetic`."""

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
