"""Placement is invisible: a network does the same on 1, 2, 3, 4, 16 and 64 cores, wherever its neurons sit."""

from collections.abc import Iterator

import numpy as np
import pytest

from ganglion.hdl.verilog import chip_verilog
from ganglion.model.compiler import compile_program
from ganglion.model.lockstep import lockstep
from ganglion.model.networks.digits import load
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import ChipError, MismatchError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS, Params, levels_for
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.sim.cocotb_driver import CocotbDriver
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from ganglion.sim.verify import random_stalls, verify
from tests.model.spec.target_calls import Caller, answer

COUNTS = (1, 2, 3, 4, 16)
"""Numbers of cores."""

NETWORKS = 200

STEPS = 12

IMAGES = 2
"""Digits on each chip."""

CORE = PRESETS["tiny"].replace(name="tiny-32", neurons=32, axons=96, synapse_words=160, fanout_entries=256)
"""A core with all options, large enough for a network that is worth dividing."""

ROOMY = CORE.replace(name=CORE.name, axons=192, synapse_words=512)
"""The core that such networks run on, with room for the waste of any placement."""


def chip_of(core: Params, cores: int, **changes: object) -> Params:
    return core.replace(name=f"{core.name}-x{cores}", levels=levels_for(cores), **changes)


def same_on(bench: NativeDriver | CocotbDriver, program: Program, events: Events, seed: int) -> None:
    """Places a network at random, and runs it beside the reference; a difference names cores and seed."""
    rng = np.random.default_rng((seed, bench.params.cores))
    placed = {"placement": "random", "encoding": "random", "rng": rng}
    image = compile_program(program, bench.params, allow_overflow=True, **placed)  # type: ignore[arg-type]
    rtl = Rtl(image, bench, stalls=random_stalls(seed))
    name = f"rtl of {bench.params.cores} core(s), network and placement of seed {seed}"
    lockstep(program, events, rtl, Reference(program), name=name)


@pytest.mark.parametrize("cores", COUNTS)
def test_two_hundred_networks_do_the_same(cores: int) -> None:
    """Noise, delays, refractory periods and all other options on; all state of every step."""
    bench = NativeDriver(chip_of(ROOMY, cores))
    active = 0
    for seed in range(NETWORKS):
        network = random_network(CORE, seed, STEPS)
        same_on(bench, network.program, network.events, seed)
        active += bool(Reference(network.program).run(network.events).spikes.size)
    bench.close()
    assert active > NETWORKS // 2, "most networks should spike"


@pytest.mark.parametrize("cores", COUNTS)
def test_the_digits_do_the_same(cores: int) -> None:
    digits = load()
    bench = NativeDriver(chip_of(PRESETS["small"], cores))
    program = digits.program(report_all=True)
    for number in range(IMAGES):
        same_on(bench, program, digits.encode(digits.test_set(None).inputs[number]), seed=number)
    bench.close()


def test_links_of_any_width_do_the_same() -> None:
    for wires in (8, 32):
        bench = NativeDriver(chip_of(ROOMY, 4, link_bits=wires).replace(name=f"links-{wires}", levels=(2, 2)))
        for seed in range(15):
            network = random_network(CORE, seed, STEPS)
            same_on(bench, network.program, network.events, seed)
        bench.close()


def test_networks_of_many_cores_placed_by_the_compiler() -> None:
    """Networks that need all the cores of a chip with routers of unequal size, on both kinds of placement."""
    verify(chip_of(PRESETS["tiny"], 6), seed=0, networks=40, steps=STEPS)


def test_cocotb_simulates_the_same_chip() -> None:
    bench = CocotbDriver(chip_of(ROOMY, 4))
    for seed in range(3):
        network = random_network(CORE, seed, steps=5)
        same_on(bench, network.program, network.events, seed)
    bench.close()


def test_sixty_four_cores() -> None:
    """Built in one piece per kind of module: the Verilog has each module once."""
    params = chip_of(PRESETS["tiny"], 64)
    verilog = chip_verilog(params)
    assert [verilog.count(f"\nmodule {name}(") for name in ("core", "cluster_1", "cluster_2", "cluster_3")] == [1] * 4
    bench = NativeDriver(params)
    for seed in range(3):
        network = random_network(params.replace(levels=()), seed, STEPS)
        same_on(bench, network.program, network.events, seed)
    bench.close()


@pytest.fixture(scope="module")
def four() -> Iterator[NativeDriver]:
    bench = NativeDriver(chip_of(ROOMY, 4))
    yield bench
    bench.close()


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
    other = chip_of(ROOMY, 4, refractory_bits=3)
    image = compile_program(Program.build(
        params=other, types=random_network(CORE, 1).program.types[:1], threshold=[1], inputs=1,
        pre=[0], post=[1], weight=[1],
    ))  # fmt: skip
    four.params = other  # a host that believes what it was told
    try:
        with pytest.raises(ChipError, match="another chip than this one; field: image, chip: refractory_bits: 3, 2"):
            Rtl(image, four)
    finally:
        four.params = four.chip.params
