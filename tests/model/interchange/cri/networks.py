"""Random HiAER-Spike programs."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganglion.model.interchange.cri import ANN_neuron, IF_neuron, LIF_neuron, neuron_model
from ganglion.model.interchange.cri.noise import draws

LEAKS = (0, 1, 2, 3, 7, 15, 16, 17, 20, 30, 31, 32, 33, 36, 62, 63, 64)


@dataclass(frozen=True)
class Case:
    """Dictionaries of a network, and the inputs of each step."""

    axons: dict[Hashable, Any]
    connections: dict[Hashable, Any]
    outputs: list[Hashable]
    inputs: list[list[Hashable]]


def random_case(
    seed: int, neurons: int = 12, axons: int = 6, steps: int = 30, delays: bool = True, noise: bool = False
) -> Case:
    """A network with every option, keys of several types, several synapses between a pair, and weights of all sizes."""
    rng = np.random.default_rng(seed)
    make = (str, lambda n: n, lambda n: ("layer", n), lambda n: n + 0.5, lambda n: frozenset((n, "x")))
    names = [make[int(rng.integers(len(make)))](n) for n in range(neurons)]
    lines = [make[int(rng.integers(len(make)))](1000 + n) for n in range(axons)]

    def synapses(most: int) -> list[Any]:
        found: list[Any] = []
        for _ in range(int(rng.integers(most))):
            scale = int(rng.choice((4, 100, 32768)))
            synapse = (names[int(rng.integers(neurons))], int(rng.integers(-scale // 2, scale)))
            found.append((*synapse, bool(rng.integers(2))) if delays and rng.random() < 0.5 else synapse)
        return found

    connections = {
        name: (synapses(8), random_model(rng, noise), int(rng.integers(4)))
        if rng.random() < 0.3
        else (synapses(8), random_model(rng, noise))
        for name in names
    }
    fires = [[line for line in lines if rng.random() < 0.5] for _ in range(steps)]
    outputs = [name for name in names if rng.random() < 0.7]
    return Case({line: synapses(30) for line in lines}, connections, outputs, fires)


def random_model(rng: np.random.Generator, noise: bool = False) -> neuron_model:
    """Any model; all of them may say that they have noise, which leaky ones have."""
    threshold = int(rng.choice((-1, 0, 3, 50, 5000, 100_000)))
    options = {"refractory_max": int(rng.choice((0, 0, 1, 2, 7))), "delay_value": int(rng.integers(16))}
    kind = int(rng.integers(3))
    shift = int(rng.choice((-17, -16, -12, -3, -1, 1, 9))) if noise else -17
    if kind == 0:
        return ANN_neuron(threshold, shift, **options)
    if kind == 1:
        return IF_neuron(threshold, shift, soft_reset=bool(rng.integers(2)), **options)
    return LIF_neuron(threshold, shift, int(rng.choice(LEAKS)), **options)


def noise_of(case: Case, seed: int) -> Callable[[int, Any], int]:
    """What a neuron draws in a step."""
    numbers = {key: number for number, key in enumerate(case.connections)}

    def draw(step: int, key: Any) -> int:
        shift = case.connections[key][1].shift
        return int(draws(seed, step, np.array([numbers[key]]), np.array([shift]))[0])

    return draw
