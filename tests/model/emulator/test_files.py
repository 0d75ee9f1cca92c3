"""Checkpoints, saved networks, and networks from rules."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganglion.model.emulator.connectivity import FixedFanOut
from ganglion.model.emulator.disk import open_network, save_network
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.emulator.store import store, store_program
from ganglion.model.spec.errors import FormatError, MismatchError
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.reference import Reference


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_resumed_run_goes_on_with_the_same_bits(data, cases, same, same_state, tmp_path_factory):
    """Over any network, with or without written weights, and whatever the threads of the two."""
    case = data.draw(cases)
    path = tmp_path_factory.mktemp("checkpoint") / "state.npz"
    first = Emulator(case.program)
    if case.program.synapses and data.draw(st.booleans()):
        first.write_weights(data.draw(st.integers(0, case.program.synapses - 1)), -1)
    first.run(case.events)
    first.save(path)
    second = Emulator(case.program, threads=data.draw(st.integers(1, 2)))
    second.resume(path)
    same_state(second.state(), first.state())
    np.testing.assert_array_equal(second.weights(), first.weights())
    assert (second.t, second.counters()) == (first.t, first.counters())
    same(second.run(case.events, keep_states=True), first.run(case.events, keep_states=True))


def test_checkpoint_of_another_network_is_refused(large, same_state, tmp_path):
    one, other = (Emulator(large(seed).program) for seed in (1, 2))
    one.save(tmp_path / "one.npz")
    other.run(large(2).events)
    before = other.state()
    with pytest.raises(MismatchError, match="another network"):
        other.resume(tmp_path / "one.npz")
    same_state(other.state(), before)
    (tmp_path / "two.npz").write_bytes(b"PK\x03\x04 not a checkpoint")
    with pytest.raises(FormatError, match=r"two\.npz is not a whole Ganglion checkpoint"):
        other.resume(tmp_path / "two.npz")
    same_state(other.state(), before)


def test_saved_network_opens_and_runs(large, same, tmp_path):
    case = large(3)
    save_network(store_program(case.program), tmp_path / "net")
    expected = Reference(case.program).run(case.events, keep_states=True)
    opened = open_network(tmp_path / "net")
    same(Emulator(opened).run(case.events, keep_states=True), expected)
    Emulator(opened).write_weights(0, 3)
    assert open_network(tmp_path / "net").weights().tolist() == case.program.weight.tolist()
    with pytest.raises(FileExistsError):
        save_network(opened, tmp_path / "net")
    header = tmp_path / "net" / "network.json"
    whole = header.read_text()
    for name, wrong in (("types", [{"decay": [3, 1]}]), ("types", [{"dekay": 1}]), ("params", {}), ("names", [1])):
        header.write_text(json.dumps({**json.loads(whole), name: wrong}))
        with pytest.raises(FormatError, match="not a saved network"):
            open_network(tmp_path / "net")
    header.write_text(whole)
    (tmp_path / "net" / "words.npy").unlink()
    with pytest.raises(FormatError, match="not a saved network"):
        open_network(tmp_path / "net")
    assert [path.name for path in tmp_path.iterdir()] == ["net"]


def test_network_from_a_rule_is_the_program_it_spells_out(same):
    neurons = 700
    network = store(
        params=Params(delay_slots=8, accumulator_bits=12),
        types=(NeuronType.leaky(5),),
        threshold=np.full(neurons, 900),
        bias=np.arange(neurons) % 70,
        inputs=3,
        synapses=FixedFanOut(sources=neurons + 3, neurons=neurons, fan_out=40, delays=(1, 7), seed=5),
    )
    program = network.program()
    assert program.synapses == 703 * 40 and set(program.delay) == set(range(1, 8))
    from ganglion.model.spec.events import Events

    events = Events.from_steps([[0, 1, 2]] * 25)
    expected = Reference(program).run(events, keep_states=True)
    assert expected.total("spikes") > 100
    same(Emulator(network).run(events, keep_states=True), expected)
    np.testing.assert_array_equal(network.weights(), program.weight)
