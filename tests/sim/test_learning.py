"""Chips that learn, in lockstep with the reference: weights, tags, traces and all other state after every step."""

from collections.abc import Iterator

import numpy as np
import pytest

from ganglion.model.compiler import Image, compile_program
from ganglion.model.compiler.predict import predict_cycles
from ganglion.model.lockstep import lockstep
from ganglion.model.random_network import RandomNetwork, random_network
from ganglion.model.spec.cycles.sweep import SweepRow, sweep_cycles
from ganglion.model.spec.errors import CapacityError, ProgramError
from ganglion.model.spec.reference import Reference
from ganglion.sim.driver import NO_STALLS, patience
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from ganglion.sim.verify import verify
from tests.model.spec.learning_calls import LearningCaller
from tests.model.spec.target_calls import answer
from tests.sim.chips import LEARNING, LEARNING_CORES, LEARNING_VARIANTS, simulation
from tests.sim.test_cycles import check
from tests.sim.test_lockstep import report


@pytest.fixture(scope="module")
def learning() -> Iterator[NativeDriver]:
    with simulation(LEARNING) as driver:
        yield driver


def learning_networks(count: int) -> Iterator[RandomNetwork]:
    """The first random networks that learn, and have something that does."""
    seed = 0
    while count:
        network = random_network(LEARNING, seed)
        seed += 1
        if network.program.ruled.size:
            count -= 1
            yield network


def spread(network: RandomNetwork, cores: int) -> Image:
    """The image of a network on several cores, its neurons anywhere."""
    placed = {"placement": "random", "encoding": "random", "rng": np.random.default_rng(network.seed)}
    params = LEARNING_CORES[cores]
    return compile_program(network.program, params, allow_overflow=True, **placed)  # type: ignore[arg-type]


def test_random_networks_that_learn(learning: NativeDriver) -> None:
    coverage = verify(LEARNING, seed=0, networks=200, driver=learning)
    report(coverage)
    assert coverage.networks == 200
    assert coverage.missing() == []


def test_a_chip_that_learns_and_the_reference_answer_alike(learning: NativeDriver) -> None:
    """Tags, modulators, other ends of synapses, states of learning; and mistakes in all of them."""
    complaints = 0
    for network in learning_networks(8):
        rtl, reference = Rtl(network.image, learning), Reference(network.program)
        for call in LearningCaller(reference, network.seed).calls(25):
            wanted = answer(reference, call)
            assert answer(rtl, call) == wanted, f"seed {network.seed}: {call}"
            complaints += isinstance(wanted, str)
    assert complaints > 30


@pytest.mark.slow
def test_five_thousand_random_networks_that_learn(learning: NativeDriver) -> None:
    verify(LEARNING, seed=1000, networks=5000, driver=learning)


@pytest.mark.slow
@pytest.mark.parametrize("variant", LEARNING_VARIANTS)
def test_other_sizes(variant: str) -> None:
    params = LEARNING_VARIANTS[variant]
    with simulation(params) as driver:
        report(verify(params, seed=0, networks=100, driver=driver))
        for seed in range(20):
            network = random_network(params, seed)
            check(network.image, network.events, driver, f"seed {seed}")


@pytest.mark.parametrize("cores", [2, *(pytest.param(cores, marks=pytest.mark.slow) for cores in (4, 16))])
def test_the_same_weights_on_several_cores(cores: int) -> None:
    """The networks of one core, and what becomes of their weights, tags and traces, with neurons anywhere."""
    with simulation(LEARNING_CORES[cores]) as driver:
        for network in learning_networks(8):
            image = spread(network, cores)
            between = {step: meddling.apply for step, meddling in network.meddling.items()}
            rtl, right = Rtl(image, driver), Reference(network.program)
            lockstep(network.program, network.events, rtl, right, between=between)
            np.testing.assert_array_equal(rtl.weights(), right.weights())
            check(image, network.events, driver, f"seed {network.seed}")


def test_every_step_takes_the_cycles_that_the_model_predicts(learning: NativeDriver) -> None:
    for seed in range(25):
        network = random_network(LEARNING, seed)
        check(network.image, network.events, learning, f"seed {seed}")


def test_without_states_nobody_knows_what_is_visited(learning: NativeDriver) -> None:
    network = next(learning_networks(1))
    trace = Reference(network.program).run(network.events)
    with pytest.raises(ProgramError, match="run it with keep_states"):
        predict_cycles(network.image, network.events, trace)


def test_it_goes_on_from_any_state(learning: NativeDriver) -> None:
    """Also from the middle of an epoch, and with tags and modulators."""
    for network in learning_networks(8):
        right = Reference(network.program)
        network.meddling[0].apply(right)
        right.run(network.events.part(0, 7))
        rtl = Rtl(network.image, learning)
        rtl.load_state(right.state())
        rest = network.events.part(7, network.events.steps)
        got, wanted = (target.run(rest, keep_states=True) for target in (rtl, right))
        assert got.differences(wanted, network.program.outputs) == [], f"seed {network.seed}"
        assert rtl.state().learned == right.state().learned


def test_a_reset_keeps_what_was_learned(learning: NativeDriver) -> None:
    for network in learning_networks(3):
        rtl, right = Rtl(network.image, learning), Reference(network.program)
        for target in (rtl, right):
            target.run(network.events)
            target.reset()
        np.testing.assert_array_equal(rtl.weights(), right.weights())
        assert rtl.state().learned == 0 and not rtl.state().x1.any() and not rtl.tags().any()


def test_the_host_writes_tags_and_rewires(learning: NativeDriver) -> None:
    rewired = 0
    for network in learning_networks(12):
        program, rng = network.program, np.random.default_rng(network.seed)
        rtl, right = Rtl(network.image, learning), Reference(program)
        some, tagged = rng.permutation(program.synapses)[:3], rng.permutation(program.ruled)[:5]
        post = program.inputs + rng.integers(0, program.neurons, some.size)
        for target in (rtl, right):
            target.run(network.events.part(0, 5))
            target.write_tags(tagged, 3)
            np.testing.assert_array_equal(target.tags(tagged), 3)
        try:
            numbers = rtl.rewire(some, post=post)
        except (CapacityError, ProgramError):
            pass  # no room, or too many synapses of the same ends that round at random: nothing was changed
        else:
            np.testing.assert_array_equal(numbers, right.rewire(some, post=post))
            rewired += 1
        rest = network.events.part(5, network.events.steps)
        got, wanted = (target.run(rest, keep_states=True) for target in (rtl, right))
        assert got.differences(wanted, program.outputs) == [], f"seed {network.seed}"
    assert rewired > 3


def test_a_sweep_of_everything_is_no_chip_that_is_stuck() -> None:
    params = LEARNING.replace(synapse_words=4096, terms=64, rules=1, products=1)
    sweep = sweep_cycles(params, [SweepRow(words=4096 * params.beats, passes=64)])
    assert patience(params, NO_STALLS) > 4 * sweep
