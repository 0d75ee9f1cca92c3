"""What the cycle model is held to: what it says without a change, of networks that `tests/sim` holds to the chip, and
of tables in which much waits for much else. On one core, the models of a core and of a chip say the same."""

from collections.abc import Iterator

import numpy as np

from ganglion.model.compiler import compile_program
from ganglion.model.compiler.predict import predict_steps
from ganglion.model.random_network import random_network
from ganglion.model.spec.cycles.chip import ChipModel
from ganglion.model.spec.cycles.core import CycleModel, Packet
from ganglion.model.spec.cycles.longest import longest_step
from ganglion.model.spec.cycles.sweep import SweepRow, sweep_cycles
from ganglion.model.spec.events import Events
from ganglion.model.spec.packets import Scope
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.tree import route_of
from tests.mutations.patched import Case

TINY, LEARNING = PRESETS["tiny"], PRESETS["tiny-learning"]

TREES = tuple(
    TINY.replace(name="tree", levels=levels, link_bits=bits)
    for levels, bits in (((2, 2), 16), ((4,), 32), ((2, 3), 32), ((3,), 64), ((2, 2, 2), 64))
)

CHIPS = (
    TINY,
    TINY.replace(name="silent", noise=False),
    TINY.replace(name="wide", neurons=32, lanes=4, fanout_entries=64),
    TINY.replace(name="long", neurons=64, lanes=1, fanout_entries=64),
    *TREES,
)

STEPS = 8
"""Of a random network."""


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _networks()
    for seed in range(11):
        for params in CHIPS:
            yield Case(f"tables of {params.name} {params.levels} {seed}", lambda p=params, s=seed: _tables(p, s))
    for seed in range(30):
        yield Case(f"sweep {seed}", lambda seed=seed: _sweep(seed))
    for params in (*CHIPS, LEARNING, LEARNING.replace(stochastic=False), PRESETS["ulx3s-learning"]):
        yield Case(f"longest step of {params.name} {params.levels}", lambda params=params: longest_step(params))


def _networks() -> Iterator[Case]:
    """Steps on chips of one core, of several, and of one that learns."""
    for seed in range(4):
        for network in (random_network(TINY, seed, STEPS), random_network(LEARNING, seed, STEPS)):
            rng, images, program = np.random.default_rng(seed), [network.image], network.program
            if program.learning is None:
                images += [
                    compile_program(program, tree, placement="random", rng=rng, allow_overflow=True)
                    for tree in TREES[:2]
                ]
            crowd = Events.from_steps(rng.integers(0, program.inputs, 24) for _ in range(STEPS))
            for name, events in (("", network.events), (", a crowd", crowd)):
                trace = Reference(program).run(events, keep_states=True)
                for image in images:
                    yield Case(
                        f"{image.params.name} {image.params.levels} {seed}{name}",
                        lambda image=image, events=events, trace=trace: list(predict_steps(image, events, trace)),
                    )


def _tables(params: Params, seed: int) -> object:
    """Some steps of cores with random rows and fan-out entries, the same by both models where there is one core."""
    rng = np.random.default_rng(seed)
    rows = [
        {axon: rng.choice([0, 1, 2, 9], rng.integers(1, 4)).tolist() for axon in range(params.axons)}
        for _ in range(params.cores)
    ]
    fanout = [
        {neuron: [_packet(params, rng) for _ in range(rng.integers(1, 4))] for neuron in range(params.neurons)}
        for _ in range(params.cores)
    ]
    chip, told = ChipModel(params, rows, fanout), []
    core = CycleModel(params, rows[0], fanout[0]) if params.cores == 1 else None
    for _ in range(4):
        share = rng.choice([0, 0.2, 0.9])
        events = [
            Packet(Scope.NOWHERE, int(rng.integers(params.axons)), _route(params, len(params.levels), rng))
            for _ in range(rng.choice([0, 1, 3, 12]))
        ]
        fired = [np.flatnonzero(rng.random(params.neurons) < share).tolist() for _ in range(params.cores)]
        sweeps = rng.integers(0, 9, params.cores).tolist() if rng.random() < 0.5 else None
        told.append(chip.step(events, [each[::-1] for each in fired], sweeps))
        if core:
            axons = [packet.axon for packet in events]
            assert core.step(axons, fired[0], *(sweeps or [])) == told[-1]
    return told


def _packet(params: Params, rng: np.random.Generator) -> Packet:
    scopes = [Scope.NOWHERE, Scope.CORE, Scope.HOST, *(Scope[f"LEVEL_{k + 1}"] for k in range(len(params.levels)))]
    scope = scopes[rng.integers(len(scopes))]
    level = max(0, scope - Scope.LEVEL_1 + 1)
    return Packet(scope, int(rng.integers(params.axons)), _route(params, level, rng))


def _route(params: Params, level: int, rng: np.random.Generator) -> int:
    """Some child of every level up to this one, or several."""
    return route_of(int(rng.integers(1, 1 << size)) for size in params.levels[:level])


def _sweep(seed: int) -> int:
    rng = np.random.default_rng(seed)
    rows = [
        SweepRow(int(rng.integers(0, 6)), int(rng.choice([0, 1, 3])), bool(rng.random() < 0.5))
        for _ in range(rng.choice([1, 2, 6]))
    ]
    return sweep_cycles(TINY, rows)
