"""Decoders read answers out of traces."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganglion import PRESETS, Emulator, Events, NeuronType, Program, Reference
from ganglion.model.interchange.encode import (
    NEVER,
    Ties,
    count,
    count_rasters,
    first_spike,
    first_spikes,
    membrane,
    membranes,
    running_vote,
)
from ganglion.model.spec.errors import EventError, ProgramError
from ganglion.model.spec.trace import Trace


def trace_of(steps: list[list[int]], first: int = 5) -> Trace:
    spikes = [(first + step, neuron) for step, fired in enumerate(steps) for neuron in sorted(fired)]
    return Trace(
        ran_on="test",
        first=first,
        neurons=13,
        spikes=np.array(spikes, dtype=np.int64).reshape(-1, 2),
        counters={"synops": np.zeros(len(steps), dtype=np.int64)},
    )


@given(
    steps=st.lists(st.lists(st.integers(0, 9), unique=True), min_size=1, max_size=8),
    neurons=st.lists(st.integers(0, 12), unique=True, min_size=1, max_size=6),
)
def test_counts_and_first_spikes(steps: list[list[int]], neurons: list[int]) -> None:
    """Against a loop; the first class wins where two are equal."""
    trace = trace_of(steps)
    counts = [sum(neuron in fired for fired in steps) for neuron in neurons]
    first = [next((t for t, fired in enumerate(steps) if neuron in fired), NEVER) for neuron in neurons]
    assert first_spikes(trace, neurons).tolist() == first
    silent = not any(counts)
    assert count(trace, neurons) == (NEVER if silent else counts.index(max(counts)))
    assert first_spike(trace, neurons) == (NEVER if silent else first.index(min(t for t in first if t != NEVER)))


def test_ties_go_to_the_lowest_or_to_the_earliest_and_then_to_the_lowest() -> None:
    rasters = np.zeros((5, 4, 3), dtype=np.uint8)
    rasters[0, [0, 2], 2] = rasters[0, 1, 0] = 1  # most spikes
    rasters[1, 1, 0] = rasters[1, 0, 1] = 1  # equally many, at different times
    rasters[2, 2, 1:] = 1  # equally many, at once
    rasters[3, 3, 2] = 1  # a spike in the last step counts
    wanted: dict[Ties, list[int]] = {"earliest": [2, 1, 1, 2, NEVER], "lowest": [2, 0, 1, 2, NEVER]}
    for ties, classes in wanted.items():
        assert count_rasters(rasters, ties=ties).tolist() == classes
        for raster, answer in zip(rasters, classes, strict=True):
            trace = trace_of([[7 + int(k) for k in np.flatnonzero(step)] + [4] for step in raster], first=10)
            assert count(trace, [7, 8, 9], ties=ties) == answer


def relays(neurons: int = 3) -> Program:
    """Input k makes neuron k fire in the next step; weights below that charge the membranes."""
    return Program.build(
        params=PRESETS["small"],
        types=(NeuronType.integrate_and_fire(),),
        threshold=np.full(neurons, 9),
        inputs=neurons + 1,
        pre=[*range(neurons), *([neurons] * neurons)],
        post=[*range(neurons + 1, 2 * neurons + 1)] * 2,
        weight=[*([10] * neurons), *range(1, neurons + 1)],
    )


@pytest.mark.long
def test_membranes_of_states_and_of_probes() -> None:
    events = Events.from_steps([[3], [3], [0], [], []])
    kept = Emulator(relays()).run(events, keep_states=True)
    probed = Emulator(relays()).run(events, probes={"v": [2, 0]})
    wanted = [[0, 0], [3, 1], [6, 2], [6, 0], [6, 0]]
    assert membranes(kept, [2, 0]).tolist() == wanted
    assert membranes(probed, [2, 0]).tolist() == wanted
    with pytest.raises(ProgramError, match=r"the trace has no membranes of these neurons: run with keep_states=True"):
        membranes(probed, [2])


@pytest.mark.parametrize(
    ("steps", "last", "peak", "total"),
    [([[3], [3], [2], []], 1, 2, 1), ([[3], [3], [3], [], [2], []], 1, 2, 2)],
)
def test_the_highest_membrane_wins(steps: list[list[int]], last: int, peak: int, total: int) -> None:
    """Class 2 charges fastest, and fires at the end."""
    trace = Reference(relays()).run(Events.from_steps(steps), keep_states=True)
    assert [membrane(trace, [0, 1, 2], how) for how in ("last", "peak", "sum")] == [last, peak, total]
    with pytest.raises(ProgramError, match="how must be 'last', 'peak', 'sum', not 'mean'"):
        membrane(trace, [0], "mean")


SAMPLE = [[0], [1], [1], [1], [0], [1], [1], [2]]
"""Neurons fire one step later: class 1 leads by 1 after step 3, by 2 after step 4, again after 6, by 3 after 7."""


@pytest.mark.long
@pytest.mark.parametrize("kind", [Reference, Emulator])
@pytest.mark.parametrize(
    ("options", "steps", "stopped"),
    [
        ({"lead": 1}, 2, True),
        ({"lead": 1, "least_steps": 2}, 2, True),
        ({"lead": 1, "least_steps": 3}, 4, True),
        ({"lead": 2}, 5, True),
        ({"lead": 2, "every": 3}, 8, False),
        ({"lead": 2, "every": 4}, 8, False),
        ({"lead": 1, "every": 4}, 4, True),
        ({"lead": 99}, 8, False),
    ],
)
def test_a_vote_stops_when_the_lead_is_large_enough(kind: Any, options: Any, steps: int, stopped: bool) -> None:
    target = kind(relays())
    vote = running_vote(target, Events.from_steps(SAMPLE), [0, 1, 2], **options)
    assert (vote.steps, vote.stopped) == (steps, stopped)
    fired = [axon for axons in SAMPLE[: steps - 1] for axon in axons]
    counts = [fired.count(k) for k in range(3)]
    assert vote.counts.tolist() == counts and vote.answer == counts.index(max(counts))
    assert target.run(Events.from_steps([[]])).first == steps, "the target stands where the vote stopped"


@pytest.mark.long
def test_a_vote_that_nobody_takes_part_in() -> None:
    vote = running_vote(Emulator(relays()), Events.from_steps([[], []]), [0, 1], lead=1)
    assert (vote.answer, vote.steps, vote.stopped) == (NEVER, 2, False)


@pytest.mark.long
@pytest.mark.parametrize("name", ["lead", "least_steps", "every"])
def test_bad_votes_run_nothing(name: str) -> None:
    target = Emulator(relays())
    with pytest.raises(ProgramError, match=f"{name} must be at least 1, not 0"):
        running_vote(target, Events.from_steps([[0]]), [0, 1], **{"lead": 1, name: 0})
    with pytest.raises(ProgramError, match="classes must be at least 1, not 0"):
        running_vote(target, Events.from_steps([[0]]), [], lead=1)
    with pytest.raises(EventError, match="event 1, in step 1, is for axon 4; the network has axons 0 to 3"):
        running_vote(target, Events.from_steps([[0], [4]]), [0, 1], lead=1)
    assert target.t == 0
