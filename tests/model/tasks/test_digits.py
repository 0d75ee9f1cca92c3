"""Digits from labels: their images, and that the network learns the same everywhere."""

import numpy as np
import pytest

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.reference import Reference
from ganglion.model.tasks import digits, digits_data

pytestmark = pytest.mark.long


def test_learned_from_labels_the_same_everywhere():
    ink, label = digits_data.load("training", 4)
    images, label = digits_data.axons(ink[:6]), label[:6]
    weights = []
    for open_target in (Reference, Emulator):
        taught = digits.network(4, 10, seed=4)
        with open_target(taught.program) as target:
            taught.teach(target, images, label)
            weights.append((target.weights().tolist(), dict(target.counters())))
    assert weights[0] == weights[1]


def test_images_are_made_smaller_by_means():
    rows = np.zeros((1, 784), dtype=np.uint8)
    rows[0, :28] = 255
    small = digits_data.smaller(rows, 14).reshape(14, 14)
    assert small[0].tolist() == [128] * 14 and not small[1:].any()
    assert digits_data.smaller(rows, 28) is rows
    assert np.abs(digits_data.smaller(rows, 16).mean() - rows.mean()) < 0.6


def test_a_pixel_of_ink_has_its_axon():
    ink = np.array([[True, False, False], [False, True, True]])
    assert [axons.tolist() for axons in digits_data.axons(ink)] == [[0], [1, 2]]


@pytest.mark.slow
@pytest.mark.parametrize(("side", "neurons"), [(16, 10), (28, 10), (16, 250)])
def test_digits_are_read_as_well_as_is_asked(side, neurons):
    """One pass over MNIST: the median of three seeds."""
    found = [digits.learn(Emulator, seed=seed, images=60_000, side=side, neurons=neurons) for seed in range(3)]
    assert np.median([each.score for each in found]) >= found[0].wanted == (0.845 if neurons == 10 else 0.9)
