"""A sample of the mutants of kernels and cycle model is seen by a share of what `tests.mutations.score` tries."""

from functools import partial

import pytest

from tests.mutations.programs import CYCLE_PART, KERNEL_PART, Part
from tests.mutations.score import alone

pytestmark = pytest.mark.long

SAMPLE = 20

LEAST = 0.75
"""Of the sample. With all cases, it is what the history of the score says."""


@pytest.mark.parametrize(
    ("part", "every"),
    [(KERNEL_PART, 9), (CYCLE_PART, 3)],
    ids=["kernels", "cycles"],
)
def test_a_sample_of_mutants_is_seen(part: Part, every: int) -> None:
    found = alone(partial(part.measure, every=every))(SAMPLE, 1)
    survivors = "\n".join(f"{survivor.module}: {survivor.change}" for survivor in found.survivors)
    assert found.mutants >= SAMPLE
    assert found.measured.score >= LEAST, f"{found.measured.score:.1%} were seen; not these:\n{survivors}"
