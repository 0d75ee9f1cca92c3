"""What is checked of a run's input before the kernels, which check nothing, get it."""

from collections.abc import Iterator, Sequence

import numpy as np

from ganglion.model.emulator.kernels.pack import most_at_once, survey
from ganglion.model.spec.errors import EventError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import Params


def check_events(events: Events, inputs: int) -> int:
    """How often, at most, an axon fires in one step (1 where none does).

    Raises:
        EventError: an event for an axon the network has not, or steps that are not in order.
    """
    check_order(events)
    wrong, once = survey(events.axon, events.start, inputs)
    if wrong:
        events.check(inputs)
    return 1 if once else most_at_once(events.axon, events.start, inputs)


def check_order(events: Events) -> None:
    """Whether the steps are in order.

    Raises:
        EventError: they are not.
    """
    axon, start = events.axon, events.start
    if not start.size or start[0] != 0 or start[-1] != axon.size or (start[1:] < start[:-1]).any():
        raise EventError(
            f"events must be in the order of their steps: start must rise from 0 to {axon.size}, the number of events"
        )


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


def limits(params: Params, types: int) -> dict[str, tuple[int, int]]:
    """Least and greatest value of everything that can be written, on a chip of these params; options it lacks are not
    there."""

    def signed(bits: int) -> tuple[int, int]:
        return -(1 << (bits - 1)), (1 << (bits - 1)) - 1

    found = {"v": signed(params.membrane_bits)}
    if params.current_bits:
        found["u"] = signed(params.current_bits)
    if params.adaptation_bits:
        found["a"] = signed(params.adaptation_bits)
    found["refractory"] = 0, (1 << params.refractory_bits) - 1
    found["threshold"], found["bias"] = signed(params.membrane_bits), signed(params.bias_bits)
    found["type"] = 0, types - 1
    return found
