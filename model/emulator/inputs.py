"""What is checked of a run's input before the kernels, which check nothing, get it."""

from collections.abc import Iterator, Sequence

import numpy as np

from ganglion.model.emulator.kernels.events import most_at_once, survey
from ganglion.model.spec.events import Events


def check_events(events: Events, inputs: int) -> int:
    """How often, at most, an axon fires in one step (1 where none does).

    Raises:
        EventError: an event for an axon the network has not, or steps that are not in order.
    """
    events.check_order()
    return check_steps(events, inputs)


def check_steps(events: Events, inputs: int) -> int:
    """As `check_events`, of steps that are in order."""
    wrong, once = survey(events.axon, events.start, inputs)
    if wrong:
        events.check(inputs)
    return 1 if once else most_at_once(events.axon, events.start, inputs)


def without_gaps(events: Events) -> Events:
    """The same events, each array in one piece and forwards: the kernels would be compiled once more for any other."""
    if events.axon.flags.c_contiguous and events.start.flags.c_contiguous:
        return events
    return Events(np.ascontiguousarray(events.axon), np.ascontiguousarray(events.start))


def groups(samples: Sequence[Events], most: int) -> Iterator[tuple[Events, Sequence[Events]]]:
    """Runs one after another as one, of at most so many events each time, unless one run alone has more.

    Yields:
        all axons and all starts of a group, to be used before the next one comes; and its runs.
    """
    sizes = [events.axon.size for events in samples]
    room = np.empty(max([most, *sizes]), dtype=np.int64)
    begin = 0
    while begin < len(samples):
        end, total = begin, 0
        while end < len(samples) and (end == begin or total + sizes[end] <= most):
            total += sizes[end]
            end += 1
        here, firsts = samples[begin:end], np.cumsum([0, *sizes[begin:end]])
        axon = np.concatenate([events.axon for events in here], out=room[:total])
        start = np.concatenate([events.start + first for events, first in zip(here, firsts[:-1], strict=True)])
        yield Events(axon, start), here
        begin = end
