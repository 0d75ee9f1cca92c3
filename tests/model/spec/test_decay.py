"""A `Decay` is the nearest that the chip has to a fraction or a time constant, and says how near that is."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganglion.model.spec import arithmetic
from ganglion.model.spec.decay import AT_ONCE, NEVER, Decay
from ganglion.model.spec.errors import ProgramError


@given(beta=st.floats(0, 1), s=st.integers(1, 35))
def test_the_fraction_left_is_the_nearest_there_is(beta: float, s: int) -> None:
    try:
        m, shift = Decay.from_beta(beta, s)
    except ProgramError:
        assert 0 < min(beta, 1 - beta) <= 2.0 ** -(s + 1)
        return
    assert abs(Fraction(m, 1 << shift) - (1 - Fraction(beta))) <= Fraction(1, 1 << (s + 1))
    assert shift <= s and (m, shift) == arithmetic.lowest_terms(m, shift)


def test_known_values() -> None:
    assert Decay.from_beta(0.9) == (205, 11)
    assert Decay.from_beta(np.float32(0.5)) == (1, 1)
    assert Decay.from_beta(1 - 2.5 / 16, 4) == (1, 3), "of two that are as near, the even m: 2 of 16"
    assert Decay.from_beta(0.9).beta == 1 - 205 / 2048
    assert Decay.from_tau(20) == arithmetic.lowest_terms(200, 12)
    assert Decay.from_tau(20).tau == pytest.approx(20, rel=2e-3)
    assert Decay.from_tau(1e6, 35).tau == pytest.approx(1e6, rel=1e-4)


def test_the_ends_are_exact() -> None:
    assert Decay.from_beta(1) == Decay.from_tau(math.inf) == NEVER
    assert Decay.from_beta(0) == AT_ONCE
    assert (NEVER.beta, NEVER.tau, AT_ONCE.beta, AT_ONCE.tau) == (1, math.inf, 0, 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Decay.from_beta(1.5), "beta, the fraction left after a step, must be from 0 to 1, not 1.5"),
        (lambda: Decay.from_beta(math.nan), "must be from 0 to 1, not nan"),
        (lambda: Decay.from_beta("0.9"), "must be from 0 to 1, not '0.9'"),  # type: ignore[arg-type]
        (lambda: Decay.from_beta(0.9999), "beta 0.9999 cannot be told from NEVER, .* in 12 bits; give a larger s"),
        (lambda: Decay.from_beta(0.0001), "beta 0.0001 cannot be told from AT_ONCE"),
        (lambda: Decay.from_tau(0), "tau, the time constant in steps, must be more than 0, not 0"),
        (lambda: Decay.from_tau(1e6), "tau 1000000.0 cannot be told from NEVER, that never decays, in 12 bits"),
        (lambda: Decay.from_tau(0.01), "tau 0.01 cannot be told from AT_ONCE"),
        (lambda: Decay.from_beta(0.9, 64), "s, the bits of the fraction, must be a whole number from 0 to 63, not 64"),
        (lambda: Decay.from_tau(9, 2.0), "from 0 to 63, not 2.0"),  # type: ignore[arg-type]
    ],
)
def test_refusals(call: Any, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        call()
