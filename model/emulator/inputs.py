"""What is checked of a run's input before the kernels, which check nothing, get it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ganglion.model.emulator.kernels.pack import find_wrong_event, most_at_once
from ganglion.model.spec.errors import EventError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import Params


def check_events(events: Events, inputs: int) -> int:
    """How often, at most, an axon fires in one step (1 where none does).

    Raises:
        EventError: an event for an axon the network has not, or steps that are not in order.
    """
    axon, start = events.axon, events.start
    if not start.size or start[0] != 0 or start[-1] != axon.size or (np.diff(start) < 0).any():
        raise EventError(
            f"events must be in the order of their steps: start must rise from 0 to {axon.size}, the number of events"
        )
    if find_wrong_event(axon, inputs) >= 0:
        events.check(inputs)
    return most_at_once(axon, start, inputs)


def join(samples: Sequence[Events]) -> tuple[Events, Any]:
    """The axons and starts of many runs, one run after another, and int64 steps of each."""
    sizes = np.array([events.axon.size for events in samples], dtype=np.int64)
    begins = np.cumsum(sizes) - sizes
    axon = np.concatenate([events.axon for events in samples])
    start = np.concatenate([events.start + begin for events, begin in zip(samples, begins, strict=True)])
    return Events(axon, start), np.array([events.steps for events in samples], dtype=np.int64)


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
