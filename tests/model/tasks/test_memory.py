"""The associative memory: learns at a glance, and recalls from a fragment."""

from functools import partial

import numpy as np
import pytest

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.tasks import memory
from tests.model.tasks.both import on_both

pytestmark = pytest.mark.long


def test_learns_the_same_everywhere():
    assert on_both(partial(memory.learn, seed=0, patterns=1)).score == 1


def test_recalls_as_well_as_is_asked():
    """The last of as many patterns as it usually learns."""
    found = memory.learn(Emulator, seed=0, patterns=100)
    assert found.score >= found.wanted == 0.9
    ages, likenesses, capacities = found.curves
    assert [curve.x.size for curve in found.curves] == [100, len(memory.CUES), len(memory.CUES)]
    assert ages.y[:10].mean() > 0.9 > 0.5 > ages.y[-10:].mean(), "the oldest are forgotten"
    assert likenesses.y[0] < 0.5 < 0.9 < likenesses.y[2]
    assert capacities.y[0] < 0.2 and capacities.y[-1] > 0.6, "a larger cue recalls older patterns"


def test_likeness():
    assert memory.likeness(np.array([1, 2, 3]), np.array([2, 3, 4])) == 0.5
