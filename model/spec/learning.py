"""Learning rules: how synapses change, as sums of products of what they see; and what of learning a network shares.

docs/reference/learning.md has the equations. `ganglion.model.spec.named_rules` has the rules of the literature, and
`ganglion.model.spec.rule_text` reads one from a line of text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ganglion.model.spec.arithmetic import signed_range, whole_number
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.learning_memories import (
    MOST_FACTORS,
    SCALE_BITS,
    SHIFTS,
    Dependency,
    Destination,
    Factor,
)
from ganglion.model.spec.params import Params
from ganglion.model.spec.synaptic_traces import Kernel, PreTrace

DESTINATIONS = tuple(destination.name.lower() for destination in Destination)
DEPENDENCIES = tuple(dependency.name.lower() for dependency in Dependency)
FACTORS = tuple(factor.name.lower() for factor in Factor if factor is not Factor.ONE)

ROUNDINGS = ("floor", "stochastic")
"""Down; or at random, up as often as the fraction says."""

SIGNS = ("mixed", "excitatory", "inhibitory")
"""Whether weights may be of both signs, not negative, or not positive."""

LONGEST_EPOCH = 64
"""Steps of an epoch, at most."""

SILENT = ("x0", "x1", "x2", "e")
"""Factors of which each makes a term 0 where the source has been silent and the tag is 0."""

_Part = TypeVar("_Part", PreTrace, Kernel, "LearningRule")


@explained(ProgramError)
@dataclass(frozen=True, kw_only=True)
class Term:
    """One term of a rule: scale * 2^exponent * dependency * product of the factors.

    Raises:
        ProgramError: a value that no chip could hold; the message names it.
    """

    destination: str = "weight"
    """What it changes: "weight" or "tag"."""
    dependency: str = "always"
    """"x0" or "y0": the term counts where the source, or the target, fired in this epoch; "always"."""
    scale: int
    """S, signed, 8 bits."""
    exponent: int = 0
    """k, -16 to 7."""
    factors: tuple[str, ...] = ()
    """Up to three of x0 x1 x2 y0 y1 y2 y3 w e r0 r1 r2 r3; one may be there several times."""

    def __post_init__(self) -> None:
        for name, value, known in (
            ("destination", self.destination, DESTINATIONS),
            ("dependency", self.dependency, DEPENDENCIES),
        ):
            if value not in known:
                raise ProgramError(f"{name} of a term must be one of {', '.join(known)}, not {value!r}")
        object.__setattr__(self, "scale", whole_number("scale of a term", self.scale, *signed_range(SCALE_BITS)))
        object.__setattr__(self, "exponent", whole_number("exponent of a term", self.exponent, *SHIFTS))
        object.__setattr__(self, "factors", tuple(self.factors))
        for factor in self.factors:
            if factor not in FACTORS:
                raise ProgramError(f"a factor of a term is one of {', '.join(FACTORS)}, not {factor!r}")
        if len(self.factors) > MOST_FACTORS:
            raise ProgramError(f"a term has up to {MOST_FACTORS} factors, not {len(self.factors)}: {self}")

    @property
    def changes(self) -> str:
        """The name, as a factor, of what it changes: "w" or "e"."""
        return {"weight": "w", "tag": "e"}[self.destination]

    @property
    def is_silent(self) -> bool:
        """Whether it is 0 where the source has been silent and the tag is 0."""
        return self.dependency == "x0" or any(factor in SILENT for factor in self.factors)

    def check(self, params: Params) -> None:
        """Whether a chip has what it is made of.

        Raises:
            ProgramError: it has not; says what.
        """
        has = {
            "x1": params.pre_traces > 0,
            "x2": params.pre_traces > 1,
            "e": params.tag_bits > 0,
            **{f"y{slot}": feeds > 0 for slot, feeds in enumerate(params.y_feeds, start=1)},
            **{f"r{number}": number < params.modulators for number in range(4)},
        }
        for factor in self.factors:
            if not has.get(factor, True):
                raise ProgramError(f"the chip ({params.name}) has no {factor}")
        if self.destination == "tag" and not params.tag_bits:
            raise ProgramError(f"the chip ({params.name}) has no tags")

    def fields(self, params: Params) -> dict[str, int]:
        """It as a row of RULES."""
        numbers = [int(Factor[factor.upper()]) for factor in self.factors]
        row = {
            "dependency": int(Dependency[self.dependency.upper()]),
            **{f"factor{k}": number for k, number in enumerate(numbers, start=1)},
            "scale": self.scale,
            "shift": self.exponent - SHIFTS[0],
        }
        return row | {"destination": int(Destination[self.destination.upper()])} if params.tag_bits else row

    def __str__(self) -> str:
        first = [] if self.dependency == "always" else [self.dependency]
        return f"d{self.changes} = {' * '.join([str(self.scale), f'2^{self.exponent}', *first, *self.factors])}"


@explained(ProgramError)
@dataclass(frozen=True, kw_only=True)
class LearningRule:
    """How the synapses that have it change at the end of an epoch.

    For z the weight, and the tag: z = clip(floor(z + sum of the terms + rounding)), where every term reads the values
    from before.

    Raises:
        ProgramError: a value that no chip could hold; the message names the rule.
    """

    name: str = "rule"
    """What messages call it."""
    terms: tuple[Term, ...]
    low: int | None = None
    """Least weight; None is that of the chip."""
    high: int | None = None
    """Greatest weight; None is that of the chip."""
    rounding: str = "floor"
    """"floor" or "stochastic"."""
    sign: str = "mixed"
    """"mixed", "excitatory" (no weight is negative) or "inhibitory" (none is positive)."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", tuple(self.terms))
        if not self.terms or not all(isinstance(term, Term) for term in self.terms):
            raise ProgramError(f"{self._called} must have a sequence of at least one Term, not {self.terms!r}")
        for what, value, known in (("rounding", self.rounding, ROUNDINGS), ("sign", self.sign, SIGNS)):
            if value not in known:
                raise ProgramError(f"{self._called}: {what} must be one of {', '.join(known)}, not {value!r}")
        for what in ("low", "high"):
            if (value := getattr(self, what)) is not None:
                object.__setattr__(self, what, whole_number(f"{self._called}: {what}", value, *signed_range(16)))

    @property
    def is_quiet(self) -> bool:
        """Whether a synapse whose source has been silent, and whose tag is 0, stays as it is."""
        return all(term.is_silent for term in self.terms)

    @property
    def is_tagged(self) -> bool:
        """Whether it reads or changes tags."""
        return any(term.destination == "tag" or "e" in term.factors for term in self.terms)

    @property
    def is_stochastic(self) -> bool:
        """Whether it rounds at random."""
        return self.rounding == "stochastic"

    def clip(self, params: Params) -> tuple[int, int]:
        """The least and the greatest weight on a chip.

        Raises:
            ProgramError: the range is empty, or not all of it fits the weights of the chip.
        """
        least, greatest = signed_range(params.weight_bits)
        low = least if self.low is None else self.low
        high = greatest if self.high is None else self.high
        if low < least or high > greatest:
            raise ProgramError(
                f"{self._called}: the clip range {low} to {high} is not inside {least} to {greatest}, the weights of "
                f"the chip ({params.name})"
            )
        low = max(low, 0) if self.sign == "excitatory" else low
        high = min(high, 0) if self.sign == "inhibitory" else high
        if low > high:
            raise ProgramError(f"{self._called}: no weight is left from {low} to {high} ({self.sign})")
        return low, high

    def check(self, params: Params) -> None:
        """Whether a chip can hold it.

        Raises:
            ProgramError: it cannot; names the rule and the term.
        """
        if not params.products:
            raise ProgramError(f"{self._called}: the chip ({params.name}) does not learn: its size products is 0")
        self.clip(params)
        if len(self.terms) > params.terms:
            raise ProgramError(
                f"{self._called} has {len(self.terms)} terms; the chip ({params.name}) holds {params.terms} of a rule"
            )
        if self.is_stochastic and not params.stochastic:
            raise ProgramError(f"{self._called} rounds at random, which the chip ({params.name}) cannot")
        for number, term in enumerate(self.terms, start=1):
            try:
                term.check(params)
            except ProgramError as error:
                raise ProgramError(f"{self._called}, term {number} ({term}): {error}") from None

    def fields(self, params: Params) -> dict[str, int]:
        """The head of it as a row of RULES, without what the chip lacks."""
        low, high = self.clip(params)
        row = {"low": low, "high": high, "quiet": int(self.is_quiet), "count": len(self.terms)}
        row |= {"stochastic": int(self.is_stochastic)} if params.stochastic else {}
        return row | {"tagged": int(self.is_tagged)} if params.tag_bits else row

    @property
    def _called(self) -> str:
        return f"rule '{self.name}'"


