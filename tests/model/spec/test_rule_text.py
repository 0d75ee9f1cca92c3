"""Rules as text: what they mean, and an error that points at the place."""

import itertools
import random
from fractions import Fraction

import pytest

from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.learning import FACTORS, LearningRule, Term
from ganglion.model.spec.rule_text import coefficient, nearest_coefficient, parse_rule


def value(rule: LearningRule, destination: str, sees: dict[str, int]) -> Fraction:
    """What the terms of a rule come to."""
    total = Fraction(0)
    for term in rule.terms:
        if term.destination == destination:
            product = Fraction(term.scale) * Fraction(2) ** term.exponent
            for name in (*term.factors, *([] if term.dependency == "always" else [term.dependency])):
                product *= sees[name]
            total += product
    return total


def test_pair_stdp_is_two_terms() -> None:
    assert parse_rule("dw = 2^-3 * x1 * y0 - 2^-4 * x0 * y1").terms == (
        Term(dependency="y0", scale=1, exponent=-3, factors=("x1",)),
        Term(dependency="x0", scale=-1, exponent=-4, factors=("y1",)),
    )


@pytest.mark.parametrize(
    "text",
    [
        "dw = 2^-3 * x1 * y0 - 2^-4 * x0 * y1",
        "dw = y0 * (x1 - w) / 16",
        "dw = -(x1 + 2 * x2) * (y1 - 3) * 0.25",
        "dw = x0 * x0 * y0 * (y2 + 1) * (y3 - w) - 5",
        "de = x1 * y0 - e / 8; dw = r0 * e * 2^-2",
        "de = x1\n\ndw = 3 * 2^2 * (1 - y0) * w * w\n",
        "dw = 1.5 * w - (0.5 * w) + (r1 - -2) * (e * (y1 + y2))",
    ],
)
def test_terms_come_to_what_the_text_says(text: str) -> None:
    rng, rule = random.Random(text), parse_rule(text)
    for _ in range(50):
        sees = {name: rng.randrange(2) if name in ("x0", "y0") else rng.randrange(-20, 20) for name in FACTORS}
        for line in text.replace(";", "\n").strip().split("\n"):
            if line.strip():
                left, _, right = line.partition("=")
                said = eval(right.replace("^", "**"), {}, dict(sees))
                assert value(rule, {"dw": "weight", "de": "tag"}[left.strip()], sees) == Fraction(said), line


def test_equal_products_are_one_term_and_those_that_cancel_none() -> None:
    assert parse_rule("dw = x1 * y1 + y1 * x1 + w - w").terms == (Term(scale=1, exponent=1, factors=("x1", "y1")),)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("dw = 2^-3 * z1", "dw = 2^-3 * ", "there is no factor z1; there are x0, x1"),
        ("dw = x1 +", "dw = x1 +", "a number, ( or one of x0, x1"),
        ("dw = x1 y0", "dw = x1 ", "an operator, or the end of the line, was expected"),
        ("dw = (x1 + y0", "dw = (x1 + y0", ") was expected"),
        ("dv = x1", "", "dw or de was expected"),
        ("dw x1", "dw ", "= was expected"),
        ("dw = 3^2 * x1", "dw = ", "only 2 can have a power"),
        ("dw = x1 / y0", "dw = x1 / ", "only a number that is not 0 can divide"),
        ("dw = x1 / 3", "dw = ", "the coefficient of 1/3 * x1 is not S * 2^k, S -128 to 127"),
        ("dw = 257 * x1", "dw = ", "the coefficient of 257 * x1 is not S * 2^k"),
        ("dw = x1 * x2 * y1 * y2", "dw = ", "has more than 3 factors besides x0 or y0"),
        ("dw = x1 $ 2", "dw = x1 ", "a rule has no such character"),
        ("dw = x1; dw = x2", "dw = x1; ", "dw is there twice"),
        ("dw = w - w", "dw = w - w", "a rule has a term at least"),
        ("", "", "a rule has a term at least"),
        ("de = x1\ndw = q", "dw = ", "there is no factor q"),
        ("dw = " + "(" * 60 + "x1" + ")" * 60, "dw = " + "(" * 51, "more than 50 parentheses"),
    ],
)
def test_an_error_points_at_the_place(text: str, place: str, message: str) -> None:
    with pytest.raises(ProgramError) as raised:
        parse_rule(text)
    told = str(raised.value)
    assert message in told
    assert told.splitlines()[-1] == "  " + " " * len(place) + "^"
    assert place in told.splitlines()[-2] or not place


def test_settings_of_the_rule_come_with_it() -> None:
    rule = parse_rule("dw = x1", name="hebb", low=0, high=5, rounding="stochastic", sign="excitatory")
    assert (rule.name, rule.low, rule.high, rule.rounding, rule.sign) == ("hebb", 0, 5, "stochastic", "excitatory")
    with pytest.raises(ProgramError, match="told by text"):
        parse_rule(3)  # type: ignore[arg-type]


def test_coefficients_are_exact_or_none_and_else_the_nearest() -> None:
    for scale, exponent in itertools.product((-128, -3, 1, 127), (-16, -3, 0, 7)):
        exact = Fraction(scale) * Fraction(2) ** exponent
        found = coefficient(exact)
        assert found is not None and Fraction(found[0]) * Fraction(2) ** found[1] == exact
    assert coefficient(Fraction(1, 3)) is None and coefficient(Fraction(2) ** -17) is None
    scale, exponent = nearest_coefficient(1 / 3)
    assert abs(scale * 2.0**exponent - 1 / 3) <= 2.0**-9 and scale <= 127
    with pytest.raises(ProgramError, match="1e-09 is no coefficient of a term"):
        nearest_coefficient(1e-9)
    with pytest.raises(ProgramError, match="1e\\+06 is no coefficient"):
        nearest_coefficient(1e6)
