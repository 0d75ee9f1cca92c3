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
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace
from tests.mutations.kernels import KERNELS, as_python
from tests.mutations.outcome import Outcome
from tests.mutations.patched import Mutant, measure

TINY = PRESETS["tiny"]

ARITHMETIC = (
    TINY,
    PRESETS["tiny-learning"],
    TINY.replace(name="narrow", accumulator_bits=5),
    TINY.replace(name="short", membrane_bits=16, current_bits=16, adaptation_bits=16, accumulator_bits=16),
    TINY.replace(name="long", membrane_bits=24, current_bits=24, adaptation_bits=24, accumulator_bits=24),
)
"""Chips that the emulator's arithmetic tells apart."""

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

    cases = [(n.program, n.events) for k in range(2) for n in (random_network(chip, k, STEPS) for chip in ARITHMETIC)]
    cases.append(_several_blocks())

    def runs(target: Target, events: Events) -> list[Trace]:
        # Without states, the emulator may hand over to what is compiled alone.
        traces = [target.run(events, keep_states=True)]
        traces += [] if target.program.learning else target.run_batch([events, events])
        return [*traces, target.run(events, keep_states=True)]

    def check(k: int) -> object:
        program, events = cases[k]
        emulator = Emulator(program)
        return runs(emulator, events), dict(emulator.counters())

    right = []
    for program, events in cases:
        first, *batch, last = runs(Reference(program), events)
        right.append(([first, *batch, last], {name: first.total(name) + last.total(name) for name in first.counters}))
    return measure("kernels", _modules(KERNELS, OF_KERNELS), check, right, count, seed, _track("kernels"))


def compiler(count: int, seed: int) -> Outcome:
    """From a program to the packets that load it, for chips of one core and of four, and what is said of a program
    that does not fit."""
    from ganglion.model.compiler import compile_program
    from ganglion.model.compiler.loading import loading_packets

    tree = TINY.replace(name="tree", levels=(2, 2))
    chips = [TINY, tree, TINY.replace(name="short", axons=6, synapse_words=24)]
    cases = [(random_network(TINY, k).program, chip, k) for k in range(8) for chip in chips]
    cases += [(random_network(tree, k).program, tree, k) for k in range(8)]

    def check(k: int) -> object:
        program, params, seed = cases[k]
        rng = np.random.default_rng(seed)
        given = rng.permutation(params.neurons * params.cores)[: program.neurons]
        placement = (None, "random", given, None)[seed % 4]
        encoding = ("auto", "sparse", "dense", "random")[seed // 2 % 4]
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
    from ganglion.model.spec.cycles.longest import longest_step

    trees = [TINY.replace(name="tree", levels=levels, link_bits=bits) for levels, bits in (((2, 2), 16), ((4,), 32))]
    runs = []
    for k in range(6):
        for network in (random_network(TINY, k, STEPS), random_network(PRESETS["tiny-learning"], k, STEPS)):
            rng, images, program = np.random.default_rng(k), [network.image], network.program
            if program.learning is None:
                images += [
                    compile_program(program, tree, placement="random", rng=rng, allow_overflow=True) for tree in trees
                ]
            crowd = Events.from_steps(rng.integers(0, program.inputs, 24) for _ in range(STEPS))
            for events in (network.events, crowd):
                trace = Reference(program).run(events, keep_states=True)
                runs += [(image, events, trace) for image in images]

    def check(k: int) -> object:
        return list(predict_steps(*runs[k])), longest_step(runs[k][0].params)

    right = [check(k) for k in range(len(runs))]
    modules = _modules("ganglion.model.spec.cycles", OF_CYCLES)
    return measure("cycles", modules, check, right, count, seed, _track("cycles"))


def _several_blocks() -> tuple[Program, Events]:
    """A network of more neurons than a block of the emulator has."""
    rng, neurons, inputs = np.random.default_rng(0), 530, 4
    program = Program.build(
        params=Params(name="narrow", delay_slots=8, current_bits=16, adaptation_bits=16, noise=True, decay_bits=16),
        types=(NeuronType.leaky(3), NeuronType.current_based((1, 4), (3, 5), refractory=2, noise=8)),
        threshold=rng.integers(0, 300, neurons),
        bias=rng.integers(-10, 60, neurons),
        type=np.arange(neurons) // 500,
        inputs=inputs,
        pre=rng.integers(0, inputs + neurons, 2000),
        post=inputs + rng.integers(0, neurons, 2000),
        weight=rng.integers(-128, 128, 2000),
        delay=rng.integers(1, 8, 2000),
    )
    return program, Events.from_steps(rng.integers(0, inputs, 6) for _ in range(3))


def _places(image: Image) -> tuple[bytes, ...]:
    """Where neurons and synapses sit, and where inputs go."""
    parts = (image.neurons, image.inputs, image.synapses)
    return tuple(np.asarray(array).tobytes() for part in parts for array in vars(part).values())


def _modules(package: str, names: Sequence[str]) -> list[ModuleType]:
    return [import_module(f"{package}.{name}") for name in names]


def _track(part: str) -> Callable[[Sequence[Mutant]], Iterable[Mutant]]:
    """Shows how far the mutants are."""
    return lambda mutants: track(mutants, part, console=Console(stderr=True))
