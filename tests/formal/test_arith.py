"""Narrowing and decay against their definitions."""

import pytest
from amaranth.hdl import Mux, Signal, signed, unsigned

from ganglion.hdl.lib.arith import saturate, wrap
from ganglion.model.spec.arithmetic import decay_factor
from tests.formal.prove import prove
from tests.formal.spec import Spec

WIDEST = 12


def test_saturate_gives_the_nearest_number_that_fits() -> None:
    """For every width of value from 2 to 12 bits, every width of result, and every value: below the least number that
    fits it is the least, above the greatest it is the greatest, and between the value itself."""
    spec = Spec("saturate")
    for width in range(2, WIDEST + 1):
        value = spec.free(signed(width), f"value_{width}")
        for bits in range(2, width + 1):
            low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
            nearest = Mux(value < low, low, Mux(value > high, high, value))
            same = saturate(value, bits) == nearest
            spec.claim(f"{width} to {bits} bits: the nearest number that fits", same, seen=value == low)
    prove(spec, mode="bmc", depth=1)


def test_wrap_adds_or_subtracts_multiples_of_the_modulus() -> None:
    """For every width of value from 2 to 12 bits, every width of result, and every value: the result fits, and is the
    value modulo 2^bits."""
    spec = Spec("wrap")
    for width in range(2, WIDEST + 1):
        value = spec.free(signed(width), f"value_{width}")
        for bits in range(2, width + 1):
            low, high, wrapped = -(1 << (bits - 1)), (1 << (bits - 1)) - 1, wrap(value, bits)
            fits, same = (low <= wrapped) & (wrapped <= high), (value - wrapped) % (1 << bits) == 0
            spec.claim(f"{width} to {bits} bits: fits", fits, seen=value == low)
            spec.claim(f"{width} to {bits} bits: the same modulo", same, seen=value == low)
    prove(spec, mode="bmc", depth=1)


@pytest.mark.parametrize("decay_bits", [4, 6])
def test_one_factor_does_for_every_shift(decay_bits: int) -> None:
    """For every value of 8 bits, every s up to `decay_bits` and every m up to 2^s: multiplying with the factor and
    shifting by `decay_bits` is floor(value * m / 2^s)."""
    spec = Spec(f"decay_{decay_bits}")
    value, m = spec.free(signed(8), "value"), spec.free(unsigned(decay_bits + 1), "m")
    for s in range(decay_bits + 1):
        factor = Signal(unsigned(decay_bits + 1), name=f"factor_{s}")
        spec.m.d.comb += factor.eq(decay_factor(m, s, decay_bits))
        lost = (value * factor) >> decay_bits
        rest = (value * m) - (lost << s)  # floor: what is left of the division is not negative and below 2^s
        spec.claim(f"m / 2^{s}", (rest >= 0) & (rest < (1 << s)), when=m <= (1 << s))
    prove(spec, mode="bmc", depth=1)
