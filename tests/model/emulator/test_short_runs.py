"""A network that is kept in memory for short runs is kept by each emulator for itself."""

import copy
import pickle

import numpy as np
import pytest

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.errors import EventError
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference

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


def test_what_a_short_run_cannot_be_is_refused_and_changes_nothing() -> None:
    """The kernel checks everything in one pass; what it does not run, the errors of all targets are about."""
    program = Program.build(
        params=PRESETS["tiny"], types=(NeuronType(),), threshold=[7], inputs=2, pre=[0, 1], post=[2, 2], weight=[3, 1]
    )
    emulator, reference = Emulator(program), Reference(program)
    for axon, start in (
        ([0, 2], [0, 1, 2]),
        ([-1], [0, 1]),
        ([0, 1], [0, 1]),
        ([0, 1], [0, 2, 1, 2]),
        ([0, 1], [0, 3, 2]),
        ([0], [1, 1]),
        ([], []),
    ):
        events = Events(np.array(axon, dtype=np.int64), np.array(start, dtype=np.int64))
        for target in (reference, emulator):
            with pytest.raises(EventError):
                target.run(events)
    assert emulator.t == 0 and not emulator.state().accumulators.any()
    often = Events.from_steps([[1, 0], [0, 0, 1], [], [0], [0]])
    for events in (often, Events.from_steps([[0], [1], []]), often.part(4, 5), often.part(0, 0)):
        ours, wanted = emulator.run(events), reference.run(events)
        assert ours == wanted and vars(ours).keys() == vars(wanted).keys() and ours.states == [] and ours.probes == {}
    assert emulator.counters() == reference.counters() and emulator.counters()["spikes"]
