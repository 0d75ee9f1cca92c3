"""Which samples run."""

import pytest

from ganglion.jobs.samples import choose
from ganglion.model.spec.errors import GanglionError


def test_the_first_ones_all_or_those_named() -> None:
    assert choose(5) == [0, 1, 2, 3, 4]
    assert choose(5, 2) == [0, 1]
    assert choose(5, 2, [4, 0, 4]) == [4, 0, 4]


@pytest.mark.parametrize(
    ("count", "only", "message"),
    [
        (0, None, "samples must be 1 to 5, as many test samples as there are, not 0"),
        (6, None, "not 6"),
        (None, [5], "samples are 0 to 4, not 5"),
        (None, [-1], "not -1"),
        (None, [], "not none"),
    ],
)
def test_samples_that_are_not_there(count: int | None, only: list[int] | None, message: str) -> None:
    with pytest.raises(GanglionError, match=message):
        choose(5, count, only)
