"""A trace is read, compared, kept in a file and drawn."""

import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganglion.model.spec.archive import HEADER
from ganglion.model.spec.errors import FormatError, MismatchError
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.state import State
from ganglion.model.spec.trace import COUNTED, Trace
from tests.model.chips import BYTES

NEURONS, STEPS = 5, 12


def run(seed: int = 0, *, first: int = 0, states: bool = True) -> Trace:
    """A run in which much happens, from step `first` on."""
    rng = np.random.default_rng(seed)
    program = Program.build(
        params=BYTES,
        types=(NeuronType.current_based((1, 2), (1, 1)), NeuronType.adaptive((1, 3), (1, 2), 7)),
        neurons=NEURONS,
        threshold=20,
        type=[0, 1, 0, 1, 0],
        inputs=3,
        pre=rng.integers(8, size=30),
        post=rng.integers(3, 8, size=30),
        weight=rng.integers(-20, 60, size=30),
        delay=rng.integers(1, 4, size=30),
    )
    events = Events.from_raster(rng.random((first + STEPS, 3)) < 0.5)
    reference = Reference(program)
    reference.run(events.part(0, first))
    probes = {"v": [0, 3], "a": [1]}
    return reference.run(events.part(first, first + STEPS), keep_states=states, probes=probes)


def changed(trace: Trace, field: str, step: int, at: tuple[int, ...], by: int = 1) -> Trace:
    """The trace with another value of a state."""
    states = [state.copy() for state in trace.states]
    getattr(states[step], field)[at] += by
    return replace(trace, states=states)


def test_rasters_and_counts() -> None:
    trace = run(first=4)
    assert len(trace.spikes) > 10
    raster = trace.raster()
    assert raster.shape == (STEPS, NEURONS) and raster.dtype == bool
    fired = [np.flatnonzero(row).tolist() for row in raster]
    assert fired == [neurons.tolist() for neurons in trace.spikes_per_step()]
    np.testing.assert_array_equal(trace.raster([3, 1]), raster[:, [3, 1]])
    assert trace.counts().tolist() == raster.sum(axis=0).tolist()
    first = np.where(raster.any(axis=0), raster.argmax(axis=0), np.inf)
    assert trace.first_spikes().tolist() == first.tolist() and trace.first_spikes([2]).tolist() == [first[2]]
    assert trace.counts([4, 4]).tolist() == [raster[:, 4].sum()] * 2


class TestDifferences:
    def test_a_run_is_its_own_like(self) -> None:
        assert run().differences(run()) == [] and run() == run()

    def test_each_field_has_its_first_difference_and_the_earliest_is_first(self) -> None:
        right = run(first=2)
        wrong = changed(changed(changed(right, "v", 5, (3,)), "v", 4, (2,), -7), "accumulators", 4, (3, 1))
        found = wrong.differences(right)
        value = int(right.states[4].v[2])
        assert [str(difference) for difference in found] == [
            f"step 6, neuron 2, v: {value - 7}, not {value}",
            f"step 6, neuron 1, accumulators of slot 3: {right.states[4].accumulators[3, 1] + 1}, "
            f"not {right.states[4].accumulators[3, 1]}",
        ]
        assert (found[0].got, found[0].wanted, found[0].neuron, found[0].step) == (value - 7, value, 2, 6)

    def test_a_spike_too_many_and_one_too_few(self) -> None:
        right = run()
        step, neuron = right.spikes[3].tolist()
        fewer = replace(right, spikes=np.delete(right.spikes, 3, axis=0))
        assert str(fewer.differences(right)[0]) == f"step {step}, neuron {neuron}, spike: 0, not 1"
        assert str(right.differences(fewer)[0]) == f"step {step}, neuron {neuron}, spike: 1, not 0"
        twice = replace(right, spikes=np.repeat(right.spikes, [1] * 3 + [2] + [1] * (len(right.spikes) - 4), axis=0))
        assert str(twice.differences(right)[0]) == f"step {step}, neuron {neuron}, spike: 2, not 1"
        others = [n for n in range(NEURONS) if n != neuron]
        assert fewer.differences(right, others) == [] != fewer.differences(right, [neuron])

    def test_probes_and_counters_count(self) -> None:
        right = run()
        probes = {**right.probes, "v": right.probes["v"] + np.eye(STEPS, 2, -7, dtype=np.int64)}
        counters = {**right.counters, "synops": right.counters["synops"] + (np.arange(STEPS) == 9)}
        found = replace(right, probes=probes, counters=counters).differences(right)
        assert [(d.step, d.neuron, d.field) for d in found] == [(7, 0, "probe of v"), (9, None, "counter synops")]
        assert replace(right, counters={**right.counters, "cycles": counters["synops"]}).differences(right) == []

    def test_what_only_one_of_the_two_kept_is_not_compared(self) -> None:
        right = run()
        assert replace(changed(right, "v", 0, (0,)), probes={}).differences(run(states=False)) == []

    @pytest.mark.parametrize("changes", [{"first": 1}, {"neurons": 6}, {"counters": {"synops": [0]}}])
    def test_other_runs_cannot_be_compared(self, changes: dict[str, Any]) -> None:
        with pytest.raises(MismatchError, match=r"same steps and neurons, not .* steps from .* and 12 steps from 0"):
            replace(run(), **changes).differences(run())
        probes = {"v": np.zeros((STEPS, 3), dtype=np.int64)}
        with pytest.raises(MismatchError, match="must have probed 'v' of as many neurons each"):
            replace(run(), probes=probes).differences(run())


