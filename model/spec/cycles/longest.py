"""The longest step there can be, whatever a host has written into the memories of a chip."""

from ganglion.model.spec.cycles.core import DRAIN, keyed_cycles, update_cycles
from ganglion.model.spec.cycles.sweep import SweepRow, sweep_cycles
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packets import PACKET_BITS
from ganglion.model.spec.params import Params

HOP_CYCLES = 8
"""Cycles of a packet in a router, both ways together, more than it takes."""


def longest_step(params: Params) -> int:
    """Cycles from the host's END to the chip at rest that no step exceeds, where the host takes what it is sent.

    It is a bound and far from any network's steps: each core takes its whole fan-out table as events for every core,
    each event walks the whole axon table, each row of it has the longest `length`, and nothing overlaps. Where the chip
    learns, a sweep follows that visits all of these rows, by rules of as many terms as can be said.
    """
    longest_row = _highest(params, Memory.AXONS, "length")
    events = params.cores * params.fanout_entries
    sending = 3 * params.groups + params.neurons + 2 * params.fanout_entries
    hops = 2 * len(params.levels) * (HOP_CYCLES + PACKET_BITS // params.link_bits)
    delivering = events * (params.axons * longest_row + hops)
    learning = _longest_sweep(params) if params.products else 0
    updating = update_cycles(params) + keyed_cycles(params)
    return updating + sending + delivering + DRAIN + hops + learning


def _longest_sweep(params: Params) -> int:
    passes = -(-_highest(params, Memory.RULES, "count") // params.products)
    row = SweepRow(_highest(params, Memory.AXONS, "length") * params.beats, passes, stochastic=params.stochastic)
    return sweep_cycles(params, [row] * params.axons)


def _highest(params: Params, memory: Memory, name: str) -> int:
    return next(field.high for field in memories(params)[memory].layout.fields if field.name == name)
