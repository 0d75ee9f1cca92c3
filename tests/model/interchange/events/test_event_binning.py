"""Binning keeps every event, or counts it as lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganglion.model.interchange.events import Recording, bin_events, from_arrays
from ganglion.model.spec.errors import EventError


def recording(seed: int, count: int = 400) -> Recording:
    rng = np.random.default_rng(seed)
    t = np.sort(rng.integers(0, 3000, count)) + 77
    return from_arrays(t, rng.integers(0, 9, count), rng.integers(0, 5, count), rng.integers(0, 2, count), (9, 5))


@given(
    seed=st.integers(0, 2**32 - 1),
    step_us=st.sampled_from((1, 7, 100, 5000)),
    steps=st.none() | st.integers(0, 60),
    start_us=st.none() | st.integers(0, 4000),
    polarities=st.sampled_from((1, 2)),
    pool=st.sampled_from((1, 2, 9)),
    once=st.booleans(),
)
def test_every_event_is_binned_or_counted(
    seed: int, step_us: int, steps: int | None, start_us: int | None, polarities: int, pool: int, once: bool
) -> None:
    """Against a loop over the events."""
    source = recording(seed)
    events, report = bin_events(
        source, step_us, steps=steps, start_us=start_us, polarities=polarities, pool=pool, once=once
    )
    start = source.t[0] if start_us is None else start_us
    columns, rows = -(-9 // pool), -(-5 // pool)
    wanted: list[list[int]] = [[] for _ in range(report.steps)]
    early = late = merged = 0
    for t, x, y, p in zip(source.t, source.x, source.y, source.p, strict=True):
        step = int((t - start) // step_us)
        axon = int(((p if polarities == 2 else 0) * rows + y // pool) * columns + x // pool)
        if step < 0:
            early += 1
        elif step >= report.steps:
            late += 1
        elif once and axon in wanted[step]:
            merged += 1
        else:
            wanted[step].append(axon)
    assert [sorted(events[step].tolist()) for step in range(events.steps)] == [sorted(axons) for axons in wanted]
    assert (report.early, report.late, report.merged) == (early, late, merged)
    assert report.events == report.kept + report.merged + report.early + report.late == 400
    assert report.kept == events.axon.size and report.axons == polarities * rows * columns
    assert report.most_at_once == max((axons.count(a) for axons in wanted for a in axons), default=0)
    if steps is None:
        assert report.late == 0
    events.check(report.axons)


def test_the_report_says_what_was_lost() -> None:
    source = from_arrays([0, 10, 11, 12, 40], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [1, 1, 1, 0, 1], (1, 1))
    _, report = bin_events(source, 10, steps=3, start_us=5)
    assert str(report) == ("2 of 5 events in 3 steps of 10 us on 2 axons; lost 60.0 %: 1 merged, 1 early, 1 late")
    assert report.to_dict()["merged"] == 1
    assert "lost none" in str(bin_events(from_arrays([], [], [], [], (1, 1)), 10)[1])


def test_the_report_says_what_the_recording_says() -> None:
    with pytest.warns(UserWarning, match="give size="):
        source = from_arrays([5, 3, 9], [0, 1, 1], [0, 0, 0], [1, 1, 1], unordered="sort")
    _, report = bin_events(source, 10)
    assert (report.unordered, report.events) == (1, 3)
    assert "1 out of order, sorted; the sensor's size is that of the largest x and y, 2 x 1" in str(report)


def test_durations_that_cannot_be_are_refused_before_memory_is_asked_for() -> None:
    source = from_arrays([0, 1 << 60], [0, 0], [0, 0], [1, 1], (1, 1))
    with pytest.raises(EventError, match=r"1152921504606847 steps of 1000 us are more than .*: the recording lasts"):
        bin_events(source, 1000)
    with pytest.raises(EventError, match="steps of 1 us are more than"):
        bin_events(source, 1, steps=1 << 40)
    events, report = bin_events(source, 1000, steps=5)
    assert (events.steps, report.late) == (5, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"step_us": 0}, "step_us must be a whole number of at least 1, not 0"),
        ({"step_us": 0.5}, "step_us must be a whole number of at least 1, not 0.5"),
        ({"step_us": 1, "steps": -1}, "steps must be a whole number of at least 0, not -1"),
        ({"step_us": 1, "pool": 0}, "pool must be a whole number of at least 1, not 0"),
        ({"step_us": 1, "polarities": 3}, "polarities must be 1 or 2, not 3"),
    ],
)
def test_bad_arguments(arguments: dict[str, int], message: str) -> None:
    with pytest.raises(EventError, match=message):
        bin_events(recording(0), **arguments)  # type: ignore[arg-type]