def test_equality_is_of_what_all_targets_tell() -> None:
    one = run()
    more = {**one.counters, "cycles": one.counters["synops"]}
    for same in ({"ran_on": "rtl"}, {"states": []}, {"probes": {}}, {"counters": more}):
        assert one == replace(one, **same)  # type: ignore[arg-type]
    for other in (
        {"first": 1},
        {"neurons": 6},
        {"spikes": one.spikes[:-1]},
        {"counters": {**one.counters, "overflows": one.counters["overflows"] + 1}},
    ):
        assert one != replace(one, **other)  # type: ignore[arg-type]
    assert one != one.spikes.tolist()


class TestFile:
    def test_a_trace_comes_back(self, tmp_path: Path) -> None:
        one, path = run(first=3), tmp_path / "run.npz"
        one.save(path)
        other = Trace.load(path)
        assert other == one and other.ran_on == "reference" and other.differences(one) == []
        assert (len(other.states), sorted(other.probes)) == (STEPS, ["a", "v"])
        assert [state.step for state in other.states] == [state.step for state in one.states]
        assert changed(one, "u", 11, (4,)).differences(other)[0].field == "u"

    def test_a_trace_of_nothing_comes_back(self, tmp_path: Path) -> None:
        empty = Trace(
            ran_on="emulator",
            first=7,
            neurons=2,
            spikes=np.zeros((0, 2), dtype=np.int64),
            counters={name: np.zeros(0, dtype=np.int64) for name in COUNTED},
        )
        empty.save(tmp_path / "run.npz")
        assert Trace.load(tmp_path / "run.npz") == empty

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"version": 0}, "version 0; this Ganglion reads version 1: run it again"),
            ({"format": "ganglion program"}, "run.npz is not a whole Ganglion trace"),
            ({"first": "x"}, "'first' in its header"),
            ({"ran_on": None}, "its header has no 'ran_on'"),
            ({"spikes": np.zeros((3, 3), int)}, "'spikes' must be step and neuron of each, ascending"),
            ({"spikes": [[1, 0], [0, 0]]}, "'spikes' must be .* ascending, in 12 steps from 0 of 5 neurons"),
            ({"spikes": [[0, 3], [0, 2]]}, "'spikes' must be step and neuron of each, ascending"),
            ({"spikes": [[12, 0]]}, "'spikes' must be step and neuron of each, ascending, in 12 steps"),
            ({"spikes": [[0, 5]]}, "'spikes' must be step and neuron of each, ascending"),
            ({"spikes": [[-1, 0]]}, "'spikes' must be step and neuron of each, ascending"),
            ({"counters/synops": None}, "it must have counters spikes, synops, overflows, all of as many steps"),
            ({"counters/synops": [1, 2]}, "it must have counters spikes, synops, overflows, all of as many steps"),
            ({"counters/synops": [0.5] * 12}, "'counters/synops' must be whole numbers"),
            ({"probes/v": np.zeros((3, 2), int)}, "'probes/v' must be one of v, u, a, refractory, in 12 steps"),
            ({"probes/w": np.zeros((12, 2), int)}, "'probes/w' must be one of v, u, a, refractory"),
            ({"states/v": None}, "it has no array 'states/v'"),
            ({"states/v": np.zeros((12, 4), int)}, "'states/v' must be of 12 steps and 5 neurons"),
            ({"states/accumulators": np.zeros((12, 5), int)}, "'states/accumulators' must be whole numbers in 3"),
        ],
    )
    def test_what_is_damaged_is_named(self, tmp_path: Path, changes: dict[str, Any], message: str) -> None:
        path = tmp_path / "run.npz"
        run().save(path)
        with np.load(path) as file:
            arrays = dict(file)
        header = json.loads(str(arrays[HEADER]))
        for name, value in changes.items():
            where = header if name in header else arrays
            if value is None:
                del where[name]
            else:
                where[name] = value if where is header else np.asarray(value)
        np.savez(path, **{**arrays, HEADER: np.array(json.dumps(header))})  # type: ignore[arg-type]
        with pytest.raises(FormatError, match=message):
            Trace.load(path)


