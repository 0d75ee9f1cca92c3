"""The array simulation in integers is the reference; the one in floats is the same step."""

import numpy as np
import pytest

from ganglion.model.compiler.network import Network
from ganglion.model.compiler.quantize.flat import flatten
from ganglion.model.compiler.quantize.simulate import as_raster, simulate
from ganglion.model.spec.errors import EventError
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference

TYPES = (
    NeuronType.leaky(2, reset="subtract", refractory=1),
    NeuronType.current_based((1, 3), (3, 3), v_reset=-5),
    NeuronType.adaptive((1, 2), (1, 4), 13),
    NeuronType.integrate_and_fire(refractory=3),
    NeuronType.binary(),
)


def random_program(rng: np.random.Generator) -> Program:
    params = PRESETS["tiny"].replace(types=8)
    neurons, inputs, synapses = 12, 6, 90
    return Program.build(
        params=params,
        types=TYPES,
        type=rng.integers(0, len(TYPES), neurons),
        threshold=rng.integers(-2, 40, neurons),
        bias=rng.integers(-4, 5, neurons),
        inputs=inputs,
        pre=rng.integers(0, inputs + neurons, synapses),
        post=inputs + rng.integers(0, neurons, synapses),
        weight=rng.integers(-8, 8, synapses),
        delay=rng.integers(1, params.delay_slots, synapses),
    )


@pytest.mark.parametrize("seed", range(12))
def test_integers_are_the_reference(seed: int) -> None:
    """Spikes and membranes of random programs that saturate and wrap, step by step."""
    rng = np.random.default_rng(seed)
    program = random_program(rng)
    raster = rng.poisson(0.7, (3, 40, program.inputs))
    run = simulate(program, raster, membranes=np.arange(program.neurons))
    for sample in range(3):
        reference = Reference(program)
        trace = reference.run(Events.from_raster(raster[sample]), keep_states=True)
        assert np.argwhere(run.spikes[sample]).tolist() == trace.spikes.tolist()
        assert run.membranes[sample].tolist() == [state.v.tolist() for state in trace.states]
    assert run.spikes.any()
    assert seed or (np.abs(run.membranes) == 127).any(), "seed 0 saturates"


def test_floats_are_the_same_step() -> None:
    """Parameters that floats hold exactly, and no rounding: floats and integers must agree in every step."""
    network = Network()
    network.input("in", 4)
    network.population("a", 6, threshold=8, reset="subtract", refractory=1)
    network.population("b", 5, threshold=[3, 4, 5, 6, 7], v_reset=-2, bias=1)
    rng = np.random.default_rng(5)
    network.all_to_all("in", "a", rng.integers(-1, 8, (6, 4)), delay=rng.integers(1, 4, (6, 4)))
    network.random("a", "b", 0.6, 3, seed=2)
    network.sparse("b", "a", ([0, 0, 3], [1, 1, 4], [2, 2, -4]), delay=[1, 2, 3])
    flat = flatten(network)
    program = Program.build(
        params=PRESETS["board"],
        types=(NeuronType(reset="subtract", refractory=1), NeuronType(v_reset=-2)),
        type=[0] * 6 + [1] * 5,
        threshold=flat.threshold.astype(int),
        bias=flat.bias.astype(int),
        inputs=4,
        pre=flat.pre,
        post=4 + flat.post_neuron,
        weight=flat.weight.astype(int),
        delay=flat.delay,
    )
    raster = rng.poisson(0.5, (4, 60, 4))
    every = np.arange(11)
    floats, integers = simulate(flat, raster, membranes=every), simulate(program, raster, membranes=every)
    assert floats.spikes.any(axis=(0, 1)).all()
    assert np.array_equal(floats.spikes, integers.spikes)
    assert np.array_equal(floats.membranes, integers.membranes)


def test_the_leak_of_floats_is_not_rounded_down() -> None:
    """A bias of 1 and a leak of 1/4: without rounding v goes to 4 from below, so it passes 3.99 and never 4."""
    for threshold, fires in ((3.99, True), (4.0, False)):
        network = Network()
        network.input("in", 1)
        network.population("one", 1, threshold=threshold, bias=1, decay=0.25, reset="subtract")
        assert simulate(flatten(network), np.zeros((1, 60, 1))).spikes.any() == fires


def test_noise_is_that_of_the_reference() -> None:
    program = random_program(np.random.default_rng(3)).replace(
        params=PRESETS["tiny"].replace(types=8, noise=True), types=(*TYPES[:-1], NeuronType(noise=5)), seed=9
    )
    run = simulate(program, np.zeros((2, 30, program.inputs)))
    events = Events.from_steps([[]] * 30)
    spikes = Reference(program).run(events).spikes.tolist()
    assert np.argwhere(run.spikes[1]).tolist() == spikes
    assert Reference(program.replace(seed=10)).run(events).spikes.tolist() != spikes


def test_moments_and_reach() -> None:
    network = Network()
    network.input("in", 2)
    network.readout("sum", 1)
    network.all_to_all("in", "sum", [[1.5, -4]])
    run = simulate(flatten(network), [[[1, 0], [3, 0], [0, 1], [0, 0]]], membranes=[0])
    assert run.mean.tolist() == [1, 0.25, 0]
    assert run.variance.tolist() == [1.5, 0.1875, 0]
    assert run.membranes[0, :, 0].tolist() == [0, 1.5, 6, 2]
    assert run.reach.tolist() == [[6], [4.5]]


@pytest.mark.parametrize(
    ("raster", "message"),
    [
        (np.zeros((4, 3)), r"shape \(samples, steps, 3\), got \(4, 3\)"),
        (np.full((1, 4, 3), 0.5), "whole numbers"),
        (np.full((1, 4, 3), -1), "whole numbers"),
        ([Events.from_steps([[0]]), Events.from_steps([[0], []])], "as many steps"),
        ([Events.from_steps([[3]])], "axon 3"),
    ],
)
def test_bad_samples(raster: object, message: str) -> None:
    with pytest.raises(EventError, match=message):
        as_raster(raster, 3)  # type: ignore[arg-type]


def test_events_and_counts_are_the_same() -> None:
    events = [Events.from_steps([[0, 0, 2], []]), Events.from_steps([[], [1]])]
    assert as_raster(events, 3).tolist() == [[[2, 0, 1], [0, 0, 0]], [[0, 0, 0], [0, 1, 0]]]
