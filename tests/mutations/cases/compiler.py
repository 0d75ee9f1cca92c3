"""What the compiler is held to: what comes of it without a change, for networks whose images other tests hold to the
reference and to the chip. Of every image its memories are read back here too: they hold the program and no more."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np

from ganglion.model.compiler import compile as compile_
from ganglion.model.compiler import compile_program, unpack
from ganglion.model.compiler.bounds import accumulator_bounds, check_accumulators
from ganglion.model.compiler.image import Image
from ganglion.model.compiler.layout import Places
from ganglion.model.compiler.loading import differing_rows, loading_packets
from ganglion.model.compiler.usage import Resource
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import CapacityError, GanglionError
from ganglion.model.spec.events import Events
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from tests.model.compiler.place import test_capacity as refused
from tests.model.compiler.place import test_fast as latency
from tests.model.compiler.place.test_many_cores import random_program
from tests.model.compiler.route.test_axons import crowd
from tests.model.compiler.test_encode import ROOMY, busy
from tests.mutations.cases.placement import of_placement
from tests.mutations.patched import Case

TINY, LEARNING = PRESETS["tiny"], PRESETS["tiny-learning"]

TREE = TINY.replace(name="tree", levels=(2, 2))

SHORT = TINY.replace(name="short", axons=6, synapse_words=24)

LEARNING_TREE = LEARNING.replace(name="learning tree", levels=(2, 2))

ENCODINGS = ("auto", "fast", "sparse", "dense", "random")


def cases() -> Iterator[Case]:
    """All of them."""
    yield from of_placement()
    for seed in range(10):
        program = random_network(TINY, seed).program
        for chip in (TINY, TREE, SHORT):
            yield _compiled(f"{chip.name} {seed}", program, chip, seed)
        for chip in (TREE, LEARNING, LEARNING_TREE):
            yield _compiled(f"{chip.name} of its own {seed}", random_network(chip, seed).program, chip, seed)
    for seed, levels in enumerate([(), (2,), (3,), (4,), (4, 2), (2, 1, 3)]):
        yield _compiled(f"{levels} {seed}", random_program(seed, levels), None, seed)
    yield from _of_encodings()
    yield from _for_latency()
    yield from _refusals()
    yield from _bounds()
    yield from _loading()


def _compiled(name: str, program: Program, params: Params | None, seed: int) -> Case:
    chip = params or program.params
    given = np.random.default_rng(seed).permutation(chip.neurons * chip.cores)[: program.neurons]
    places = given if chip.cores == 1 else np.stack(np.divmod(given, chip.neurons), axis=1)
    return _image(
        name,
        lambda: compile_program(
            program,
            params,
            placement=(None, "random", places)[seed % 3],
            encoding=ENCODINGS[seed % 5],
            rng=np.random.default_rng(seed),
            allow_overflow=seed % 4 > 0,
        ),
    )


def _image(name: str, make: Callable[[], Image]) -> Case:
    """All that an image says, which holds its program, or why there is none."""
    return Case(name, lambda: _or_refusal(lambda: _told(make())))


def _or_refusal(make: Callable[[], object]) -> object:
    # What chip would hold a network is found by compiling it for one after the other: that is for other tests.
    with patch.object(compile_, "way_out", lambda program, error: CapacityError(f"{error}, and there is no way out")):
        try:
            return make()
        except GanglionError as error:
            return type(error), str(error), error.at_the_command_line, getattr(error, "needed", None)


def _told(image: Image) -> object:
    program = image.program
    there = np.stack((program.pre, program.post_neuron, program.weight, program.delay), axis=1)[program.weight != 0]
    assert Counter(map(tuple, unpack(image).tolist())) == Counter(map(tuple, there.tolist()))
    assert not any(usage.short for usage in image.usage)
    parts = (image.neurons, image.inputs, image.synapses)
    places = [np.asarray(array).tolist() for part in parts for array in vars(part).values()]
    shares = [usage[resource].share for usage in image.usage for resource in Resource]
    return loading_packets(image).tolist(), places, list(map(str, image.usage)), shares


def _of_encodings() -> Iterator[Case]:
    """Rows of every kind, in memories with room and without."""
    for seed in range(3):
        for encoding in ENCODINGS:
            for axons, words in ((512, 4096), (14, 4096), (512, 90), (9, 70)):
                chip = ROOMY.replace(name="roomy", axons=axons, synapse_words=words)
                yield _image(
                    f"{encoding} rows, {axons} axons, {words} words, {seed}",
                    lambda chip=chip, seed=seed, encoding=encoding: compile_program(
                        busy(chip, seed), encoding=encoding, rng=np.random.default_rng(seed)
                    ),
                )
    for encoding in ENCODINGS:
        yield _image(f"{encoding} rows, and inputs without any", partial(_with_idle_inputs, encoding))
    number = np.arange(64)
    for axons, words, entries in ((240, 1024, 64), (240, 900, 64), (240, 1024, 17), (240, 500, 16), (140, 663, 64)):
        yield _image(
            f"a crowd, {axons} rows, {words} words, {entries} entries",
            lambda axons=axons, words=words, entries=entries: compile_program(
                crowd(axons, words, entries), placement=Places(number // 16, number % 16)
            ),
        )
    yield _image("rows that are fast and take many words", lambda: compile_program(_evenly(), encoding="fast"))


def _with_idle_inputs(encoding: Any) -> Image:
    program = busy(ROOMY, 1)
    more = program.replace(inputs=12, pre=2 * program.pre, post=12 + program.post_neuron)
    return compile_program(more, encoding=encoding, rng=np.random.default_rng(3))


def _evenly() -> Program:
    """Inputs each of which takes one cycle less as a sparse row, and almost twice the words."""
    rng, inputs, lanes = np.random.default_rng(1), 8, latency.CHIP.lanes
    groups = latency.CHIP.neurons // lanes
    driven = [
        rng.permutation(groups)[: groups // 2 - 1] * lanes + lane for _ in range(inputs) for lane in range(lanes)
    ]
    post = np.concatenate(driven)
    return Program.build(
        params=latency.CHIP.replace(name="one", levels=()),
        types=(NeuronType(),),
        threshold=9,
        neurons=latency.CHIP.neurons,
        inputs=inputs,
        pre=np.repeat(np.arange(inputs), post.size // inputs),
        post=inputs + post,
        weight=2,
    )


def _for_latency() -> Iterator[Case]:
    one, full = latency.CHIP.replace(name="one", levels=()), latency.CHIP.replace(name="full", neurons=16)
    for seed in range(2):
        program = latency.sparse(seed)
        for chip in (latency.CHIP, one, full):
            for samples in ([], [latency.run_of(seed)]):
                yield _image(
                    f"latency on {chip.name}, {len(samples)} samples, {seed}",
                    lambda program=program, chip=chip, samples=samples: compile_program(
                        program, chip, aim="latency", samples=samples
                    ),
                )
    tight = latency.CHIP.replace(name="tight", synapse_words=110, axons=60)
    yield _image("latency without room", lambda: compile_program(latency.sparse(1), tight, aim="latency"))
    yield _image(
        "latency, placed at random",
        lambda: compile_program(latency.sparse(1), aim="latency", placement="random", rng=np.random.default_rng(1)),
    )


def _refusals() -> Iterator[Case]:
    """Networks that do not fit, or just do, and calls that cannot be."""
    every = refused.EVERY
    fit: dict[str, dict[str, Any]] = {
        "neurons": {"threshold": np.ones(33, dtype=np.int64)},
        "all neurons": {},
        "types": {"types": (NeuronType(),) * 5},
        "all types": {"types": (NeuronType(),) * 4},
        "axons": {"inputs": 70, "pre": np.arange(70), "post": 70 + np.arange(70) % 32},
        "all axons": {"inputs": 64, "pre": np.arange(64), "post": 64 + np.arange(64) % 32},
        "words": {"pre": np.repeat(every, 9), "post": np.arange(288) % 32},
        "sources": {"pre": every, "post": np.full(32, 17)},
        "sources of some": {"pre": np.tile(every[:17], 2), "post": np.repeat([17, 30], 17)},
        "sixteen sources": {"pre": every[:16], "post": np.full(16, 17)},
        "twins": {"pre": np.full(66, 3), "post": np.repeat([9, 30], 33)},
        "as many twins as words": {"pre": np.full(32, 3), "post": np.full(32, 9)},
        "the same sources twice": {"pre": np.tile(np.arange(10), 2), "post": np.full(20, 17)},
    }
    for name, changes in fit.items():
        yield _image(name, partial(compile_program, refused.network(**changes)))
    for entries in (8, 9, 10):
        chip = refused.CHIP.replace(name="few entries", fanout_entries=entries)
        for outputs in ([], [3, 4], every[:8], every):
            program = refused.network(chip, outputs=outputs)
            yield _image(f"{entries} entries, {len(outputs)} outputs", partial(compile_program, program))
    mixed = every // 8
    mixed[:8:2], mixed[24::2] = 3, 0
    source = np.repeat(every, 8)
    everyone = refused.network(
        refused.CHIP.replace(name="twelve", axons=12), pre=source, post=source // 8 * 8 + np.arange(256) % 8
    )
    for core in (every // 8, mixed, (every // 8)[::-1], every // 8 * 2, every // 8 - 1, every * 0):
        for row in (every % 8, every % 8 + 1, every % 7):
            yield _image(
                f"placed in {core.tolist()}, {row.tolist()}",
                partial(compile_program, everyone, placement=np.stack((core, row), axis=1)),
            )
    one = random_network(TINY, 1).program
    rows = np.arange(one.neurons)
    for placement in (rows, np.zeros((rows.size, 2)), rows[:3], "somewhere", np.full(rows.size, 2)):
        yield _image(f"placement {placement}", partial(compile_program, one, placement=placement))
    calls: list[dict[str, Any]] = [
        {"encoding": "odd"},
        {"encoding": "random"},
        {"placement": "random"},
        {"aim": "size"},
        {"samples": [Events.from_steps([[0]])]},
        {"aim": "latency", "samples": [Events.from_steps([[99]])]},
        {"params": TINY.replace(name="other", membrane_bits=9)},
        {"params": 3},
        {"encoding": "dense", "aim": "latency"},
    ]
    for call in calls:
        yield Case(f"called with {call}", lambda call=call: _or_refusal(lambda: _told(compile_program(one, **call))))
    yield Case("no program", lambda: _or_refusal(lambda: compile_program("x")))  # type: ignore[arg-type]


def _bounds() -> Iterator[Case]:
    """Sums that just stay within an accumulator, and those that just do not."""

    def one(program: Program) -> object:
        bounds = [[each.tolist() for each in accumulator_bounds(program, receptor)] for receptor in (0, 1)]
        return bounds, [_or_refusal(lambda bits=bits: check_accumulators(program, bits)) for bits in range(2, 13)]

    for seed in range(6):
        for chip in (TINY, LEARNING):
            yield Case(f"bounds {chip.name} {seed}", partial(one, random_network(chip, seed).program))


def _loading() -> Iterator[Case]:
    """What is sent to load chips, whole or in part, and to make one image of another."""
    for seed, levels in enumerate([(), (2,), (3,), (2, 2)]):
        program = random_program(seed + 3, levels)
        changed = program.replace(weight=np.where(np.arange(program.synapses) % 3, program.weight, 1))
        less = program.replace(threshold=program.threshold + (np.arange(program.neurons) % 2))

        def loaded(program: Program = program, others: tuple[Program, ...] = (changed, less)) -> object:
            image, *rest = (
                compile_program(each, encoding="sparse", allow_overflow=True) for each in (program, *others)
            )
            told = [loading_packets(image, [memory]).tolist() for memory in image.cores[0].memories]
            found = [
                [part.tolist() for part in differing_rows(*pair, memory)]
                for other in rest
                for pair in ((image, other), (other, image))
                for memory in (Memory.SYNAPSES, Memory.NEURONS)
            ]
            return told, found

        yield Case(f"loading {levels}", loaded)
    few, many = (busy(ROOMY, 0, inputs) for inputs in (2, 4))
    yield Case(
        "rows of one image alone",
        lambda: [
            [part.tolist() for part in differing_rows(*pair, Memory.SYNAPSES)]
            for images in ([compile_program(each) for each in (few, many)],)
            for pair in (images, images[::-1])
        ],
    )
