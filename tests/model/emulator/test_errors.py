"""Bad input gives one clear error, and changes nothing."""

import numpy as np
import pytest

from ganglion.model.emulator import memory
from ganglion.model.emulator.connectivity import FixedFanOut
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.emulator.store import store
from ganglion.model.spec.errors import CapacityError, EventError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params


@pytest.fixture
def emulator(large):
    case = large(0)
    emulator = Emulator(case.program)
    emulator.run(case.events)
    return emulator


@pytest.mark.long
@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda e: e.run(Events.from_steps([[0], [20]])), EventError, "event 1, in step 1, is for axon 20"),
        (lambda e: e.step([0, 20]), EventError, "is for axon 20"),
        (lambda e: e.step([0.5]), EventError, "must be whole numbers, not float64"),
        (lambda e: e.run(Events(np.array([0, 1]), np.array([0, 2, 1, 2]))), EventError, "order of their steps"),
        (lambda e: e.run_batch([Events.from_steps([[-1]])]), EventError, "axon -1"),
        (lambda e: e.write("v", 1300, 0), ProgramError, "neuron must be 0 to 1299, not 1300"),
        (lambda e: e.write("v", 0, 1 << 15), ProgramError, "v of neuron 0 must be -32768 to 32767"),
        (lambda e: e.write("v", 0, float("nan")), ProgramError, "must be a whole number from -32768 to 32767, not nan"),
        (lambda e: e.write("w", 0, 0), ProgramError, "'w' cannot be written"),
        (lambda e: e.write_weights(0, 128), ProgramError, "weight of synapse 0 must be -128 to 127"),
        (lambda e: e.write_weights(10**6, 0), ProgramError, "synapse must be 0 to"),
        (lambda e: e.run(Events.from_steps([[]]), probes={"x": [0]}), ProgramError, "'x' cannot be probed"),
        (lambda e: e.run(Events.from_steps([[]]), probes={"v": [1300]}), ProgramError, "neuron must be 0 to 1299"),
    ],
)
def test_bad_call(emulator, same_state, call, error, says):
    before, weights, counters = emulator.state(), emulator.weights(), emulator.counters()
    with pytest.raises(error, match=says):
        call(emulator)
    same_state(emulator.state(), before)
    np.testing.assert_array_equal(emulator.weights(), weights)
    assert emulator.counters() == counters


def test_too_large_a_network_is_refused_before_it_is_made(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 10**6)
    rule = FixedFanOut(sources=1000, neurons=1000, fan_out=1000)
    with pytest.raises(CapacityError, match=r"1000000 synapses needs 0.0 GB"):
        store(params=Params(), types=(NeuronType(),), threshold=np.zeros(1000, int), inputs=0, synapses=rule)


@pytest.mark.long
def test_interrupted_run_can_go_on(large, same, monkeypatch):
    """Ctrl-C comes between two calls of a kernel; what was run is run."""
    case = large(1)
    emulator, other = Emulator(case.program), Emulator(case.program)
    monkeypatch.setattr("ganglion.model.emulator.engine.CALL_WORK", 1)
    calls = iter(range(3))
    call = emulator._engine.run

    def interrupted(*arguments):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return call(*arguments)

    monkeypatch.setattr(emulator._engine, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        emulator.run(case.events)
    assert emulator.t == 3
    other.run(_first(case.events, 3))
    monkeypatch.setattr(emulator._engine, "run", call)
    same(emulator.run(case.events, keep_states=True), other.run(case.events, keep_states=True))


def _first(events, steps):
    return Events(events.axon[: events.start[steps]], events.start[: steps + 1])
