"""Encoders give the events that their definitions say."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganglion import PRESETS, Emulator, Events, NeuronType, Program, Reference
from ganglion.model.interchange.encode import (
    delta,
    direct_current,
    latency,
    rate,
    regular_raster,
    set_currents,
)
from ganglion.model.spec.errors import EventError, ProgramError


def raster(events: Events, axons: int) -> Any:
    """Counts of shape (steps, axons)."""
    return np.stack([np.bincount(events[step], minlength=axons) for step in range(events.steps)])


def test_rates_are_the_probabilities() -> None:
    """Within five standard deviations, and 0 and 1 exactly."""
    values = np.array([0, 0.02, 0.5, 0.9, 1])
    steps = 4000
    counts = raster(rate(values, steps, seed=7), 5)
    assert counts.max() == 1
    assert (np.abs(counts.sum(axis=0) - values * steps) <= 5 * np.sqrt(steps * values * (1 - values))).all()
    assert counts[:, 0].sum() == 0 and counts[:, 4].sum() == steps


def test_rates_have_no_memory_and_no_company() -> None:
    """Events of different steps and of different axons are not correlated, within five standard deviations."""
    counts = raster(rate(np.full(4, 0.5), 5000, seed=3), 4) - 0.5
    limit = 5 / np.sqrt(5000) * 0.25
    assert abs((counts[1:] * counts[:-1]).mean(axis=0)).max() < limit
    assert abs((counts[:, :3] * counts[:, 1:]).mean(axis=0)).max() < limit


def test_rates_follow_the_seed() -> None:
    one, same, other = (raster(rate(np.full(50, 0.4), 20, seed), 50) for seed in (1, 1, 2))
    assert np.array_equal(one, same) and not np.array_equal(one, other)


@given(data=st.data(), full=st.integers(1, 5000), steps=st.integers(1, 30))
def test_regular_rates_count_how_often_their_sums_pass_the_full_value(
    data: st.DataObject, full: int, steps: int
) -> None:
    values = data.draw(st.lists(st.integers(0, full), min_size=1, max_size=6))
    phase = data.draw(st.lists(st.integers(0, full - 1), min_size=len(values), max_size=len(values)))
    counts = regular_raster([values, values[::-1]], steps, full=full, phase=phase)
    assert counts.shape == (2, steps, len(values)) and counts.max() <= 1
    for order, one in zip((values, values[::-1]), counts, strict=True):
        passed = [[(value * (n + 1) + p) // full for value, p in zip(order, phase, strict=True)] for n in range(steps)]
        assert one.cumsum(axis=0).tolist() == passed


def test_values_without_a_regular_rate_are_named() -> None:
    for values, options, message in (
        ([1, 5], {"full": 4}, r"value \[1\] is 5; it must be 0 to 4"),
        ([[0, 1], [-1, 1]], {"full": 4}, r"value \[1, 0\] is -1; it must be 0 to 4"),
        ([1.5], {"full": 4}, "whole numbers, 0 to 4, not float64"),
        ([float("nan")], {"full": 4}, "whole numbers"),
        (1, {"full": 4}, r"shape \(…, axons\), not \(\)"),
        ([1], {"full": 4, "phase": [4]}, r"phase \[0\] is 4; it must be 0 to 3"),
        ([1], {"full": 4, "phase": [0.5]}, "phases must be whole numbers"),
        ([1], {"full": 0}, "full must be at least 1, not 3 and 0"),
    ):
        with pytest.raises(EventError, match=message):
            regular_raster(values, 3, **options)  # type: ignore[arg-type]
    with pytest.raises(EventError, match="steps must be at least 1"):
        regular_raster([1], 0, full=4)


@given(values=st.lists(st.floats(0, 1), min_size=1, max_size=20), steps=st.integers(1, 30), least=st.floats(0, 0.99))
def test_latencies(values: list[float], steps: int, least: float) -> None:
    counts = raster(latency(values, steps, least), len(values))
    for axon, value in enumerate(values):
        fired = np.flatnonzero(counts[:, axon]).tolist()
        assert fired == ([round((1 - value) / (1 - least) * (steps - 1))] if value > least else [])
    assert counts.max() <= 1 and counts.shape == (steps, len(values))


@given(data=st.data(), channels=st.integers(1, 3), threshold=st.sampled_from((1, 2, 5)))
def test_delta_events_follow_the_signal(data: st.DataObject, channels: int, threshold: int) -> None:
    """Adding up the events never leaves the signal by a threshold or more, and never passes it."""
    row = st.lists(st.integers(-20, 20), min_size=channels, max_size=channels)
    signal = np.array(data.draw(st.lists(row, min_size=1, max_size=15)))
    counts = raster(delta(signal, threshold), 2 * channels)
    followed = signal[0] + threshold * np.cumsum(counts[:, :channels] - counts[:, channels:], axis=0)
    assert (np.abs(signal - followed) < threshold).all()
    assert (np.minimum(counts[:, :channels], counts[:, channels:]) == 0).all()
    assert (counts[0] == 0).all()
    assert ((counts[:, :channels] > 0) <= (followed <= signal)).all()
    assert ((counts[:, channels:] > 0) <= (followed >= signal)).all()


def program() -> Program:
    return Program.build(
        params=PRESETS["small"],
        types=(NeuronType.integrate_and_fire(),),
        threshold=[99, 99, 99],
        inputs=0,
        pre=[],
        post=[],
        weight=[],
    )


@pytest.mark.long
@pytest.mark.parametrize("kind", [Reference, Emulator])
def test_currents_drive_neurons(kind: Any) -> None:
    target = kind(program())
    currents = direct_current([0.5, -1, 0.26], 10, target.program.params)
    assert currents.tolist() == [5, -10, 3]
    set_currents(target, [0, 1, 2], currents)
    target.run(Events.from_steps([[]] * 4))
    assert target.state().v.tolist() == [20, -40, 12]
    set_currents(target, [0, 2], [0, -3])
    target.run(Events.from_steps([[]] * 4))
    assert target.state().v.tolist() == [20, -80, 0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: rate([0.5, 1.5], 3, 0), EventError, "value 1 is 1.5; values to encode are 0 to 1"),
        (lambda: rate([0.5, -0.1], 3, 0), EventError, "value 1 is -0.1"),
        (lambda: latency([float("nan")], 3), EventError, "value 0 is nan"),
        (
            lambda: latency([0.5], 0),
            EventError,
            "steps must be at least 1 and least from 0 to less than 1, not 0 and 0.0",
        ),
        (lambda: latency([0.5], 3, 1.0), EventError, "not 3 and 1.0"),
        (
            lambda: delta([1, 2], 1),
            EventError,
            r"a signal has shape \(steps, channels\) with at least one step, not \(2,\)",
        ),
        (lambda: delta([[1], [2]], 0), EventError, "threshold must be greater than 0, not 0"),
        (lambda: delta([[0], [1e12]], 1e-3), EventError, r"moves by 1e\+15 thresholds of 0.001, each an event"),
        (lambda: delta([[0], [1e300]], 1e-300), EventError, "moves by inf thresholds"),
        (lambda: delta([[1], [np.inf]], 1), EventError, "the signal is inf in step 1, channel 0"),
        (
            lambda: direct_current([1, 3000], 1, PRESETS["small"]),
            ProgramError,
            "value 1 is a bias of 3000.0; biases of 12 bits are -2048 to 2047",
        ),
        (lambda: direct_current([np.nan], 1, PRESETS["small"]), ProgramError, "value 0 is a bias of nan"),
        (
            lambda: set_currents(Reference(program()), [0, 1], [1]),
            ProgramError,
            "bias takes one value, or one for each neuron, not 1 for 2",
        ),
    ],
)
def test_bad_values_are_named(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
