"""Irises: few synapses, drawn anew while the network learns."""

from functools import partial

import numpy as np
import pytest

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.tasks import iris
from tests.model.tasks.both import on_both

pytestmark = pytest.mark.long


def test_learns_and_rewires_the_same_everywhere():
    found = on_both(partial(iris.learn, seed=2, passes=1))
    assert found.facts["synapses"] == "48 of 192 possible, 25%"
    assert found.facts["drawn anew"] == "6 synapses"


def test_flowers_are_told_with_a_quarter_of_the_synapses():
    found = iris.learn(Emulator, seed=0, passes=30)
    assert found.score >= found.wanted == 0.92
    assert (found.pictures.popitem()[1][1] != 0.5).sum() <= 48


def test_halves_share_no_flower():
    _, label = iris.flowers()
    one, other = iris.halves(label, np.random.default_rng(0))
    assert sorted([*one, *other]) == list(range(150))
    assert np.bincount(label[one]).tolist() == [25, 25, 25]
