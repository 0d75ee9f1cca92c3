"""Learning rules as text: `dw = 2^-3 * x1 * y0 - 2^-4 * x0 * y1`.

A line for each of `dw` and `de`, or one line with a semicolon between them. A right side is made of numbers, powers of
two such as 2^-3, the factors of a `Term`, `+ - *`, division by a number, and parentheses; products of sums are
multiplied out. Every number must come out as S * 2^k, S a whole number of 8 bits.
"""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.learning import FACTORS, LearningRule, Term
from ganglion.model.spec.learning_memories import MOST_FACTORS, SCALE_BITS, SHIFTS

LEFT = {"dw": "weight", "de": "tag"}
"""What may stand left of an equals sign, and what it changes."""

SPIKES = ("x0", "y0")
"""Factors that are 0 or 1, so that a product of several is one of them."""

DEEPEST = 50
"""Parentheses within each other, at most."""

Sum = Mapping[tuple[str, ...], Fraction]
"""A sum of products: coefficients by their factors, which are in order."""


class Token(NamedTuple):
    """A word of a rule, and where it stands."""

    text: str
    at: int


@explained(ProgramError)
def parse_rule(text: str, **settings: Any) -> LearningRule:
    """A learning rule from its text.

    Args:
        text: as above.
        settings: other fields of `LearningRule`: name, low, high, rounding, sign.

    Raises:
        ProgramError: it cannot be read, or a term is more than a chip can hold; points at the place.
    """
    return LearningRule(terms=tuple(_Parser(text, settings.get("name")).terms()), **settings)


def coefficient(value: Fraction | float) -> tuple[int, int] | None:
    """Scale S and exponent k of a number, if it is S * 2^k exactly; S is the smallest that does it."""
    low, high = signed_range(SCALE_BITS)
    wanted = Fraction(value)
    for exponent in range(SHIFTS[1], SHIFTS[0] - 1, -1):
        scale = wanted / Fraction(2) ** exponent
        if scale.denominator == 1:
            return (int(scale), exponent) if low <= scale <= high else None
    return None


def nearest_coefficient(value: float) -> tuple[int, int]:
    """Scale S and exponent k of the nearest number that a term can have, with S as small as that allows.

    Raises:
        ProgramError: it is beyond the largest, or so small that the nearest is 0.
    """
    low, high = signed_range(SCALE_BITS)
    for exponent in range(SHIFTS[0], SHIFTS[1] + 1):
        scale = round(value / 2.0**exponent)
        if low <= scale <= high:
            if not scale and value:
                break
            return coefficient(Fraction(scale) * Fraction(2) ** exponent) or (scale, exponent)
    raise ProgramError(
        f"{value:g} is no coefficient of a term: they are S * 2^k, S {low} to {high}, k {SHIFTS[0]} to {SHIFTS[1]}"
    )


