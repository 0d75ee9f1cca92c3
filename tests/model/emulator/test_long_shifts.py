"""Decays by shifts longer than 16 bits, which membranes of 36 bits can have."""

import numpy as np
import pytest

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.arithmetic import decay, lowest_terms
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference

CHIP = PRESETS["wide"].replace(decay_bits=35)
EDGE = (1 << 35) - 1
MEMBRANES = (0, 1, -1, 65535, 65536, -65536, -65537, 1 << 31, -(1 << 31), EDGE, -EDGE - 1)


def test_lowest_terms_take_the_same() -> None:
    for m, s in [(0, 7), (4096, 12), (200, 12), (3, 2), (1, 35), (8, 35)]:
        for value in (*MEMBRANES, 12345, -54321):
            assert decay(value, *lowest_terms(m, s)) == decay(value, m, s)
    assert lowest_terms(200, 12) == (25, 9)


@pytest.mark.parametrize("noise", [0, 5])
@pytest.mark.parametrize("refractory", [0, 2])
def test_the_emulator_shifts_as_far_as_the_reference(refractory: int, noise: int) -> None:
    """Both kernels of the update: with the options that need the longer one, and without."""
    decays = [(1, s) for s in (0, 15, 16, 17, 30, 31, 32, 33, 34, 35)] + [(3 << 19, 35), (65535, 35)]
    kinds = tuple(NeuronType(decay=pair, refractory=refractory, noise=noise) for pair in decays)
    pairs = [(kind, v) for kind in range(len(kinds)) for v in MEMBRANES]
    program = Program.build(
        params=CHIP,
        types=kinds,
        threshold=np.full(len(pairs), 1 << 30),
        type=[kind for kind, _ in pairs],
        inputs=0,
        pre=[],
        post=[],
        weight=[],
    )
    targets = Reference(program), Emulator(program)
    for target in targets:
        for neuron, (_, v) in enumerate(pairs):
            target.write("v", neuron, v)
    wanted, got = (target.run(Events.from_steps([[]] * 4), keep_states=True) for target in targets)
    np.testing.assert_array_equal(got.spikes, wanted.spikes)
    for mine, theirs in zip(got.states, wanted.states, strict=True):
        np.testing.assert_array_equal(mine.v, theirs.v)


def test_factors_whose_products_would_not_fit_are_refused() -> None:
    with pytest.raises(ProgramError, match=r"decay \(65537, 20\): m, in lowest terms, is beyond 2\^16"):
        NeuronType(decay=(65537, 20)).check(CHIP)
    NeuronType(decay=(65537 * 2 - 2, 20)).check(CHIP)
