"""Classes learned from labels: the perceptron with a margin, in a race."""

import numpy as np
import pytest

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.reference import Reference
from ganglion.model.tasks.race import winners
from ganglion.model.tasks.taught import Taught

pytestmark = pytest.mark.long

INPUTS, CLASSES = 12, 3


def _taught(neurons=CLASSES):
    rng = np.random.default_rng(5)
    pre, post = np.divmod(np.arange(INPUTS * neurons), neurons)
    weight = np.rint(rng.normal(0, 10, pre.size)).astype(np.int64)
    return Taught(inputs=INPUTS, classes=CLASSES, pre=pre, post=post, weight=weight, neurons=neurons)


def _samples(count, seed):
    """Each class has four axons of its own, of which three fire, with one of another's."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, CLASSES, count)
    own = [rng.choice(4 * k + np.arange(4), 3, replace=False) for k in label]
    other = [rng.choice(np.setdiff1d(np.arange(INPUTS), 4 * k + np.arange(4)), 1) for k in label]
    return [np.sort(np.concatenate(pair)) for pair in zip(own, other, strict=True)], label


def test_a_step_is_that_of_the_perceptron():
    """Where the right neuron lost, its weights go up by one and the winner's down; else they stay."""
    taught = _taught()
    samples, label = _samples(1, 0)
    with Emulator(taught.program) as target:
        weights = target.weights()[: INPUTS * CLASSES].reshape(INPUTS, CLASSES)
        scores = weights[samples[0]].sum(axis=0)
        assert winners(taught.race, target, samples) == [scores.argmax()]
        scores[label[0]] -= 50
        taught.teach(target, samples, label)
        change = target.weights()[: INPUTS * CLASSES].reshape(INPUTS, CLASSES) - weights
    expected = np.zeros_like(change)
    if scores.argmax() != label[0]:
        expected[samples[0], label[0]] += 1
        expected[samples[0], scores.argmax()] -= 1
    assert change.tolist() == expected.tolist() and change.any()


def test_learns_the_same_everywhere():
    """With two neurons to a class."""
    samples, label = _samples(12, 1)
    states = []
    for open_target in (Reference, Emulator):
        taught = _taught(neurons=2 * CLASSES)
        with open_target(taught.program) as target:
            taught.teach(target, samples, label)
            states.append((target.weights().tolist(), dict(target.counters()), taught.right(target, samples, label)))
    assert states[0] == states[1]


def test_weights_stay_where_nothing_is_to_be_learned():
    """The two epochs of a sample undo each other where the right neuron wins both."""
    taught = _taught(neurons=2 * CLASSES)
    samples, label = _samples(60, 2)
    with Emulator(taught.program) as target:
        while True:
            before = target.weights()
            taught.teach(target, samples, label)
            if (target.weights() == before).all():
                break
        assert taught.right(target, samples, label) == 1
        visits = target.counters()["visits"]
        taught.teach(target, samples, label)
        assert target.weights().tolist() == before.tolist() and target.counters()["visits"] > visits
        assert not target.tags().any()
