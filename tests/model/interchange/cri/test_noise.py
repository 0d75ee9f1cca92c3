"""Noise: of leaky neurons alone, of the stated amplitude, and never behind a spike."""

from typing import Any

import numpy as np
import pytest

from ganglion.hs_api import ANN_neuron, CRI_network, IF_neuron, LIF_neuron
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.interchange.cri.noise import draws
from ganglion.model.spec.reference import Reference

NEVER = 1 << 34
"""A threshold that nothing here comes to."""


@pytest.mark.parametrize("shift", [-16, -15, -9, -1, 1, 8, 18])
def test_amplitudes(shift: int) -> None:
    """An odd magnitude of 16 bits, shifted, and a sign."""
    drawn = draws(3, 7, np.arange(20_000), np.full(20_000, shift))
    magnitude = np.abs(drawn)
    low, high = (1 << shift, 65535 << shift) if shift > 0 else (0, 65535 >> -shift)
    assert magnitude.min() >= low and magnitude.max() <= high
    if shift == -16:
        assert not drawn.any()
        return
    assert magnitude.max() > 0.99 * high - 1
    if shift > 0:
        assert ((drawn >> shift) % 2 == 1).all() and (drawn % (1 << shift) == 0).all()
    assert abs(drawn.mean()) < 5 * drawn.std() / np.sqrt(drawn.size), "as many of either sign"
    assert shift < -10 or abs(drawn.std() / (high / np.sqrt(3)) - 1) < 0.05, "uniform"


@pytest.mark.parametrize("shift", [-5, 0, 12])
@pytest.mark.parametrize("make", [ANN_neuron, IF_neuron])
def test_models_that_do_not_leak_have_none(make: Any, shift: int) -> None:
    network = CRI_network({"x": [("n", 3)]}, {"n": ([], make(0, shift))}, ["n"])
    assert network.run_cont([[]] * 50) == [] and network.read_membrane(["n"]) == [0]
    assert network.program.params.bias_bits == 2, "a chip without the room for it"


def test_the_host_is_told_who_spiked_of_those_that_it_draws_noise_for() -> None:
    """A chip tells it of outputs alone."""
    models = {"quiet": LIF_neuron(3), "noisy": LIF_neuron(3, -9), "told": LIF_neuron(3), "if": IF_neuron(3, -9)}
    network = CRI_network({}, {key: ([], model) for key, model in models.items()}, ["told"])
    assert network.program.outputs.tolist() == [1, 2]


def test_shift_minus_17_is_silence() -> None:
    network = CRI_network({}, {"n": ([], LIF_neuron(0, -17, 63))}, ["n"])
    assert network.run_cont([[]] * 100) == [] and network.read_membrane(["n"]) == [0]


@pytest.mark.parametrize("backend", [Emulator, Reference])
@pytest.mark.parametrize("leak", [1, 63])
def test_a_step_leaks_and_then_adds(leak: int, backend: Any) -> None:
    keys = list(range(9))
    network = CRI_network({}, {n: ([], LIF_neuron(NEVER, -4, leak)) for n in keys}, [], backend=backend, seed=5)
    v = np.zeros(9, dtype=np.int64)
    assert network.read_membrane(keys) == v.tolist()
    for t in range(12):
        network.step([])
        v = v - (v >> leak if leak < 32 else 0) + draws(5, t, np.arange(9), np.full(9, -4))
        assert network.read_membrane(keys) == v.tolist()


def test_a_neuron_that_has_just_spiked_reads_zero_and_stays_there_for_a_step() -> None:
    network = CRI_network({}, {n: ([], LIF_neuron(0, -2)) for n in range(40)}, range(40))
    before: list[Any] = []
    spikes = 0
    for _ in range(40):
        membranes = dict(zip(range(40), network.read_membrane(range(40)), strict=True))
        assert all(membranes[n] == 0 for n in before)
        fired = network.step([])
        assert fired == [n for n in range(40) if membranes[n] > 0], "what is read is what is tested"
        spikes, before = spikes + len(fired), fired
    assert spikes > 100


def test_a_refractory_neuron_gets_no_noise() -> None:
    network = CRI_network({}, {"n": ([], LIF_neuron(0, -2, refractory_max=3))}, ["n"])
    while not network.step([]):
        pass
    for _ in range(4):
        assert network.read_membrane(["n"]) == [0] and network.step([]) == []
    assert network.read_membrane(["n"]) != [0]


def test_clear_zeroes_membranes_and_lets_noise_go_on() -> None:
    network = CRI_network({}, {n: ([], LIF_neuron(NEVER, -1)) for n in range(5)}, [], seed=2)
    seen = []
    for t in range(8):
        network.step([])
        seen.append(network.read_membrane(range(5)))
        assert seen[-1] == draws(2, t, np.arange(5), np.full(5, -1)).tolist()
        network.clear()
        assert network.read_membrane(range(5)) == [0] * 5
    assert len({tuple(each) for each in seen}) == 8


def test_noise_is_the_same_in_steps_and_at_once() -> None:
    models = {n: LIF_neuron(50, -9, 3, refractory_max=n % 3) for n in range(6)} | {"ann": ANN_neuron(0, 3)}
    connections = {key: ([("ann", 1)], model) for key, model in models.items()}
    stepped, at_once = (CRI_network({}, connections, [0, 1, "ann"], "CRI", seed=4) for _ in range(2))
    results = [stepped.step([]) for _ in range(30)]
    spikes = [(t, key) for t, (fired, _, _) in enumerate(results) for key in fired]
    assert at_once.run_cont([[]] * 30) == (spikes, sum(r[1] for r in results), sum(r[2] for r in results))
    assert "ann" in {key for _, key in spikes} <= {0, 1, "ann"}, "others fire too, and are not told"