@explained(ProgramError)
@dataclass(frozen=True, kw_only=True)
class Learning:
    """What of learning a network shares.

    Raises:
        ProgramError: a value that no chip could hold.
    """

    epoch: int = 1
    """Steps T of an epoch, 1 to 64."""
    pre: tuple[PreTrace, ...] = ()
    """Presynaptic traces x1 and x2."""
    kernels: tuple[Kernel, ...] = ()
    """Kernels, by the number that traces name them with."""
    rules: tuple[LearningRule, ...] = ()
    """Rules: rule k of a synapse, from 1, is rules[k - 1]."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "epoch", whole_number("epoch, in steps,", self.epoch, 1, LONGEST_EPOCH))
        for name, of in (("pre", PreTrace), ("kernels", Kernel), ("rules", LearningRule)):
            object.__setattr__(self, name, _all_of(name, getattr(self, name), of))

    def check(self, params: Params) -> None:
        """Whether a chip can hold it.

        Raises:
            ProgramError: it cannot; says what is too much, and of which rule and term.
        """
        chip = f"the chip ({params.name})"
        if not params.products:
            raise ProgramError(f"{chip} does not learn: its size products is 0")
        for what, count, most in (
            ("presynaptic traces", len(self.pre), params.pre_traces),
            ("kernels", len(self.kernels), params.kernels),
            ("learning rules", len(self.rules), params.rules),
        ):
            if count > most:
                raise ProgramError(f"the network has {count} {what}; {chip} holds {most}")
        for number, trace in enumerate(self.pre, start=1):
            trace.check(f"trace x{number}", params, len(self.kernels))
        for number, kernel in enumerate(self.kernels):
            kernel.check(f"kernel {number}", params)
        for rule in self.rules:
            rule.check(params)
            for number, term in enumerate(rule.terms, start=1):
                for missing in {"x1", "x2"} & set(term.factors) - {f"x{k + 1}" for k in range(len(self.pre))}:
                    raise ProgramError(
                        f"rule '{rule.name}', term {number} ({term}): the network has no trace {missing}: pre has "
                        f"{len(self.pre)}"
                    )


def _all_of(name: str, values: Sequence[Any], of: type[_Part]) -> tuple[_Part, ...]:
    found = tuple(values)
    if wrong := [value for value in found if not isinstance(value, of)]:
        raise ProgramError(f"{name} must be of {of.__name__}, not {wrong[0]!r}")
    return found
