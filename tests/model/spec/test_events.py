"""Events come from lists and rasters, and go back; what is no event is refused and never rounded."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganglion.model.spec.errors import EventError
from ganglion.model.spec.events import Events

STEPS = st.lists(st.lists(st.integers(0, 6), max_size=5), max_size=8)


@given(steps=STEPS)
def test_a_raster_and_back(steps: list[list[int]]) -> None:
    events = Events.from_steps(steps)
    raster = events.to_raster(7)
    assert raster.shape == (len(steps), 7)
    assert [[row.count(axon) for axon in range(7)] for row in steps] == raster.tolist()
    assert Events.from_raster(raster) == events


@given(steps=STEPS, other=STEPS, data=st.data())
def test_events_are_equal_in_any_order_within_a_step(
    steps: list[list[int]], other: list[list[int]], data: st.DataObject
) -> None:
    shuffled = [data.draw(st.permutations(axons)) for axons in steps]
    assert Events.from_steps(steps) == Events.from_steps(shuffled)
    same = [sorted(axons) for axons in steps] == [sorted(axons) for axons in other]
    assert (Events.from_steps(steps) == Events.from_steps(other)) is same
    assert Events.from_steps(steps) != steps


def test_bool_and_any_whole_numbers_are_rasters() -> None:
    wanted = Events.from_steps([[1], [0, 1]])
    for dtype in (bool, np.uint8, np.int16, np.uint64):
        assert Events.from_raster(np.array([[0, 1], [1, 1]], dtype=dtype)) == wanted
    assert Events.from_raster([[0, 300]]).axon.tolist() == [1] * 300


@pytest.mark.parametrize(
    ("raster", "message"),
    [
        ([[0.6, 0.2]], r"whole numbers or bool, not float64: make spikes of rates first \(ganglion\.encode\.rate\)"),
        ([[1.0, 0.0]], "or say that they are whole"),
        ([0, 1], r"a raster has the shape \(steps, axons\), not \(2,\)"),
        ([[0, 0], [0, -1]], "a raster counts from 0; axon 1 has -1 in step 1"),
    ],
)
def test_rasters_that_are_none(raster: Any, message: str) -> None:
    with pytest.raises(EventError, match=message):
        Events.from_raster(raster)


def test_axons_are_whole_numbers() -> None:
    with pytest.raises(EventError, match="the axons of step 1 must be whole numbers, not float64"):
        Events.from_steps([[0], [0.6]])  # type: ignore[list-item]
    assert Events.from_steps([[], []]).steps == 2


def test_a_raster_has_a_column_for_every_event() -> None:
    with pytest.raises(EventError, match=r"event 1, in step 1, is for axon 3; the network has axons 0 to 2"):
        Events.from_steps([[0], [3]]).to_raster(3)
