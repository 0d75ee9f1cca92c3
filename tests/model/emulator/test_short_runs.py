"""A network that is kept in memory for short runs is kept by each emulator for itself."""

import copy
import pickle

import pytest

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program

pytestmark = pytest.mark.long


def test_a_copy_of_an_emulator_runs_its_own_arrays() -> None:
    program = Program.build(
        params=PRESETS["tiny"], types=(NeuronType(),), threshold=[7], inputs=1, pre=[0], post=[1], weight=[3]
    )
    emulator = Emulator(program)
    emulator.step([0])
    emulator.step()
    others = copy.deepcopy(emulator), pickle.loads(pickle.dumps(emulator))
    for other in others:
        other.run(Events.from_steps([[0], []]))
        assert other.t == 4 and other.state().v.tolist() == [6]
    assert emulator.t == 2 and emulator.state().v.tolist() == [3]
    emulator.write("v", 0, 7)
    assert emulator.step([0]) == [] and emulator.step() == [0]


def test_a_reset_costs_no_short_run_more() -> None:
    """State is forgotten where it is, and what was kept of it goes on."""
    program = Program.build(
        params=PRESETS["tiny"], types=(NeuronType(),), threshold=[7], inputs=1, pre=[0], post=[1], weight=[3]
    )
    emulator, events = Emulator(program), Events.from_steps([[0]] * 5)
    first, kept = emulator.run(events), emulator._engine.kept(5)
    emulator.reset()
    assert emulator.t == 0 and not emulator.state().v.any() and not emulator.state().accumulators.any()
    again = emulator.run(events)
    assert again.spikes.tolist() == first.spikes.tolist() and first.total("spikes")
    assert emulator._engine.kept(5) is kept
