"""Digits found without labels: who wins learns, and the network learns the same everywhere."""

import numpy as np
import pytest

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.reference import Reference
from ganglion.model.tasks.clusters import BIASES, CERTAIN, LEAST, NAT, Mixture, both, learn
from ganglion.model.tasks.race import winners

pytestmark = pytest.mark.long

PIXELS, NEURONS = 256, 4


def _images(count, seed):
    """Of two kinds: ink above, or below."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 2, count)
    ink = rng.random((count, PIXELS)) < 0.1
    for image, below in zip(ink, kind, strict=True):
        image[:128] |= not below
        image[128:] |= bool(below)
    return both(ink), kind


def test_learns_the_same_everywhere():
    images, _ = _images(4, 0)
    found = []
    for open_target in (Reference, Emulator):
        mixture = Mixture(PIXELS, NEURONS, seed=3)
        with open_target(mixture.program) as target:
            mixture.show(target, images)
            found.append((target.weights().tolist(), dict(target.counters()), winners(mixture.race, target, images)))
    assert found[0][:2] == found[1][:2] and found[0][2].tolist() == found[1][2].tolist()


def test_who_wins_learns_what_it_saw_and_its_bias_falls():
    mixture = Mixture(PIXELS, NEURONS, seed=5)
    (image,), _ = _images(1, 0)
    rule = mixture.program.rule
    with Emulator(mixture.program) as target:
        before = target.weights()
        won = winners(mixture.race, target, [image])[0]
        mixture.show(target, [image])
        change = target.weights() - before
    prototypes, biases = (change[rule == number].reshape(-1, NEURONS) for number in (1, 2))
    fired = np.isin(np.arange(2 * PIXELS), image)
    assert prototypes[:, won].any() and not np.delete(prototypes, won, axis=1).any()
    u = (CERTAIN - before[rule == 1].reshape(-1, NEURONS)[:, won]) / NAT
    expected = (fired * (1 + u + u * u / 2) - 1) / 2
    assert (np.abs(prototypes[:, won] - expected) < 1).all()
    assert prototypes[fired, won].mean() == pytest.approx(expected[fired].mean(), abs=0.1)
    assert (biases[:, won] < 0).all() and (np.delete(biases, won, axis=1) > 0).all() and len(biases) == BIASES


def test_kinds_are_told_apart_without_labels():
    images, kind = _images(200, 1)
    mixture = Mixture(PIXELS, NEURONS, seed=3)
    with Emulator(mixture.program) as target:
        mixture.show(target, images[:150])
        names = mixture.names(target, images[:150], kind[:150])
        assert mixture.right(target, images[150:], kind[150:], names) > 0.95
        weights = target.weights()[mixture.program.rule == 1]
    assert weights.min() >= LEAST and weights.max() <= CERTAIN and set(names.tolist()) == {0, 1}


@pytest.mark.slow
def test_digits_are_found_as_well_as_is_asked():
    """All of MNIST, 100 neurons: the median of three seeds."""
    found = [learn(Emulator, seed=seed, images=60_000) for seed in range(3)]
    assert np.median([each.score for each in found]) >= found[0].wanted == 0.829
