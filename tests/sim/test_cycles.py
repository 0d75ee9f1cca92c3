"""The cycle model against the RTL: the same number of cycles in every step, exactly."""

import numpy as np
import pytest

from ganglion.model.compiler import Image, compile_program
from ganglion.model.compiler.predict import predict_cycles
from ganglion.model.networks import digits
from ganglion.model.random_network import random_network
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.reference import Reference
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from tests.sim.test_many_cores import CORE, ROOMY, chip_of
from tests.sim.test_traffic import SIXTEEN, always_firing

TINY = PRESETS["tiny"]

CHIPS = [
    (TINY, 150),
    (TINY.replace(name="tiny-1-lane", lanes=1, synapse_words=96, noise=False), 50),
    (TINY.replace(name="tiny-4-lanes", lanes=4, synapse_words=24, weight_bits=8), 50),
    (PRESETS["small"], 3),
]

TREES = [
    (chip_of(ROOMY, 2), 12),
    (chip_of(ROOMY, 4), 15),
    (chip_of(ROOMY, 16), 5),
    *((ROOMY.replace(name=f"links-{wires}", levels=(2, 2), link_bits=wires), 7) for wires in (8, 32)),
]

IMAGES = 3
"""Digits, of ten steps each."""


def check(image: Image, events: Events, bench: NativeDriver, name: str) -> None:
    """Runs a network on the chip, and compares every step with what the model says."""
    got = Rtl(image, bench, counters=()).run(events).counters["cycles"]
    wanted = predict_cycles(image, events, Reference(image.program).run(events))
    step = int(np.argmax(got != wanted))
    assert np.array_equal(got, wanted), (
        f"{name} on {bench.params.name}: step {step} took {got[step]} cycles, the model says {wanted[step]}"
    )


@pytest.mark.parametrize(("params", "networks"), CHIPS, ids=[params.name for params, _ in CHIPS])
def test_every_step_takes_the_cycles_that_the_model_predicts(params: Params, networks: int) -> None:
    bench = NativeDriver(params)
    for seed in range(networks):
        network = random_network(params, seed)
        check(network.image, network.events, bench, f"seed {seed}")
    bench.close()


@pytest.mark.parametrize(("params", "networks"), TREES, ids=[params.name for params, _ in TREES])
def test_so_it_does_on_several_cores(params: Params, networks: int) -> None:
    """Networks of the size of one core, each of their neurons anywhere on the chip."""
    bench = NativeDriver(params)
    for seed in range(networks):
        network = random_network(CORE, seed)
        placed = {"placement": "random", "encoding": "random", "rng": np.random.default_rng(seed)}
        image = compile_program(network.program, params, allow_overflow=True, **placed)  # type: ignore[arg-type]
        check(image, network.events, bench, f"seed {seed}")
    bench.close()


def test_where_all_streams_meet_in_every_step() -> None:
    """Every neuron of 16 cores fires in every step, to its own core and to one of its own cluster or of another."""
    bench = NativeDriver(SIXTEEN)
    for seed in range(4):
        program = always_firing(SIXTEEN, np.random.default_rng(seed))
        placement = np.stack(np.divmod(np.arange(program.neurons), SIXTEEN.neurons), axis=1)
        image = compile_program(program, placement=placement, allow_overflow=True)
        check(image, Events.from_steps([[0] * (step % 5) for step in range(20)]), bench, f"seed {seed}")
    bench.close()


@pytest.mark.parametrize("placement", ["random", None])
def test_the_digits_on_four_cores(placement: str | None) -> None:
    network = digits.load()
    bench = NativeDriver(chip_of(PRESETS["small"], 4))
    program = network.program(bench.params, report_all=True)
    image = compile_program(program, placement=placement, rng=np.random.default_rng(0))  # type: ignore[arg-type]
    for number, pixels in enumerate(network.test_set(None).inputs[:IMAGES]):
        check(image, network.encode(pixels), bench, f"image {number}, placement {placement}")
    bench.close()
