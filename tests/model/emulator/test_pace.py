"""Slices of runs on machines of which it is known what threads are worth."""

from collections.abc import Callable

import pytest

from ganglion.model.emulator.pace import FEARED, RETRY, SLICE, Pace

STEP = 1e-3
"""Seconds of a step by one thread."""


def run(seconds: float, shared: Callable[[int], tuple[float, float]]) -> tuple[float, float]:
    """Run for so long; seconds that it took for as many by one thread, and the share of steps that were shared.

    Args:
        shared: seconds of so many steps that are shared, and how many of these it waited.
    """
    pace, steps, took, together = Pace(), 0, 0.0, 0
    while steps * STEP < seconds:
        sharing, count = pace.plan(10**6)
        time, waited = shared(count) if sharing else (count * STEP, 0.0)
        pace.took(sharing, count, time, waited)
        steps, took, together = steps + count, took + time, together + sharing * count
    return took / (steps * STEP), together / steps


def test_threads_that_help_are_used() -> None:
    took, together = run(60, lambda steps: (steps * STEP / 1.6, 0.0))
    assert took < 0.65 and together > 0.95


@pytest.mark.parametrize("times", [1.1, 3, 30])
def test_threads_that_hinder_are_tried_now_and_then(times: float) -> None:
    took, together = run(20 * times, lambda steps: (steps * STEP * times, 0.0))
    assert together < 0.05 and took < 1.25


def test_a_thread_that_seldom_runs_costs_a_known_share() -> None:
    """Each slice is faster, until its end waits for longer than that gains."""
    took, _ = run(60, lambda steps: (steps * STEP / 1.6 + 2 * SLICE, 2 * SLICE))
    assert took < 1.06


def test_what_changes_is_found_out() -> None:
    pace = Pace()
    for ran in range(400):
        sharing, steps = pace.plan(10**6)
        helps = ran > 200
        pace.took(sharing, steps, steps * STEP * ((0.6 if helps else 2) if sharing else 1), 0.0)
    assert pace.plan(10**6)[0]


def test_what_is_over_sooner_than_others_wake_is_not_shared() -> None:
    pace = Pace()
    assert not pace.is_small(1)
    pace.took(False, 100, 1e-4, 0.0)
    assert pace.is_small(400) and not pace.is_small(600)
    assert pace.plan(400) == (False, 400)
    assert pace.plan(10**6) == (True, int(SLICE / (FEARED * 1e-6)))
    assert RETRY > SLICE
