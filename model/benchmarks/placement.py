"""How long a large network takes to place, and how much memory: `python -m ganglion.model.benchmarks.placement`."""

import resource
import sys
import time

import numpy as np
from rich.console import Console

from ganglion.model.compiler.compile import compile_program
from ganglion.model.compiler.image import Image
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


def bench(console: Console) -> tuple[Image, float, float]:
    """Places the large sheet; returns its image, the seconds it took, and the memory of the process at most, in GiB."""
    program = sheet(400, 250, 99)
    began = time.perf_counter()
    image = compile_program(program)
    seconds = time.perf_counter() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    used = len(np.unique(image.neurons.core))
    console.print(
        f"{program.neurons} neurons, {program.synapses} synapses on {used} of {program.params.cores} cores: "
        f"{seconds:.1f} s (at most {SECONDS}), {most:.2f} GiB at most (at most {GIBIBYTES})"
    )
    return image, seconds, most


if __name__ == "__main__":
    _, seconds, most = bench(Console())
    sys.exit(seconds > SECONDS or most > GIBIBYTES)
