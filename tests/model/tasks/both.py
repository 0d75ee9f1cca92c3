"""A task on several targets: what came of it has to be the same."""

import numpy as np

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.reference import Reference


def on_both(learn):
    """What came of a task, which takes what opens a target, on the emulator; the reference found the same."""
    wanted, found = learn(Reference), learn(Emulator)
    same(found, wanted)
    return found


def same(found, wanted):
    """What came of a task on one target came of it on another one: every weight, the curves, and what both counted."""
    both = found.counters.keys() & wanted.counters.keys()
    assert both >= {"spikes", "visits", "changes"}
    assert {name: found.counters[name] for name in both} == {name: wanted.counters[name] for name in both}
    assert found.facts == wanted.facts and found.score == wanted.score
    for name, pair in found.pictures.items():
        np.testing.assert_array_equal(pair, wanted.pictures[name])
    for got, expected in zip(found.curves, wanted.curves, strict=True):
        np.testing.assert_array_equal(got.y, expected.y)
