"""Random networks that reach every corner of a chip, each from one seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ganglion.model.compiler import Image
from ganglion.model.compiler.placing import place_program
from ganglion.model.random_learning import Meddling, random_learning, random_meddling, random_rules
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.decay import AT_ONCE, NEVER
from ganglion.model.spec.errors import CapacityError, ParamsError
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.noise_constants import NOISE_BITS
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

STEPS = 20
"""Steps of a random run."""

ENCODINGS = ("auto", "sparse", "dense", "random")


@dataclass(frozen=True, eq=False)
class RandomNetwork:
    """A network, where it sits, and what happens to it."""

    seed: int
    image: Image
    encoding: str
    events: Events
    meddling: Mapping[int, Meddling] = field(default_factory=dict)
    """What the host does before steps, where the network learns."""

    @property
    def program(self) -> Program:
        """The network."""
        return self.image.program


@explained(ParamsError)
def random_network(params: Params, seed: int, steps: int = STEPS) -> RandomNetwork:
    """The network of a seed; always the same for the same params, seed and steps.

    Its size is drawn first; where the chip is too small for what was drawn, a part of the synapses is left out.
    """
    rng = np.random.default_rng((seed, 0x6E))
    room = params.neurons * params.cores
    neurons = int(rng.integers(1, room + 1)) if rng.random() < 0.5 else room
    inputs = int(rng.integers(1, max(2, params.axons // 2 + 1)))
    types = tuple(_type(params, rng) for _ in range(rng.integers(1, params.types + 1)))
    placement = "random" if rng.random() < 0.5 else None
    encoding = str(rng.choice(ENCODINGS))
    source, target, weight, delay = _synapses(params, inputs, neurons, rng)
    type_of, threshold = rng.integers(0, len(types), neurons), _thresholds(params, neurons, rng)
    bias = np.where(rng.random(neurons) < 0.5, 0, _integers(rng, params.bias_bits, neurons))
    outputs = None if rng.random() < 0.8 else rng.permutation(neurons)[: rng.integers(0, neurons + 1)]
    noise_seed = int(rng.integers(1 << 32))
    keep = np.arange(source.size)
    learns = np.random.default_rng((seed, 0x1E))
    learning = None
    if params.products and learns.random() < 0.9:
        learning, types = random_learning(params, types, learns)
        rule, receptor, weight = random_rules(learning, params, learns, source, target, weight)
    while True:
        learned: dict[str, Any] = {}
        if learning is not None:
            learned = {"learning": learning, "rule": rule[keep], "receptor": receptor[keep]}
        program = Program.build(
            params=params,
            types=types,
            threshold=threshold,
            bias=bias,
            type=type_of,
            inputs=inputs,
            pre=source[keep],
            post=inputs + target[keep],
            weight=weight[keep],
            delay=delay[keep],
            outputs=outputs,
            seed=noise_seed,
            **learned,
            names={"left": (0, neurons // 2), "right": (neurons // 2, neurons - neurons // 2)},
        )
        try:
            image = place_program(program, encoding, placement, rng)  # type: ignore[arg-type]
        except CapacityError:
            # Rows, words or fan-out entries are short: whole sources go, or synapses of all of them.
            if rng.random() < 0.5:
                keep = keep[source[keep] != rng.choice(source[keep])]
            else:
                keep = keep[rng.random(keep.size) < 0.8]
            continue
        meddling = {} if learning is None else random_meddling(params, steps, learns)
        return RandomNetwork(seed, image, encoding, _events(inputs, steps, rng), meddling)


def _integers(rng: np.random.Generator, bits: int, size: int) -> IntArray:
    """Signed numbers of so many bits: the extremes, small ones, and any."""
    low, high = signed_range(bits)
    small = min(-low, 8)
    choices = np.stack(
        (
            rng.choice([low, high, 0, 1, -1], size),
            rng.integers(-small, small, size),
            rng.integers(low, high + 1, size),
        )
    )
    picked: IntArray = choices[rng.integers(0, 3, size), np.arange(size)]
    return picked


def _decay(params: Params, rng: np.random.Generator) -> tuple[int, int]:
    shift = int(rng.integers(1, params.decay_bits + 1))
    factor = int(rng.integers(0, (1 << shift) + 1))
    pairs = (NEVER, AT_ONCE, (1, shift), (factor, shift))
    return pairs[rng.integers(len(pairs))]


def _type(params: Params, rng: np.random.Generator) -> NeuronType:
    def one(bits: int) -> int:
        return int(_integers(rng, bits, 1)[0])

    options: dict[str, object] = {}
    if params.current_bits and rng.random() < 0.5:
        options["current_decay"] = _decay(params, rng)
    if params.adaptation_bits and rng.random() < 0.5:
        options |= {"adaptation_decay": _decay(params, rng), "adaptation_raise": one(params.adaptation_bits)}
    if params.noise and rng.random() < 0.5:
        options["noise"] = int(rng.integers(1, min(NOISE_BITS, params.membrane_bits) + 1))
    return NeuronType(
        decay=_decay(params, rng),
        reset=str(rng.choice(["value", "subtract"])),
        v_reset=one(params.membrane_bits) if rng.random() < 0.5 else 0,
        refractory=(0, 1, int(rng.integers(0, 1 << params.refractory_bits)))[rng.integers(3)],
        **options,  # type: ignore[arg-type]
    )


def _thresholds(params: Params, neurons: int, rng: np.random.Generator) -> IntArray:
    """Low enough that most networks stay awake; some negative, some extreme."""
    reach = 1 << min(params.membrane_bits - 2, params.weight_bits + 1)
    usual = rng.integers(0, reach, neurons)
    threshold: IntArray = np.where(rng.random(neurons) < 0.7, usual, _integers(rng, params.membrane_bits, neurons))
    return threshold


def _synapses(
    params: Params, inputs: int, neurons: int, rng: np.random.Generator
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Source, target, weight and delay of the synapses wanted: few, many, or more than the memory holds."""
    sources = inputs + neurons
    room = params.synapse_words * params.lanes * params.cores
    count = (int(rng.integers(0, 8)), int(rng.integers(0, room // 2 + 1)), room // 2, room)[rng.integers(4)]
    used = rng.permutation(sources)[: rng.integers(1, min(sources, params.axons) + 1)]
    source, target = rng.choice(used, count), rng.integers(0, neurons, count)
    delay = rng.integers(1, params.delay_slots, count)
    if rng.random() < 0.4:
        # Whole layers of one delay, which is what dense rows are for.
        source = np.concatenate((np.repeat(used, neurons), source))[: max(count, 1)]
        target = np.concatenate((np.tile(np.arange(neurons), used.size), target))[: max(count, 1)]
        delay = np.full(source.size, rng.integers(1, params.delay_slots))
    if source.size > 1:
        # Twins: the same pair again, with the same delay or another.
        twins = rng.integers(0, source.size, source.size // 8)
        source[: twins.size], target[: twins.size] = source[twins], target[twins]
    if rng.random() < 0.5:
        itself = (source >= inputs) & (rng.random(source.size) < 0.1)
        target[itself] = source[itself] - inputs
    return source, target, _integers(rng, params.weight_bits, source.size), delay


def _events(inputs: int, steps: int, rng: np.random.Generator) -> Events:
    """Silence, single events, and bursts in which an axon fires many times in a step."""

    def step() -> IntArray:
        kind = rng.integers(4)
        if kind == 0:
            return np.zeros(0, dtype=np.int64)
        if kind == 1:
            return np.repeat(rng.integers(0, inputs, 1), rng.integers(1, 12))
        return rng.integers(0, inputs, rng.integers(1, min(inputs, 16) + 2))

    return Events.from_steps([step() for _ in range(steps)])
