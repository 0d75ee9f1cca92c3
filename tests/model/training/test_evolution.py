"""CMA-ES: it trains a chip that nothing is known of, repeats on any target, and asks as often as it says."""

import numpy as np
import pytest

from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.mismatch.distortion import Distortion
from ganglion.model.mismatch.target import Mismatch
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.target import Target
from ganglion.model.training.evolution import evolve
from tests.model.training.test_metropolis import program, task


def test_it_trains_a_chip_that_nothing_is_known_of() -> None:
    distortion = Distortion.draw(program(), seed=2, gain=0.8, threshold=0.3, dead=0.2)
    losses = task()
    chip = Mismatch(program(), distortion, ArrayEmulator)
    before, asked = losses(chip), 0

    def counted(target: Target) -> float:
        nonlocal asked
        asked += 1
        return losses(target)

    found = evolve(chip, counted, generations=12, seed=1)
    assert found.evaluations == asked and len(found.curve) == 12
    assert found.loss == found.curve[-1] == losses(chip) < 0.6 * before
    assert np.array_equal(chip.weights(), found.weights)


def test_it_repeats_on_any_target() -> None:
    losses = task(8)
    first = evolve(ArrayEmulator(program()), losses, generations=3, seed=5)
    again = evolve(Reference(program()), losses, generations=3, seed=5)
    assert np.array_equal(first.weights, again.weights) and first.curve == again.curve
    assert evolve(ArrayEmulator(program()), losses, generations=3, seed=6).curve != first.curve
    with pytest.raises(GanglionError, match="at least 1 generation and a spread above 0, not 0 and 12"):
        evolve(ArrayEmulator(program()), losses, generations=0, seed=0)
