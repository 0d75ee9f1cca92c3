"""Mutants of the emulator's kernels, of the compiler and of the cycle model, and the checks that see them.

Kernels are held to the reference, on random networks. The compiler and the cycle model are held to what they themselves
give without a change, for programs that `tests/sim` holds to the reference and to the cycles of the chip.
"""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from types import ModuleType

import numpy as np
from rich.console import Console
from rich.progress import track

from ganglion.model.compiler.image import Image
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.reference import Reference
from tests.mutations.kernels import KERNELS, as_python
from tests.mutations.outcome import Outcome
from tests.mutations.patched import Mutant, measure

TINY = PRESETS["tiny"]

STEPS = 8
"""Of a random network."""

OF_KERNELS = ("deliver", "events", "noise", "run", "store", "update", "learn", "plastic", "sweep", "traces")

OF_COMPILER = (
    "assemble",
    "bounds",
    "capacity",
    "compile",
    "loading",
    "pack.encode",
    "pack.kinds",
    "pack.memories",
    "pack.rows",
    "place.automatic",
    "place.load",
    "place.neurons",
    "place.partition",
    "place.repair",
    "placing",
    "route.axons",
    "route.cover",
    "route.fanout",
    "usage",
)

OF_CYCLES = ("chip", "core", "longest", "router", "streams", "sweep")


def kernels(count: int, seed: int) -> Outcome:
    """The emulator's kernels, on one thread."""
    as_python()
    from ganglion.model.emulator.emulator import Emulator

    networks = [random_network(PRESETS[name], k, STEPS) for k in range(12) for name in ("tiny", "tiny-learning")]
    right = [Reference(network.program).run(network.events, keep_states=True) for network in networks]

    def check(k: int) -> object:
        return Emulator(networks[k].program).run(networks[k].events, keep_states=True)

    return measure("kernels", _modules(KERNELS, OF_KERNELS), check, right, count, seed, _track("kernels"))


def compiler(count: int, seed: int) -> Outcome:
    """From a program to the packets that load it, for chips of one core and of four, and what is said of a program
    that does not fit."""
    from ganglion.model.compiler import compile_program
    from ganglion.model.compiler.loading import loading_packets

    chips = [TINY, TINY.replace(name="tree", levels=(2, 2)), TINY.replace(name="short", axons=6, synapse_words=24)]
    programs = [random_network(TINY, k).program for k in range(8)]
    cases = [(program, chip, k) for k, program in enumerate(programs) for chip in chips]

    def check(k: int) -> object:
        program, params, seed = cases[k]
        rng = np.random.default_rng(seed)
        placement, encoding = (None, "random")[seed % 2], ("auto", "sparse", "dense", "random")[seed // 2 % 4]
        try:
            image = compile_program(
                program, params, placement=placement, encoding=encoding, rng=rng, allow_overflow=seed % 3 == 0
            )
        except GanglionError as error:
            return str(error)
        return loading_packets(image).tobytes(), _places(image), repr(image.usage)

    right = [check(k) for k in range(len(cases))]
    modules = _modules("ganglion.model.compiler", OF_COMPILER)
    return measure("compiler", modules, check, right, count, seed, _track("compiler"))


def cycles(count: int, seed: int) -> Outcome:
    """What steps take, on chips of one core, of four, and of one that learns."""
    from ganglion.model.compiler import compile_program
    from ganglion.model.compiler.predict import predict_steps

    tree = TINY.replace(name="tree", levels=(2, 2), link_bits=16)
    runs = []
    for k in range(5):
        for network in (random_network(TINY, k, STEPS), random_network(PRESETS["tiny-learning"], k, STEPS)):
            images = [network.image]
            if network.program.learning is None:
                rng = np.random.default_rng(k)
                images.append(compile_program(network.program, tree, placement="random", rng=rng, allow_overflow=True))
            trace = Reference(network.program).run(network.events, keep_states=True)
            runs += [(image, network.events, trace) for image in images]

    def check(k: int) -> object:
        return list(predict_steps(*runs[k]))

    right = [check(k) for k in range(len(runs))]
    modules = _modules("ganglion.model.spec.cycles", OF_CYCLES)
    return measure("cycles", modules, check, right, count, seed, _track("cycles"))


def _places(image: Image) -> tuple[bytes, ...]:
    """Where neurons sit, and where inputs go."""
    arrays = (image.neurons.core, image.neurons.row, image.inputs.start, image.inputs.route, image.inputs.axon)
    return tuple(np.asarray(array).tobytes() for array in arrays)


def _modules(package: str, names: Sequence[str]) -> list[ModuleType]:
    return [import_module(f"{package}.{name}") for name in names]


def _track(part: str) -> Callable[[Sequence[Mutant]], Iterable[Mutant]]:
    """Shows how far the mutants are."""
    return lambda mutants: track(mutants, part, console=Console(stderr=True))
