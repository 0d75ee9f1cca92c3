"""A target with mismatch is wrong in the same way on every target, and tells back what it was told."""

from collections.abc import Sequence

import numpy as np
import pytest

from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.mismatch.distortion import Distortion
from ganglion.model.mismatch.target import Mismatch
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference

PARAMS = PRESETS["tiny"].replace(types=8)


def strong(program: Program, seed: int, **changes: int) -> Distortion:
    return Distortion.draw(
        program, seed=seed, gain=0.6, threshold=0.3, bias=0.1, dead=0.1, stuck=0.1, jitter=2, write_noise=1, **changes
    )


def relay(neurons: int = 1) -> Program:
    """Each input makes its neuron fire one step later."""
    every = np.arange(neurons)
    return Program.build(
        params=PARAMS,
        types=(NeuronType.binary(),),
        neurons=neurons,
        threshold=2,
        inputs=neurons,
        pre=every,
        post=neurons + every,
        weight=5,
    )


@pytest.mark.long
def test_the_same_worse_chip_wherever_it_runs() -> None:
    for seed in range(12):
        network = random_network(PARAMS, seed)
        chips = [Mismatch(network.program, strong(network.program, seed), make) for make in (Reference, Emulator)]
        rng = np.random.default_rng(seed)
        synapses = rng.integers(0, network.program.synapses, 5) if network.program.synapses else np.zeros(0, int)
        for chip in chips:
            chip.write_weights(synapses, 1)
        first, second = (chip.run(network.events, keep_states=True) for chip in chips)
        assert first == second and not list(first.differences(second)), seed
        assert chips[0].run_batch([network.events] * 2) == chips[1].run_batch([network.events] * 2), seed


@pytest.mark.long
def test_what_was_told_is_read_again_and_what_runs_is_worse() -> None:
    program = relay(8)
    chip = Mismatch(program, Distortion.draw(program, seed=5, gain=0.8, threshold=0.5), Emulator)
    assert np.array_equal(chip.weights(), program.weight) and np.array_equal(chip.read("threshold"), program.threshold)
    assert not np.array_equal(chip.inner.weights(), program.weight)
    assert not np.array_equal(chip.inner.read("threshold"), program.threshold)
    chip.write("threshold", [0, 1], [3, 4])
    assert chip.read("threshold", [0, 1]).tolist() == [3, 4]
    assert (chip.inner.read("threshold", [0, 1]) - [3, 4]).tolist() == chip.distortion.threshold_offset[:2].tolist()
    assert chip.run(Events.from_steps([[0]])).ran_on == "emulator with mismatch"


def test_an_event_comes_at_most_so_much_early_or_late_and_none_is_lost() -> None:
    program = relay(8)
    chip = Mismatch(program, Distortion.draw(program, seed=1, jitter=2), ArrayEmulator)
    events = Events.from_steps([[0, 1, 2, 3, 4, 5, 6, 7] if step == 5 else [] for step in range(12)])
    seen = [_steps(chip.run_batch([events])[0].spikes.tolist()) for _ in range(40)]
    assert {step for steps in seen for step in steps} == {4, 5, 6, 7, 8}
    assert all(len(steps) == 8 for steps in seen) and len({tuple(steps) for steps in seen}) > 10
    again = Mismatch(program, chip.distortion, ArrayEmulator)
    assert [_steps(again.run_batch([events])[0].spikes.tolist()) for _ in range(40)] == seen


def _steps(spikes: Sequence[tuple[int, int]]) -> list[int]:
    return [step for step, _ in sorted(spikes, key=lambda spike: spike[1])]


def test_two_writes_of_a_weight_differ_by_the_noise_of_writes() -> None:
    program = relay(8)
    chip = Mismatch(program, Distortion.draw(program, seed=1, write_noise=2), ArrayEmulator)
    found = []
    for _ in range(50):
        chip.write_weights(np.arange(8), 0)
        found.append(chip.inner.weights().tolist())
    assert {value for values in found for value in values} == {-2, -1, 0, 1, 2}
    assert len({tuple(values) for values in found}) > 40 and not chip.weights().any()


def test_upsets_invert_bits_of_weights_until_they_are_written_again() -> None:
    program = relay(64)
    distortion = Distortion.draw(program, seed=6, upsets=3)
    struck = []
    for make in (Reference, Emulator):
        chip = Mismatch(program, distortion, make)
        chip.run_batch([Events.from_steps([[0]])] * 2)
        flipped = np.flatnonzero(chip.inner.weights() != program.weight)
        change = (chip.inner.weights() ^ program.weight)[flipped] & (1 << program.params.weight_bits) - 1
        assert flipped.size == 3 and all(value.bit_count() == 1 for value in change.tolist())
        assert np.array_equal(chip.weights(), program.weight)
        struck.append(chip.inner.weights().tolist())
        chip.run(Events.from_steps([[0]]))
        assert chip.inner.weights().tolist() not in (struck[-1], program.weight.tolist())
        chip.write_weights(np.arange(64), program.weight)
        assert np.array_equal(chip.inner.weights(), program.weight)
    assert struck[0] == struck[1]


def test_a_distortion_of_another_network_is_refused() -> None:
    with pytest.raises(ProgramError, match="of a chip with 1 synapses, the program has 8"):
        Mismatch(relay(8), Distortion.none(relay(1)), Emulator)


@pytest.mark.long
def test_types_that_hold_the_leaks_cannot_be_written() -> None:
    program = relay(8).replace(types=(NeuronType.leaky(2), NeuronType.leaky(1)))
    chip = Mismatch(program, Distortion.draw(program, seed=1, leak=0.5), Emulator)
    with pytest.raises(ProgramError, match="so their types cannot be written"):
        chip.write("type", 0, 1)
