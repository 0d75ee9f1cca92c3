"""How long a large network takes to place, and how much memory."""

import resource
import time
from dataclasses import dataclass

import numpy as np

from ganglion.model.compiler.compile import compile_program
from ganglion.model.compiler.image import Image
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

CHIP = Params(
    name="bench",
    neurons=2048,
    axons=8192,
    lanes=4,
    delay_slots=16,
    synapse_words=1 << 16,
    fanout_entries=8192,
    accumulator_bits=24,
    levels=(4, 4, 4),
)
"""64 cores, for 131,072 neurons and 16 million sparse synapses in all."""

SECONDS, GIBIBYTES = 120, 4
"""What 100,000 neurons and 10 million synapses may take."""

SPREAD = 6.0
"""Standard deviation of the way from a neuron to its targets, in neurons, each way along the sheet."""


def sheet(width: int, height: int, fan: int, params: Params = CHIP, seed: int = 0) -> Program:
    """A sheet of neurons, each with targets scattered about it, and an input for every hundredth, with as many targets.

    Args:
        width: neurons along the sheet; number = x + y * width.
        height: neurons across.
        fan: synapses of each neuron and input.
        params: the chip.
        seed: of the synapses.
    """
    rng = np.random.default_rng(seed)
    neurons, inputs = width * height, width * height // 100
    at = np.concatenate((rng.integers(neurons, size=inputs), np.arange(neurons)))
    x, y = at % width, at // width
    shift = np.rint(rng.normal(scale=SPREAD, size=(2, at.size, fan))).astype(np.int64)
    target = (x[:, None] + shift[0]) % width + (y[:, None] + shift[1]) % height * width
    return Program.build(
        params=params,
        types=(NeuronType.leaky(3),),
        neurons=neurons,
        threshold=100,
        inputs=inputs,
        pre=np.repeat(np.arange(at.size), fan),
        post=inputs + target.ravel(),
        weight=rng.integers(-8, 9, size=target.size),
        delay=rng.integers(1, params.delay_slots, size=target.size),
        outputs=np.arange(0, neurons, 10),
        names={"sheet": (0, neurons)},
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacementRate:
    """How long the large sheet took to place, and how much memory."""

    image: Image
    seconds: float
    gibibytes: float
    """Of the process, at most."""

    @property
    def cores(self) -> int:
        """Cores that have neurons."""
        return len(np.unique(self.image.neurons.core))


def measure_placement(progress: Progress = SILENT) -> PlacementRate:
    """Places a sheet of 100,000 neurons with 10 million synapses.

    Args:
        progress: told of the placing.
    """
    program = sheet(400, 250, 99)
    began = time.perf_counter()
    image = compile_program(program, progress=progress)
    seconds = time.perf_counter() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return PlacementRate(image=image, seconds=seconds, gibibytes=most)
