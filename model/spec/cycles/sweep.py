"""The cycles of a sweep: from the second END of a step that closes an epoch to the core at rest."""

from collections.abc import Iterable
from typing import NamedTuple

from ganglion.model.spec.noise_constants import KEY_CYCLES
from ganglion.model.spec.params import Params

ARRIVAL = 6
"""Cycles from END being taken to the first row of the axon table standing where it is decided whether it is visited."""

VISIT = 18
"""Cycles from the last word being read to everything of it being written."""

FORGETTING = 3
"""Cycles from the last neurons being told to forget to the end."""

KEYS_HELD = 5
"""Cycles for which a row that rounds at random keeps its keys from being made for the next one, once it is walked."""


class SweepRow(NamedTuple):
    """A row of the axon table, as a sweep finds it."""

    words: int
    """How many the walker makes of it: words of a sparse row, groups of a dense one."""
    passes: int
    """Cycles that each of these takes; 0 where the row is not visited."""
    stochastic: bool = False
    """Whether its rule rounds at random."""


def sweep_cycles(params: Params, rows: Iterable[SweepRow]) -> int:
    """Cycles from END being taken to the end of the sweep.

    Args:
        params: sizes of the core.
        rows: all rows of its axon table.
    """
    left = ARRIVAL - 1  # when the last row left
    free = read = held = 0  # when the walker takes a row, the last word is read, and keys can be made
    for row in rows:
        stands = left = left + 1
        if not row.passes:
            continue
        if row.stochastic:
            left = max(stands, held) + KEY_CYCLES - 1
        left = max(left, free)
        free = read = left + row.words * row.passes
        held = left + KEYS_HELD if row.stochastic else held
    drained = max(left + 1, read + VISIT if read else 0)
    return drained + params.groups + FORGETTING
