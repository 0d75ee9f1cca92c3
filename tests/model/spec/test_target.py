"""All targets that need no chip answer alike, also to what they cannot do."""

import numpy as np
import pytest

from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.mismatch.distortion import Distortion
from ganglion.model.mismatch.target import Mismatch
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import EventError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.limits import READABLE, Limits
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.state import State
from ganglion.model.spec.target import Target
from tests.model.spec.learning_calls import LearningCaller
from tests.model.spec.target_calls import Caller, answer

BARE = PRESETS["tiny"].replace(name="bare", current_bits=0, adaptation_bits=0, noise=False)
"""A chip without options: their fields are zeros that cannot be written."""


@pytest.mark.parametrize("params", [PRESETS["tiny"], BARE], ids=lambda params: params.name)
def test_reference_and_emulators_answer_alike(params: object) -> None:
    complaints = 0
    for seed in range(30):
        program = random_network(params, seed).program  # type: ignore[arg-type]
        ideal = Mismatch(program, Distortion.none(program), ArrayEmulator)
        reference, others = Reference(program), (Emulator(program), ArrayEmulator(program), ideal)
        for call in Caller(program, seed).calls(20):
            wanted = answer(reference, call)
            for other in others:
                assert answer(other, call) == wanted, f"{other.name}, seed {seed}: {call}"
            complaints += isinstance(wanted, str)
    assert 100 < complaints < 750


@pytest.mark.long
def test_targets_that_learn_answer_alike() -> None:
    complaints = calls = 0
    for seed in range(30):
        program = random_network(PRESETS["tiny-learning"], seed).program
        if program.learning is None:
            continue
        reference, emulator = Reference(program), Emulator(program)
        for call in LearningCaller(reference, seed).calls(25):
            wanted = answer(reference, call)
            assert answer(emulator, call) == wanted, f"seed {seed}: {call}"
            complaints += isinstance(wanted, str)
            calls += 1
    assert 60 < complaints < calls / 2


@pytest.fixture(params=[Reference, Emulator, ArrayEmulator])
def target(request: pytest.FixtureRequest) -> Target:
    target: Target = request.param(random_network(PRESETS["tiny"], 3).program)
    return target


@pytest.mark.long
def test_a_mistake_is_told_and_changes_nothing(target: Target) -> None:
    program = target.program
    last, before = program.neurons - 1, target.state().arrays()
    for call, error, message in (
        (lambda: target.write("v", -1, 0), ProgramError, f"neuron must be 0 to {last}, not -1"),
        (lambda: target.write("v", [0, 99], 0), ProgramError, f"neuron must be 0 to {last}, not 99"),
        (lambda: target.write("v", [0, 1], [5, 128]), ProgramError, "v of neuron 1 must be -128 to 127, not 128"),
        (lambda: target.write("v", 0, 0.5), ProgramError, "must be a whole number from -128 to 127, not 0.5"),
        (lambda: target.write("v", [0, 1], [1, 2, 3]), ProgramError, "one value, or one for each neuron, not 3 for 2"),
        (lambda: target.write("number", 0, 1), ProgramError, "'number' cannot be written; " + ", ".join(READABLE)),
        (lambda: target.read("w"), ProgramError, "'w' cannot be read; " + ", ".join(READABLE)),
        (lambda: target.write_weights(-1, 0), ProgramError, f"synapse must be 0 to {program.synapses - 1}, not -1"),
        (lambda: target.write_weights([0, 1], [7, 8]), ProgramError, "weight of synapse 1 must be -8 to 7, not 8"),
        (lambda: target.write_delays(0, [4]), ProgramError, "delay of synapse 0 must be 1 to 3, not 4"),
        (lambda: target.run(Events.from_steps([[0]]), probes={"bias": [0]}), ProgramError, "'bias' cannot be probed"),
        (lambda: target.step([program.inputs]), EventError, f"is for axon {program.inputs}"),
        (lambda: target.run_batch([Events.from_steps([[0]]), Events.from_steps([[-1]])]), EventError, "axon -1"),
        (lambda: target.load_state(State.zeros(last, 4)), ProgramError, r"v of a state must have shape \(.*,\), not"),
        (lambda: target.load_state(State(before, step=-1)), ProgramError, "step of a state must be 0 to 4294967295"),
    ):  # fmt: skip
        with pytest.raises(error, match=message):
            call()
    assert target.t == 0 and not any(target.counters().values())
    for name, array in target.state().arrays().items():
        assert np.array_equal(array, before[name]), name
    assert np.array_equal(target.weights(), program.weight)


@pytest.mark.long
def test_a_batch_goes_from_where_the_target_stands_and_leaves_it_there(target: Target) -> None:
    network = random_network(PRESETS["tiny"], 3)
    target.run(network.events)
    before, counters = target.state(), target.counters()
    first, second = target.run_batch([network.events] * 2)
    assert target.t == before.step and target.counters() == counters
    run = target.run(network.events)
    for trace in (first, second):
        assert trace.first == run.first and np.array_equal(trace.spikes, run.spikes)


@pytest.mark.long
def test_a_state_can_be_carried_to_another_target() -> None:
    network = random_network(PRESETS["tiny"], 5)
    one, other = Reference(network.program), Emulator(network.program)
    one.run(network.events)
    with other:
        other.load_state(one.state())
        got, wanted = other.run(network.events), one.run(network.events)
    assert got.first == wanted.first == network.events.steps
    assert np.array_equal(got.spikes, wanted.spikes)


@pytest.mark.long
def test_what_an_option_would_hold_is_zero_and_cannot_be_written() -> None:
    program = random_network(BARE, 0).program
    assert set(Limits.of(program).fields) == {"v", "refractory", "threshold", "bias", "type"}
    for target in (Reference(program), Emulator(program), ArrayEmulator(program)):
        assert not target.read("u").any()
        with pytest.raises(ProgramError, match="'u' cannot be written; v, refractory, threshold, bias, type can"):
            target.write("u", 0, 1)
