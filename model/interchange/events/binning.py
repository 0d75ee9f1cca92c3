"""From microseconds and pixels to steps and axons, and what is lost on the way."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ganglion.model.interchange.events.recording import Recording
from ganglion.model.spec.errors import EventError
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained

MOST_STEPS = 1 << 24
"""Steps of a recording, at most: an hour of 215 us each. A single wrong time would otherwise ask for all memory."""


@dataclass(frozen=True)
class BinningReport:
    """What became of the events of a recording. `events` = `early` + `late` + `merged` + `kept`."""

    events: int
    """Events of the recording."""
    kept: int
    """Events that the network gets."""
    merged: int
    """Events that were one with another of the same axon in the same step."""
    early: int
    """Events before the first step."""
    late: int
    """Events after the last step."""
    steps: int
    axons: int
    step_us: int
    """Microseconds of a step: times within one are not told apart."""
    most_at_once: int
    """How often, at most, an axon fires in one step."""
    unordered: int = 0
    """Events that were out of order in the recording, and were sorted, or dropped: those are not among `events`."""
    notes: tuple[str, ...] = ()
    """What the recording says of itself: sizes that were guessed, events that were sorted or left out."""

    def to_dict(self) -> dict[str, Any]:
        """All fields, as plain values."""
        return asdict(self)

    def __str__(self) -> str:
        lost = self.early + self.late + self.merged
        share = f"{100 * lost / self.events:.1f} %" if self.events else "none"
        return (
            f"{self.kept} of {self.events} events in {self.steps} steps of {self.step_us} us on {self.axons} axons; "
            f"lost {share}: {self.merged} merged, {self.early} early, {self.late} late"
            + "".join(f"; {note}" for note in self.notes)
        )


@explained(EventError)
def bin_events(
    recording: Recording,
    step_us: int,
    *,
    steps: int | None = None,
    start_us: int | None = None,
    polarities: int = 2,
    pool: int = 1,
    once: bool = True,
) -> tuple[Events, BinningReport]:
    """Events for a network, and what was lost.

    A pixel is axon `(p * rows + y) * columns + x`, with columns and rows of the sensor divided by `pool`, rounded up.

    Args:
        recording: what was recorded.
        step_us: microseconds of a step.
        steps: how many; None is as many as it takes to the last event, at least one.
        start_us: time at which step 0 begins; None is that of the first event.
        polarities: 2 gives darker and brighter axons of their own, darker first; 1 merges them.
        pool: squares of pool x pool pixels share an axon.
        once: an axon fires once per step at most, which chips are proved for; otherwise as often as its pixels did.

    Raises:
        EventError: an argument that cannot be, or more than MOST_STEPS steps; names it.
    """
    for name, value, low in (("step_us", step_us, 1), ("pool", pool, 1), ("steps", 1 if steps is None else steps, 0)):
        if not isinstance(value, int) or value < low:
            raise EventError(f"{name} must be a whole number of at least {low}, not {value!r}")
    if polarities not in (1, 2):
        raise EventError(f"polarities must be 1 or 2, not {polarities!r}")
    columns, rows = (-(-count // pool) for count in recording.size)
    start = start_us if start_us is not None else int(recording.t[0]) if recording.events else 0
    step = (recording.t - start) // step_us
    count = steps if steps is not None else max(1, int(step.max(initial=0)) + 1)
    if count > MOST_STEPS:
        raise EventError(
            f"{count} steps of {step_us} us are more than {MOST_STEPS}: the recording lasts {recording.duration} us; "
            "give steps=, or a longer step_us=, or the unit of its times where it is read (unit=)"
        )
    early, late = step < 0, step >= count
    here = ~(early | late)
    pixel = (recording.y // pool) * columns + recording.x // pool
    axon = pixel + (recording.p * rows * columns if polarities == 2 else 0)
    axons = polarities * rows * columns
    place, times = np.unique(step[here] * max(1, axons) + axon[here], return_counts=True)
    if not once:
        place = np.repeat(place, times)
    at = place // max(1, axons)
    events = Events(
        (place % max(1, axons)).astype(np.int64), np.searchsorted(at, np.arange(count + 1)).astype(np.int64)
    )
    report = BinningReport(
        events=recording.events,
        kept=events.axon.size,
        merged=int(here.sum()) - events.axon.size,
        early=int(early.sum()),
        late=int(late.sum()),
        steps=count,
        axons=axons,
        step_us=step_us,
        most_at_once=int(times.size > 0) if once else int(times.max(initial=0)),
        unordered=recording.unordered,
        notes=recording.notes,
    )
    return events, report
