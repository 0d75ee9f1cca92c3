"""Exponential decay in integers: each step takes floor(x * m / 2^s) from x."""

import math
import operator
from fractions import Fraction
from typing import Any, NamedTuple

from ganglion.model.spec.arithmetic import lowest_terms
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained

LONGEST = 63
"""No decay has an s beyond this; what a chip has is its `decay_bits`."""


@explained(ProgramError)
class Decay(NamedTuple):
    """A decay (m, s), with 0 <= m <= 2^s: a step takes floor(x * m / 2^s) from x. Any pair of whole numbers is one.

    Other frameworks say what a step leaves, `beta`, or a time constant in steps, `tau`: see `from_beta`, `from_tau`.
    """

    m: int
    s: int

    @classmethod
    def from_beta(cls, beta: float, s: int = 12) -> "Decay":
        """The decay that leaves nearest to `beta` of a variable in each step: m = round((1 - beta) * 2^s).

        Of two that are as near, m is the even one. So `Decay.from_beta(beta, s).beta` is off by 2^-(s + 1) at most. The
        pair comes in lowest terms, in which it takes exactly the same.

        Args:
            beta: the fraction left after a step, 0 to 1.
            s: bits of the fraction, at most the chip's `decay_bits`.

        Raises:
            ProgramError: beta is not from 0 to 1, or so near to one of them that it cannot be told from it in s bits.
        """
        if not _is_number(beta) or not 0 <= beta <= 1:
            raise ProgramError(f"beta, the fraction left after a step, must be from 0 to 1, not {beta!r}")
        return cls._nearest(f"beta {beta}", 1 - Fraction(float(beta)), s, exact=beta in (0, 1))

    @classmethod
    def from_tau(cls, tau: float, s: int = 12) -> "Decay":
        """The decay with a time constant nearest to `tau` steps: `from_beta(exp(-1 / tau), s)`.

        Args:
            tau: steps after which 1/e is left, more than 0; infinity never decays.
            s: bits of the fraction, at most the chip's `decay_bits`.

        Raises:
            ProgramError: tau is not more than 0, or so long or short that s bits cannot tell it from `NEVER` or
                `AT_ONCE`.
        """
        if not _is_number(tau) or not tau > 0:
            raise ProgramError(f"tau, the time constant in steps, must be more than 0, not {tau!r}")
        return cls._nearest(f"tau {tau}", Fraction(-math.expm1(-1 / tau)), s, exact=tau == math.inf)

    @classmethod
    def _nearest(cls, asked: str, lost: Fraction, s: int, *, exact: bool) -> "Decay":
        if not isinstance(s, int) or not 0 <= s <= LONGEST:
            raise ProgramError(f"s, the bits of the fraction, must be a whole number from 0 to {LONGEST}, not {s!r}")
        m = round(lost * (1 << s))
        if m in (0, 1 << s) and not exact:
            same, way = ("NEVER", "that never decays") if m == 0 else ("AT_ONCE", "that forgets everything in a step")
            raise ProgramError(f"{asked} cannot be told from {same}, {way}, in {s} bits; give a larger s, or {same}")
        return cls(*lowest_terms(m, s))

    @classmethod
    def of(cls, name: str, pair: Any) -> "Decay":
        """A pair, checked.

        Raises:
            ProgramError: it is none; says what `name` must be.
        """
        try:
            m, s = map(operator.index, pair)
        except (TypeError, ValueError):
            raise ProgramError(
                f"{name} must be whole numbers (m, s), such as Decay.from_beta(0.9) makes, not {pair!r}"
            ) from None
        if not 0 <= s <= LONGEST or not 0 <= m <= 1 << s:
            raise ProgramError(f"{name} (m, s) must have 0 <= s <= {LONGEST} and 0 <= m <= 2^s, not {(m, s)}")
        return cls(m, s)

    def __str__(self) -> str:
        return f"({self.m}, {self.s})"

    @property
    def beta(self) -> float:
        """The fraction that a step leaves, before it is rounded to a whole number: 1 - m / 2^s."""
        return 1 - self.m / (1 << self.s)

    @property
    def tau(self) -> float:
        """Steps after which 1/e is left: -1 / ln(beta)."""
        if self.m == 0:
            return math.inf
        return 0.0 if self.m == 1 << self.s else -1 / math.log1p(-self.m / (1 << self.s))


NEVER = Decay(0, 0)
"""The decay of a variable that does not leak."""

AT_ONCE = Decay(1, 0)
"""The decay of a variable that forgets everything in a step."""


def _is_number(value: Any) -> bool:
    try:
        return not math.isnan(value)
    except TypeError:
        return False
