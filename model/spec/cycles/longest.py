"""The longest step there can be, whatever a host has written into the memories of a chip."""

from ganglion.model.spec.cycles.core import DRAIN, update_cycles
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packets import PACKET_BITS
from ganglion.model.spec.params import Params

HOP_CYCLES = 8
"""Cycles of a packet in a router, both ways together, more than it takes."""


def longest_step(params: Params) -> int:
    """Cycles from the host's END to the chip at rest that no step exceeds, where the host takes what it is sent; the
    sweep of a chip that learns comes on top.

    It is a bound and far from any network's steps: each core takes its whole fan-out table as events for every core,
    each event walks the whole axon table, each row of it has the longest `length`, and nothing overlaps.
    """
    axons = memories(params)[Memory.AXONS].layout
    longest_row = next(field.high for field in axons.fields if field.name == "length")
    events = params.cores * params.fanout_entries
    sending = 3 * params.groups + params.neurons + 2 * params.fanout_entries
    hops = 2 * len(params.levels) * (HOP_CYCLES + PACKET_BITS // params.link_bits)
    delivering = events * (params.axons * longest_row + hops)
    return update_cycles(params) + sending + delivering + DRAIN + hops
