"""How many threads a network is worth, measured while it runs: what keeps several from being slower than one.

One thread and several are the two arms of a bandit. A run is cut into slices, and what a step costs in one way or the
other is the least of what its last slices took, since other work on the machine only adds. The cheaper way is taken,
and the other tried now and then, the more seldom the more often it was the dearer. Time that was lost by waiting for a
thread that was not running is made up for before the next try, so that no more than a known share of it is lost.
"""

import os
from collections import deque

WORTH = 0.5e-3
"""Seconds that a run must take by one thread before others are woken."""

SLICE = 40e-3
"""Seconds of a slice."""

FEARED = 8
"""Times what a step costs by one thread that it may cost by several, before that is known."""

RETRY, LONGEST_RETRY = 0.2, 3.2
"""Seconds until what was dearer is tried again: doubled each time that it was, up to a longest."""

MADE_UP = 20
"""Times what a wait took, in which no help is asked for."""

REMEMBERED = 3
"""Slices of which the least counts."""


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Arm:
    """What a step costs in one way."""

    def __init__(self) -> None:
        self._costs: deque[float] = deque(maxlen=REMEMBERED)
        self.retry, self.due = RETRY, 0.0

    @property
    def cost(self) -> float | None:
        """Seconds; None before it is known."""
        return min(self._costs, default=None)

    def measured(self, cost: float) -> None:
        """One more slice."""
        self._costs.append(cost)


class Pace:
    """Says of each slice of a run how long it is, and whether it is shared."""

    def __init__(self) -> None:
        self._alone, self._shared = _Arm(), _Arm()
        self._ran = self._pause = 0.0

    def is_small(self, steps: int) -> bool:
        """Whether so many steps are known to be too few to share."""
        cost = self._alone.cost
        return cost is not None and steps * cost < WORTH

    def plan(self, steps: int) -> tuple[bool, int]:
        """Whether to share what comes next of so many steps, and the steps of that slice."""
        alone, shared = self._alone.cost, self._shared.cost
        if alone is None:
            return False, 1
        if self.is_small(steps):
            return False, steps
        better = shared is not None and shared < alone
        other = self._alone if better else self._shared
        sharing = better != (self._ran >= other.due) and self._ran >= self._pause
        cost = alone if not sharing else FEARED * alone if shared is None else max(alone, shared)
        return sharing, min(steps, max(1, int(SLICE / cost)))

    def took(self, sharing: bool, steps: int, seconds: float, waited: float) -> None:
        """Learn from a slice.

        Args:
            sharing, steps: what it was, and how many steps were run.
            seconds: what they took.
            waited: seconds of these, for threads that were not running.
        """
        self._ran += seconds
        self._pause = max(self._pause, self._ran + MADE_UP * waited)
        arm, other = (self._shared, self._alone) if sharing else (self._alone, self._shared)
        if not steps:
            return
        arm.measured(seconds / steps)
        if other.cost is not None:
            assert arm.cost is not None, "what was measured is known"
            arm.retry = min(2 * arm.retry, LONGEST_RETRY) if arm.cost >= other.cost else RETRY
            arm.due = self._ran + arm.retry