class TestPlot:
    def test_spikes_membranes_and_rates_are_drawn(self) -> None:
        trace = run(first=4)
        raster, membranes, rates = trace.plot().axes
        (points,) = raster.lines
        np.testing.assert_array_equal(np.stack(points.get_data(), axis=1), trace.spikes)
        assert [line.get_label() for line in membranes.lines] == [f"neuron {n}" for n in range(NEURONS)]
        steps, values = membranes.lines[3].get_data()
        assert np.asarray(steps).tolist() == list(range(4, 16))
        assert np.asarray(values).tolist() == [state.v[3] for state in trace.states]
        heights = [patch.get_height() for patch in rates.patches]  # type: ignore[attr-defined]
        assert heights == trace.counters["spikes"].tolist()

    def test_some_neurons_are_drawn_alone(self) -> None:
        trace = run()
        raster, membranes, rates = trace.plot(neurons=[3, 1]).axes
        assert set(np.asarray(raster.lines[0].get_ydata()).tolist()) == {1, 3}
        assert [line.get_label() for line in membranes.lines] == ["neuron 3", "neuron 1"]
        heights = [patch.get_height() for patch in rates.patches]  # type: ignore[attr-defined]
        assert heights == trace.raster([1, 3]).sum(axis=1).tolist()

    def test_without_states_the_probes_are_drawn_and_without_either_no_membranes(self) -> None:
        trace = run(states=False)
        assert [line.get_label() for line in trace.plot().axes[1].lines] == ["probe 0", "probe 1"]
        assert len(replace(trace, probes={}).plot().axes) == 2

    def test_a_picture_shows_itself_and_is_written(self, tmp_path: Path) -> None:
        picture = run().plot()
        data = picture._repr_png_()
        assert data.startswith(b"\x89PNG") and struct.unpack(">II", data[16:24])[0] > 400
        picture.write(tmp_path / "run.svg")
        assert (tmp_path / "run.svg").read_text().startswith("<?xml")
        with pytest.raises(FormatError, match=r"run\.txt: a picture's name ends in one of .*png"):
            picture.write(tmp_path / "run.txt")


def test_how_a_notebook_shows_a_trace() -> None:
    trace = run(first=4)
    assert repr(trace) == f"<Trace of reference, 12 steps from 4, 5 neurons, {len(trace.spikes)} spikes>"
    shown = trace._repr_html_()
    assert "Trace of reference: 12 steps from 4, 5 neurons" in shown and "<td>synops</td>" in shown
    assert shown.count("<svg") == 1


def test_states_have_no_other_fields() -> None:
    with pytest.raises(FormatError, match="a state has the fields v, u, a, refractory, accumulators, not v"):
        State({"v": np.zeros(3, dtype=np.int64)})
