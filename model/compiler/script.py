"""The packets that run steps: events, and what ends each step."""

import numpy as np

from ganglion.model.compiler.image import Image
from ganglion.model.spec import packet_arrays
from ganglion.model.spec.events import Events
from ganglion.model.spec.packet_arrays import Words


def step_packets(image: Image, events: Events, steps: range, tail: Words) -> Words:
    """The packets of some steps, shape (packets,).

    Args:
        image: what runs.
        events: of the whole run.
        steps: which of them.
        tail: behind the events of each step: END, and what is to be read then.
    """
    inputs = image.inputs
    event = events.axon[events.start[steps.start] : events.start[steps.stop]]
    packets = np.diff(inputs.start)[event]
    before = np.concatenate(([0], np.cumsum(packets)))
    which = np.arange(before[-1]) - np.repeat(before[:-1] - inputs.start[event], packets)
    spikes = packet_arrays.spikes(inputs.axon[which], inputs.route[which])
    start = before[events.start[steps.start : steps.stop + 1] - events.start[steps.start]]
    # np.insert puts equal places in the order given.
    return np.insert(spikes, np.repeat(start[1:], tail.size), np.tile(tail, len(steps)))
