"""What is found out about the events of a run before it begins."""

import numpy as np

from ganglion.model.emulator.kernels.compile import allocating_kernel, kernel
from ganglion.model.spec.arrays import Array


@kernel
def in_order(axons: Array, start: Array) -> bool:
    """As `ganglion.model.spec.events.Events.check_order`: whether `start` rises from 0 to the number of events."""
    if start.size == 0 or start[0] != 0 or start[start.size - 1] != axons.size:
        return False
    falls = 0
    for step in range(1, start.size):
        falls += start[step] < start[step - 1]
    return falls == 0


@kernel
def survey(axons: Array, start: Array, inputs: int) -> tuple[int, bool]:
    """How many events are for axons that are not there, and whether the axons of every step are ascending, each once.

    The steps must be in order.
    """
    wrong, falls = 0, 0
    for k in range(axons.size):
        wrong += (axons[k] < 0) | (axons[k] >= inputs)
    before, after = axons[:-1], axons[1:]
    for k in range(after.size):
        falls += after[k] <= before[k]
    begun = 0
    for step in range(1, start.size - 1):
        at = start[step]
        if begun < at < axons.size:
            falls -= axons[at] <= axons[at - 1]
            begun = at
    return wrong, falls == 0


@allocating_kernel
def most_at_once(axons: Array, start: Array, inputs: int) -> int:
    """How often, at most, an axon fires in one step."""
    last = np.full(inputs, -1, dtype=np.int64)
    count = np.zeros(inputs, dtype=np.int64)
    most = 1
    for step in range(start.size - 1):
        for axon in axons[start[step] : start[step + 1]]:
            if last[axon] == step:
                count[axon] += 1
                most = max(most, count[axon])
            else:
                last[axon] = step
                count[axon] = 1
    return most
