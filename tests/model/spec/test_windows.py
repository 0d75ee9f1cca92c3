"""STDP against floats: the windows of pairs, over all differences of time, and of trains."""

import json
import math
from pathlib import Path

import pytest

from ganglion.model.spec.named_rules import stdp
from ganglion.model.spec.plastic import PlasticRule
from tests.model.spec.trains import A_MINUS, A_PLUS, JUMP, TAU_MINUS, TAU_PLUS, trains
from tests.model.spec.windows import learned

RECORDED = Path(__file__).with_name("stdp_brian2.json")
"""What `tests.model.spec.trains` recorded."""

QUANTUM = {"plus": A_PLUS / JUMP, "minus": A_MINUS / JUMP}
"""What one unit of a trace comes to."""

ROUNDING = 1 + JUMP / 512
"""Units of a trace by which what is seen of it is off, at most: its floor, and half a 256th of the kernel."""


def rule(*, nearest: bool = False) -> PlasticRule:
    return stdp(
        A_PLUS, A_MINUS, tau_plus=TAU_PLUS, tau_minus=TAU_MINUS, jump=JUMP, nearest=nearest, rounding="floor"
    )


@pytest.mark.parametrize(("nearest", "reach"), [(False, 130), (True, 30)], ids=["all pairs", "nearest"])
def test_a_pair_is_the_exponential_rounded_once_at_every_distance(nearest: bool, reach: int) -> None:
    distances = range(-reach, reach + 1)
    runs = [([max(0, -n)], [max(0, n)]) for n in distances]
    for distance, got in zip(distances, learned(rule(nearest=nearest), runs), strict=True):
        plus = A_PLUS * math.exp(-distance / TAU_PLUS) if distance >= 0 else 0.0
        minus = A_MINUS * math.exp(distance / TAU_MINUS) if distance <= 0 else 0.0
        bound = ROUNDING * ((distance >= 0) * QUANTUM["plus"] + (distance <= 0) * QUANTUM["minus"]) + 1
        assert abs(got - (plus - minus)) <= bound, distance


@pytest.mark.parametrize("nearest", [False, True], ids=["all", "nearest"])
def test_trains_come_to_what_brian2_says(nearest: bool) -> None:
    wanted = json.loads(RECORDED.read_text())["nearest" if nearest else "all"]
    # Floors make a trace less than it is: those of the source lower the weight, those of the target raise it. A trace
    # that adds up loses at each jump too; what was lost decays with it.
    lost = ROUNDING if nearest else 3 * ROUNDING
    for got, exact, (pre, post) in zip(learned(rule(nearest=nearest), trains()), wanted, trains(), strict=True):
        assert -len(post) * lost * QUANTUM["plus"] - 1 <= got - exact <= len(pre) * lost * QUANTUM["minus"] + 1
