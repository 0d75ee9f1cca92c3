"""A sample of the mutants of Python is seen by a share of what `tests.mutations.score` tries."""

from functools import partial

import pytest

from tests.mutations.programs import COMPILER_PART, CYCLE_PART, KERNEL_PART, Part
from tests.mutations.score import alone

pytestmark = pytest.mark.long

SAMPLE = 10

LEAST = 0.6
"""Of the sample. With all cases, it is what the history of the score says."""


@pytest.mark.parametrize(
    ("part", "every"),
    [(KERNEL_PART, 24), (COMPILER_PART, 30), (CYCLE_PART, 12)],
    ids=["kernels", "compiler", "cycles"],
)
def test_a_sample_of_mutants_is_seen(part: Part, every: int) -> None:
    found = alone(partial(part.measure, every=every))(SAMPLE, 1)
    survivors = "\n".join(f"{survivor.module}: {survivor.change}" for survivor in found.survivors)
    assert found.mutants >= SAMPLE
    assert found.measured.score >= LEAST, f"{found.measured.score:.1%} were seen; not these:\n{survivors}"
