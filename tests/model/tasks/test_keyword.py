"""Spoken digits: three factors, and that the network learns the same everywhere."""

import numpy as np
import pytest

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.networks.speech.filter_bank import AXONS
from ganglion.model.spec.events import Events
from ganglion.model.spec.reference import Reference
from ganglion.model.tasks.keyword import EPOCH, HIDDEN, Listener, Spoken

pytestmark = pytest.mark.long


def _spoken(count, seed):
    """Sounds of two kinds: low fibres or high ones."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, count)
    rasters = [rng.random((5 * EPOCH, AXONS)) < 0.5 for _ in label]
    for raster, kind in zip(rasters, label, strict=True):
        raster[:, (0 if kind else AXONS // 2) :][:, : AXONS // 2] = False
        raster[-2:] = False
    return Spoken([Events.from_raster(raster.astype(int)) for raster in rasters], 3 + label)


def test_learns_the_same_everywhere():
    spoken, found = _spoken(1, 0), []
    for open_target in (Reference, Emulator):
        listener = Listener(seed=1)
        with open_target(listener.program) as target:
            wrong = listener.teach(target, spoken, margin=200, hidden=True)
            found.append((wrong, target.weights().tolist(), target.tags().tolist(), dict(target.counters())))
    assert found[0] == found[1]
    assert found[0][0] > 0


def test_only_errors_change_hidden_weights():
    """The read-out learns alone where errors are kept from the hidden neurons; a right answer changes nothing."""
    listener, spoken = Listener(seed=1), _spoken(12, 1)
    rule = listener.program.rule
    with Emulator(listener.program) as target:
        wrong = [listener.teach(target, spoken, margin=200, hidden=True) for _ in range(20)]
        assert wrong[0] > 0 and wrong[-1] == 0
        settled = target.weights()
        assert (settled[rule == 1] != listener.program.weight[rule == 1]).sum() > HIDDEN
        listener.teach(target, spoken, margin=200, hidden=True)
        assert target.weights().tolist() == settled.tolist() and not target.read("v").any()
        assert listener.right(target, _spoken(20, 2)) > 0.9
        confused = Spoken(spoken.events, spoken.label.min() + spoken.label.max() - spoken.label)
        assert listener.teach(target, confused, margin=200, hidden=False) > 0
        changed = target.weights() != settled
    assert not changed[rule == 1].any() and changed[rule == 2].any()