class _Parser:
    """Recursive descent over the words of a text."""

    def __init__(self, text: str, name: str | None) -> None:
        self.called = "the rule" if name is None else f"rule '{name}'"
        if not isinstance(text, str):
            raise ProgramError(f"a rule is told by text such as 'dw = 2^-3 * x1 * y0', not {text!r}")
        self.text = text
        self.tokens: list[Token] = []
        word = re.compile(r"[ \t]*(?:(\d+\.\d*|\.\d+|\d+)|([A-Za-z_]\w*)|([-+*/^()=;\n])|$)")
        at = 0
        while at < len(text):
            match = word.match(text, at)
            if not match:
                blank = re.compile(r"[ \t]*").match(text, at)
                raise self.error(blank.end() if blank else at, "a rule has no such character")
            if match.lastindex:
                self.tokens.append(Token(match[match.lastindex], match.start(match.lastindex)))
            at = max(match.end(), at + 1)
        self.next = 0

    def terms(self) -> list[Term]:
        """All terms of all lines."""
        found: list[Term] = []
        seen: set[str] = set()
        while self.next < len(self.tokens):
            if self.takes(";", "\n"):
                continue
            left = self.expect("dw or de", lambda word: word in LEFT)
            if left.text in seen:
                raise self.error(left.at, f"{left.text} is there twice")
            seen.add(left.text)
            self.expect("=", lambda word: word == "=")
            at = self.at()
            products = self.sum(0)
            if self.next < len(self.tokens) and not self.takes(";", "\n"):
                raise self.error(self.at(), "an operator, or the end of the line, was expected")
            found += [self.term(LEFT[left.text], factors, value, at) for factors, value in products.items() if value]
        if not found:
            raise self.error(len(self.text), "a rule has a term at least, as in dw = 2^-3 * x1 * y0")
        return found

    def sum(self, depth: int) -> Sum:
        """product (+ product | - product)*"""
        total = dict(self.product(depth))
        while sign := self.takes("+", "-"):
            for factors, value in self.product(depth).items():
                total[factors] = total.get(factors, Fraction(0)) + (value if sign == "+" else -value)
        return total

    def product(self, depth: int) -> Sum:
        """factor (* factor | / number)*"""
        total = self.factor(depth)
        while sign := self.takes("*", "/"):
            at = self.at()
            other = self.factor(depth)
            if sign == "/":
                if set(other) != {()} or not other[()]:
                    raise self.error(at, "only a number that is not 0 can divide")
                other = {(): 1 / other[()]}
            total = _multiplied(total, other)
        return total

    def factor(self, depth: int) -> Sum:
        """- factor | number | 2 ^ whole number | name | ( sum )"""
        if depth > DEEPEST:
            raise self.error(self.at(), f"there are more than {DEEPEST} parentheses within each other")
        if self.takes("-"):
            return {factors: -value for factors, value in self.factor(depth + 1).items()}
        if self.takes("("):
            inner = self.sum(depth + 1)
            self.expect(")", lambda word: word == ")")
            return inner
        wanted = f"a number, ( or one of {', '.join(FACTORS)}"
        token = self.expect(wanted, lambda word: word[0].isalnum() or word[0] in "._")
        if token.text in FACTORS:
            return {(token.text,): Fraction(1)}
        if not (token.text[0].isdigit() or token.text[0] == "."):
            raise self.error(token.at, f"there is no factor {token.text}; there are {', '.join(FACTORS)}")
        value = Fraction(token.text)
        if self.takes("^"):
            sign = -1 if self.takes("-") else 1
            power = self.expect("a whole number", str.isdecimal)
            if value != 2 or len(power.text) > 2:
                raise self.error(token.at, "only 2 can have a power, of up to two digits")
            value = Fraction(2) ** (sign * int(power.text))
        return {(): value}

    def term(self, destination: str, factors: tuple[str, ...], value: Fraction, at: int) -> Term:
        """A term from a product of factors."""
        called = " * ".join([str(value), *factors])
        number = coefficient(value)
        if number is None:
            low, high = signed_range(SCALE_BITS)
            raise self.error(
                at, f"the coefficient of {called} is not S * 2^k, S {low} to {high}, k {SHIFTS[0]} to {SHIFTS[1]}"
            )
        spikes = [name for name in SPIKES if name in factors]
        others = [name for name in factors if name not in SPIKES]
        dependency, rest = (spikes[0], (*spikes[1:], *others)) if spikes else ("always", tuple(others))
        if len(rest) > MOST_FACTORS:
            raise self.error(at, f"{called} has more than {MOST_FACTORS} factors besides x0 or y0")
        scale, exponent = number
        return Term(destination=destination, dependency=dependency, scale=scale, exponent=exponent, factors=rest)

    def takes(self, *words: str) -> str:
        """The next word, if it is one of these; it is taken then."""
        if self.next < len(self.tokens) and self.tokens[self.next].text in words:
            self.next += 1
            return self.tokens[self.next - 1].text
        return ""

    def expect(self, what: str, fits: Callable[[str], bool]) -> Token:
        """The next word, which must fit."""
        if self.next >= len(self.tokens) or not fits(self.tokens[self.next].text):
            raise self.error(self.at(), f"{what} was expected")
        self.next += 1
        return self.tokens[self.next - 1]

    def at(self) -> int:
        """Where the next word stands."""
        return self.tokens[self.next].at if self.next < len(self.tokens) else len(self.text)

    def error(self, at: int, why: str) -> ProgramError:
        """The error that points at a character."""
        begin = self.text.rfind("\n", 0, at) + 1
        end = self.text.find("\n", at)
        line = self.text[begin : end if end >= 0 else None]
        return ProgramError(f"{self.called} cannot be read: {why}\n  {line}\n  {' ' * (at - begin)}^")


def _multiplied(one: Sum, other: Sum) -> Sum:
    """The product of two sums, multiplied out."""
    total: dict[tuple[str, ...], Fraction] = {}
    for mine, first in one.items():
        for theirs, second in other.items():
            factors = sorted((*mine, *theirs), key=FACTORS.index)
            kept = tuple(name for k, name in enumerate(factors) if name not in SPIKES or name not in factors[:k])
            total[kept] = total.get(kept, Fraction(0)) + first * second
    return total
