"""Checkpoints, saved networks, and networks from rules."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganglion.model.emulator.checkpoint import FORMAT
from ganglion.model.emulator.connectivity import FixedFanOut
from ganglion.model.emulator.disk import HEADER, _checksum_of, _described, open_network, save_network
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.emulator.store import store, store_program
from ganglion.model.spec.archive import Archive
from ganglion.model.spec.errors import FormatError, MismatchError
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.reference import Reference
from tests.model.emulator.sharing import shared


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
    with shared():
        same(second.run(case.events, keep_states=True), first.run(case.events, keep_states=True))


@pytest.mark.long
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


@pytest.mark.long
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
    (tmp_path / "net" / "words.npy").unlink()
    with pytest.raises(FormatError, match=r"net is not a saved network: .*words\.npy: there is no such file"):
        open_network(tmp_path / "net")
    assert [path.name for path in tmp_path.iterdir()] == ["net"]


def put_right(folder: Path, **changes: Any) -> None:
    """Give a saved network other entries of its header, with a checksum that is right."""
    header = json.loads((folder / HEADER).read_text())
    header |= changes
    del header["checksum"]
    for name in header["arrays"]:
        header["arrays"][name] = _described(np.load(folder / f"{name}.npy"))
    (folder / HEADER).write_text(json.dumps({**header, "checksum": _checksum_of(header)}))


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("types", [{"decay": [3, 1]}], "decay"),
        ("types", [{"dekay": 1}], "dekay"),
        ("params", {}, "another version of Ganglion"),
        ("names", [1], "no attribute 'items'"),
        ("inputs", "three", "inputs must be of type int, not 'three'"),
        ("seed", -1, "must not be negative"),
        ("pitch", 7, "'pitch' must be 2048"),
        ("bound", 3.0, "bound must be of type int, not 3.0"),
        ("first", 5, "'count' must be 1 to"),
        ("least_delay", 0, "'least_delay' must be 1 to"),
        ("one_delay", 1, "one_delay must be of type bool, not 1"),
        ("spelled_out", False, "its arrays must be threshold, bias"),
    ],
)
def test_a_network_with_another_header_is_refused_by_what_is_wrong(large, tmp_path, name, wrong, message):
    """Whoever wrote it: the checksums are right."""
    save_network(store_program(large(3).program), tmp_path / "net")
    put_right(tmp_path / "net", **{name: wrong})
    for unchecked in (False, True):
        with pytest.raises(FormatError, match=rf"net is not a saved network: .*{message}.*: save the network again"):
            open_network(tmp_path / "net", unchecked=unchecked)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("words", lambda a: a | (0xFFFF << 16), "the synapses of source"),
        ("words", lambda a: a[::-1], "the synapses of source"),
        ("table", lambda a: a * [1, 1, 1, 0], "the synapses of source"),
        ("table", lambda a: a + np.array([1, 0, 0, 0]), "must be the .* synapses of 'words', one after another"),
        ("table", lambda a: a * [1, -1, 1, 1], "the lengths in 'table' must be 0 to"),
        ("table", lambda a: np.where(a == -1, -2, a), "the first targets in 'table' must be -1 to"),
        ("matrix", lambda a: np.zeros_like(a), "the synapses of source"),
        ("type", lambda a: a + 99, r"type\[0\] is"),
        ("threshold", lambda a: a + (1 << 40), r"threshold\[0\] is"),
        ("outputs", lambda a: a[::-1], "'outputs' must ascend"),
        ("outputs", lambda a: a + 10**6, "'outputs' must be 0 to"),
        ("indptr", lambda a: a[::-1], "'indptr' must rise from 0"),
        ("post_neuron", lambda a: a - 10**6, "'post_neuron' must be 0 to"),
        ("weight", lambda a: a + 10**6, "'weight' must be -"),
        ("delay", lambda a: a * 0, "'delay' must be 1 to"),
    ],
)
def test_a_network_with_other_synapses_is_refused_before_a_kernel_sees_them(large, tmp_path, name, change, message):
    save_network(store_program(large(3).program), tmp_path / "net")
    path = tmp_path / "net" / f"{name}.npy"
    array = np.load(path)
    np.save(path, change(array).astype(array.dtype))
    with pytest.raises(FormatError, match=rf"{name}\.npy"):
        open_network(tmp_path / "net")
    put_right(tmp_path / "net")
    with pytest.raises(FormatError, match=rf"net is not a saved network: .*{message}"):
        open_network(tmp_path / "net")


@pytest.mark.parametrize("array", [np.zeros(3), np.zeros((2, 2), dtype=np.uint32), np.zeros(3, dtype=np.int8)])
def test_a_network_with_arrays_of_another_form_is_refused_unchecked_too(large, tmp_path, array):
    save_network(store_program(large(3).program), tmp_path / "net")
    np.save(tmp_path / "net" / "words.npy", array)
    put_right(tmp_path / "net")
    with pytest.raises(FormatError, match="words"):
        open_network(tmp_path / "net", unchecked=True)


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("most", 0, "most must be 1 to"),
        ("bound", 2.5, "bound must be a whole number"),
        ("clock", [0, 0, -1, 0], "clock must be 0 to"),
        ("clock", [0, 0, 0], "clock must be 4 numbers, not 3"),
        ("v", [0], r"v of a state must have shape \(1300,\), not \(1,\)"),
        ("v", np.full(1300, 1 << 20), "v of neuron 0 must be"),
        ("threshold", [1], r"threshold must have shape \(1300,\), not \(1,\)"),
        ("type", np.full(1300, 77), "type must be 0 to"),
        ("sparse", [1], "sparse must have shape"),
        ("dense", None, "these differ: dense"),
        ("extra", [1], "these differ: extra"),
    ],
)
def test_a_refused_snapshot_leaves_the_emulator_as_it_was(large, same_state, name, wrong, message):
    case = large(3)
    emulator = Emulator(case.program)
    emulator.write_weights(0, 1)
    emulator.run(case.events)
    before, weights, counters = emulator.state(), emulator.weights(), emulator.counters()
    snapshot = emulator.snapshot()
    emulator.write_weights(0, 2)
    emulator.run(case.events)
    later = emulator.state()
    snapshot = {k: v for k, v in {**snapshot, name: wrong}.items() if v is not None}
    with pytest.raises(FormatError, match=message):
        emulator.restore(snapshot)
    same_state(emulator.state(), later)
    assert emulator.weights()[0] == 2 and weights[0] == 1
    assert emulator.counters() != counters and before.step < later.step


@pytest.mark.long
def test_a_checkpoint_that_is_damaged_names_its_file(large, tmp_path):
    emulator = Emulator(large(3).program)
    path = tmp_path / "state.npz"
    emulator.save(path)
    archive = Archive.load(path, FORMAT)
    Archive(path=path, format=FORMAT, header={**archive.header, "most": 0}, arrays=archive.arrays).save()
    with pytest.raises(FormatError, match=r"state\.npz: this checkpoint is damaged: most must be 1 to .*save it"):
        emulator.resume(path)
    Archive(path=path, format=replace(FORMAT, version=2), header={}, arrays={}).save()
    with pytest.raises(FormatError, match=r"state\.npz is a Ganglion checkpoint of version 2; this Ganglion reads"):
        emulator.resume(path)


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
