"""Bits inverted between two steps: the same on every target, and only those that are there."""

import numpy as np
import pytest

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.reference import Reference
from ganglion.model.upsets import WEIGHT, Upset, run_with_upsets, stored_fields, upset

TINY = PRESETS["tiny"]


@pytest.mark.parametrize("seed", range(5))
def test_an_upset_run_is_the_same_on_reference_and_emulator(seed: int) -> None:
    network, rng = random_network(TINY, seed), np.random.default_rng(seed)
    program, upsets = network.program, []
    for name, field in stored_fields(TINY).items():
        things = program.synapses if name == WEIGHT else program.neurons
        if name != "type" and things:
            step, index, bit = rng.integers((network.events.steps, things, field.width)).tolist()
            upsets.append(Upset(step, name, index, bit))
    one, other = Reference(program), Emulator(program)
    for mine, theirs in zip(
        run_with_upsets(one, network.events, upsets), run_with_upsets(other, network.events, upsets), strict=True
    ):
        assert mine == theirs, f"seed {seed}"
    for name, array in one.state().arrays().items():
        assert np.array_equal(array, other.state().arrays()[name]), f"seed {seed}: {name}"
    assert np.array_equal(one.weights(), other.weights())


def test_an_upset_inverts_one_bit_and_a_second_one_takes_it_back() -> None:
    target = Reference(random_network(TINY, 1).program)
    before = target.read("v")
    upset(target, "v", 2, TINY.membrane_bits - 1)
    assert target.read("v")[2] == before[2] - (1 << TINY.membrane_bits - 1)
    upset(target, "v", 2, TINY.membrane_bits - 1)
    assert np.array_equal(target.read("v"), before)


@pytest.mark.parametrize(
    ("field", "index", "bit", "message"),
    [
        ("x", 0, 0, "'x' is not stored; v, "),
        ("v", 0, 8, "bit 8 of 'v': it has 8, from 0 on"),
        ("v", 99, 0, "neuron must be"),
    ],
)
def test_what_is_not_there_is_refused(field: str, index: int, bit: int, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        upset(Reference(random_network(TINY, 1).program), field, index, bit)


def test_an_upset_behind_the_run_is_refused_before_it_begins() -> None:
    network = random_network(TINY, 1)
    target = Reference(network.program)
    with pytest.raises(ProgramError, match="the run has 20 steps"):
        run_with_upsets(target, network.events, [Upset(20, "v", 0, 0)])
    assert target.t == 0
