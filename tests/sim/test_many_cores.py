"""Placement is invisible: a network does the same on 1, 2, 3, 4 and 16 cores, wherever its neurons sit."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from ganglion.model.compiler import compile_program
from ganglion.model.lockstep import Agreement, lockstep
from ganglion.model.networks.digits import load
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import ChipError, MismatchError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import levels_for
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.sim.cocotb_driver import CocotbDriver
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from ganglion.sim.verify import random_stalls, verify
from tests.model.spec.target_calls import Caller, answer
from tests.sim.chips import CORE, NARROW, SIZES, TINY, chip_of, simulation

NETWORKS, MORE = 40, 200
"""Networks on each chip, and in the soak."""

STEPS = 12

IMAGES = 2
"""Digits on each chip."""


def same_on(driver: NativeDriver | CocotbDriver, program: Program, events: Events, seed: int) -> Agreement:
    """Places a network at random, and runs it beside the reference; a difference names cores and seed."""
    rng = np.random.default_rng((seed, driver.params.cores))
    placed = {"placement": "random", "encoding": "random", "rng": rng}
    image = compile_program(program, driver.params, allow_overflow=True, **placed)  # type: ignore[arg-type]
    rtl = Rtl(image, driver, stalls=random_stalls(seed))
    name = f"rtl of {driver.params.cores} core(s), network and placement of seed {seed}"
    return lockstep(program, events, rtl, Reference(program), name=name)


@pytest.fixture(
    scope="module", params=[pytest.param(cores, marks=[pytest.mark.slow] * (cores in (1, 3))) for cores in SIZES]
)
def many(request: pytest.FixtureRequest) -> Iterator[NativeDriver]:
    """Chips of all numbers of cores."""
    with simulation(chip_of(request.param)) as driver:
        yield driver


def check_networks(driver: NativeDriver, count: int) -> None:
    active = 0
    for seed in range(count):
        network = random_network(CORE, seed, STEPS)
        active += bool(same_on(driver, network.program, network.events, seed).wanted.spikes.size)
    assert active > count // 2, "most networks should spike"


def test_networks_do_the_same(many: NativeDriver) -> None:
    """Noise, delays, refractory periods and all other options on; all state of every step."""
    check_networks(many, NETWORKS)


@pytest.mark.slow
def test_two_hundred_networks_do_the_same(many: NativeDriver) -> None:
    """Two hundred networks do the same on chips of 1, 2, 3, 4 and 16 cores, wherever their neurons sit."""
    check_networks(many, MORE)


def test_the_digits_do_the_same(many: NativeDriver) -> None:
    digits = load()
    program = digits.program(many.params, report_all=True)
    for number in range(IMAGES):
        same_on(many, program, digits.encode(digits.test_set(None).inputs[number]), seed=number)


def test_networks_of_many_cores_placed_by_the_compiler() -> None:
    """Networks that need all the cores of a chip with routers of unequal size and narrow links, on both kinds of
    placement."""
    with simulation(NARROW) as driver:
        verify(NARROW, seed=0, networks=40, steps=STEPS, driver=driver)


@pytest.mark.slow
@pytest.mark.parametrize("wires", [16, 32])
def test_links_of_any_width_do_the_same(wires: int) -> None:
    """Two hundred networks of a chip with links of 16 and of 32 wires."""
    verify(NARROW.replace(name=f"links-{wires}", link_bits=wires), seed=0, networks=200, steps=STEPS)


@pytest.mark.slow
def test_cocotb_simulates_the_same_chip() -> None:
    """cocotb simulates a chip of two cores as it does one of one: networks in lockstep with the reference."""
    with closing(CocotbDriver(TINY.replace(name="tiny-x2", levels=levels_for(2)))) as driver:
        for seed in range(3):
            network = random_network(TINY, seed, steps=5)
            same_on(driver, network.program, network.events, seed)


@pytest.mark.slow
@pytest.mark.parametrize("cores", [64, 256])
def test_the_largest_chips(cores: int) -> None:
    """Networks on 64 and on 256 cores."""
    params = TINY.replace(name=f"tiny-x{cores}", levels=levels_for(cores))
    with closing(NativeDriver(params)) as driver:
        for seed in range(10):
            network = random_network(TINY, seed, STEPS)
            same_on(driver, network.program, network.events, seed)


@pytest.fixture(scope="module")
def four() -> Iterator[NativeDriver]:
    with simulation(chip_of(4)) as driver:
        yield driver


def test_state_and_weights_of_every_core_are_read_and_written(four: NativeDriver) -> None:
    program = random_network(CORE, 1).program
    row, core = np.divmod(np.arange(program.neurons), four.params.cores)
    image = compile_program(program, four.params, placement=np.stack((core, row), axis=1), allow_overflow=True)
    assert np.unique(image.neurons.core).size == 4
    rtl, reference = Rtl(image, four), Reference(program)
    assert np.array_equal(rtl.weights(), program.weight)
    rng = np.random.default_rng(1)
    membranes, weights = rng.integers(-100, 100, program.neurons), rng.integers(-8, 8, program.synapses)
    for target in (rtl, reference):
        target.write("v", np.arange(program.neurons), membranes)
        target.write_weights(np.arange(program.synapses), weights)
    assert np.array_equal(rtl.weights(), weights)
    assert np.array_equal(rtl.state().v, membranes) and np.array_equal(rtl.read("v", [5, 2]), membranes[[5, 2]])
    for target in (rtl, reference):
        target.reset()
    assert not rtl.state().v.any()
    for call in Caller(program, seed=2).calls(30):
        assert answer(rtl, call) == answer(reference, call), call


def test_a_difference_names_the_core(four: NativeDriver) -> None:
    network = random_network(CORE, 1)
    row, core = np.divmod(np.arange(network.program.neurons), four.params.cores)
    image = compile_program(network.program, four.params, placement=np.stack((core, row), axis=1), allow_overflow=True)
    wrong = Reference(network.program)
    wrong.threshold[6] = -(1 << CORE.membrane_bits - 1)
    with pytest.raises(MismatchError, match=r"core 2, neuron .* \(number 6\), \w+: rtl has .*, reference has"):
        lockstep(network.program, network.events, Rtl(image, four), wrong)


def test_a_chip_that_says_it_is_another_is_refused(four: NativeDriver) -> None:
    """The chip tells its sizes; an image for others is refused by name."""
    other = chip_of(4).replace(refractory_bits=3)
    image = compile_program(Program.build(
        params=other, types=random_network(CORE, 1).program.types[:1], threshold=[1], inputs=1,
        pre=[0], post=[1], weight=[1],
    ))  # fmt: skip
    four.params = other  # a host that believes what it was told
    try:
        with pytest.raises(ChipError, match="another chip than this one; field: image, chip: refractory_bits: 3, 4"):
            Rtl(image, four)
    finally:
        four.params = four.chip.params
