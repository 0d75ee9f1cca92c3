"""A task on reference and emulator: what came of it has to be the same."""

import numpy as np

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.reference import Reference


def on_both(learn):
    """What came of a task, which takes what opens a target, on the emulator; the reference found the same."""
    wanted, found = learn(Reference), learn(Emulator)
    assert found.counters == wanted.counters
    assert found.facts == wanted.facts and found.score == wanted.score
    for name, pair in found.pictures.items():
        np.testing.assert_array_equal(pair, wanted.pictures[name])
    for got, expected in zip(found.curves, wanted.curves, strict=True):
        np.testing.assert_array_equal(got.y, expected.y)
    return found
