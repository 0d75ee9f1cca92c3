"""The cycle model against the RTL: the same number of cycles in every step, and the same counts of them, exactly."""

import numpy as np
import pytest

from ganglion.model.compiler import Image, compile_program
from ganglion.model.compiler.predict import predict_steps
from ganglion.model.networks import digits
from ganglion.model.random_network import random_network
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.registers import Counter
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from tests.sim.chips import CORE, NARROW, VARIANTS, chip_of, simulation
from tests.sim.test_traffic import always_firing, in_order

CHIPS = [
    (PRESETS["tiny"], 30),
    (VARIANTS["one lane"], 10),
    (VARIANTS["four lanes"], 10),
    (VARIANTS["eight lanes, no options"], 10),
    (PRESETS["small"], 1),
    (NARROW, 6),
]
"""Chips, and networks on each: in the soak, twenty times as many."""

CORES = {2: 3, 4: 4, 16: 2}
"""Numbers of cores, and networks on each; as above."""

MORE = 20

IMAGES = 3
"""Digits, of ten steps each."""


def check(image: Image, events: Events, driver: NativeDriver, name: str) -> None:
    """Runs a network on the chip, and compares every step with what the model says."""
    got = Rtl(image, driver, counters=(Counter.UPDATE_CYCLES, Counter.DELIVER_CYCLES)).run(events).counters
    trace = Reference(image.program).run(events, keep_states=image.program.learning is not None)
    model = predict_steps(image, events, trace)
    wanted = {
        "cycles": [step.step for step in model],
        "update_cycles": [step.update * image.params.cores for step in model],
        "deliver_cycles": [step.deliver for step in model],
    }
    for counter, cycles in wanted.items():
        step = int(np.argmax(got[counter] != cycles))
        assert np.array_equal(got[counter], cycles), (
            f"{name} on {driver.params.name}: {counter} of step {step} are {got[counter][step]}, the model says "
            f"{cycles[step]}"
        )


def check_networks(params: Params, networks: int) -> None:
    """Networks drawn for a chip, compiled as they come."""
    with simulation(params) as driver:
        for seed in range(networks):
            network = random_network(params, seed)
            check(network.image, network.events, driver, f"seed {seed}")


def check_cores(cores: int, networks: int) -> None:
    """Networks of the size of one core, each of their neurons anywhere on the chip."""
    params = chip_of(cores)
    with simulation(params) as driver:
        for seed in range(networks):
            network = random_network(CORE, seed)
            placed = {"placement": "random", "encoding": "random", "rng": np.random.default_rng(seed)}
            image = compile_program(network.program, params, allow_overflow=True, **placed)  # type: ignore[arg-type]
            check(image, network.events, driver, f"seed {seed}")


@pytest.mark.parametrize(("params", "networks"), CHIPS, ids=[params.name for params, _ in CHIPS])
def test_every_step_takes_the_cycles_that_the_model_predicts(params: Params, networks: int) -> None:
    check_networks(params, networks)


@pytest.mark.parametrize("cores", CORES)
def test_so_it_does_on_several_cores(cores: int) -> None:
    check_cores(cores, CORES[cores])


@pytest.mark.slow
@pytest.mark.parametrize(("params", "networks"), CHIPS, ids=[params.name for params, _ in CHIPS])
def test_more_networks_take_the_cycles_that_the_model_predicts(params: Params, networks: int) -> None:
    """The cycle model says how long every step of more random networks takes, on one core and on six."""
    check_networks(params, MORE * networks)


@pytest.mark.slow
@pytest.mark.parametrize("cores", CORES)
def test_more_networks_do_so_on_several_cores(cores: int) -> None:
    """The cycle model says how long every step of more random networks takes on 2, 4 and 16 cores."""
    check_cores(cores, MORE * CORES[cores])


def test_where_all_streams_meet_in_every_step() -> None:
    """Every neuron of 16 cores fires in every step, to its own core and to one of its own cluster or of another."""
    params = chip_of(16)
    with simulation(params) as driver:
        for seed in range(4):
            image = in_order(always_firing(params, np.random.default_rng(seed)))
            check(image, Events.from_steps([[0] * (step % 5) for step in range(20)]), driver, f"seed {seed}")


@pytest.mark.parametrize("placement", ["random", None])
def test_the_digits_on_four_cores(placement: str | None) -> None:
    network = digits.load()
    params = chip_of(4)
    program = network.program(params, report_all=True)
    image = compile_program(program, placement=placement, rng=np.random.default_rng(0))  # type: ignore[arg-type]
    with simulation(params) as driver:
        for number, pixels in enumerate(network.test_set(None).inputs[:IMAGES]):
            check(image, network.encode(pixels), driver, f"image {number}, placement {placement}")
