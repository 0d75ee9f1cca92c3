"""`ganglion verify`: what random networks reached, for people and for programs."""

import pytest

from ganglion.jobs.verify import verify
from ganglion.model.spec.params import PRESETS


@pytest.mark.sim
def test_the_coverage_is_told() -> None:
    result = verify(PRESETS["tiny"], networks=3, seed=7, steps=5)
    found = result.to_dict()
    assert (found["networks"], found["seed"], found["steps"], found["differences"]) == (3, 7, 5, 0)
    assert max(found["coverage"].values()) == 3
    assert found["missing"] == [point for point, count in found["coverage"].items() if not count]
    rows, line = result.shown()
    assert not isinstance(rows, str) and rows.row_count == len(found["coverage"])
    assert line == "3 networks of 5 steps, seeds 7 to 9: no difference"
