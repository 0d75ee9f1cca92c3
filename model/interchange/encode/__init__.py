"""Encoders, from numbers to events and currents, and decoders, from traces to answers."""

from ganglion.model.interchange.encode.decoders import NEVER, count, first_spike, first_spikes, membrane, membranes
from ganglion.model.interchange.encode.encoders import delta, direct_current, latency, rate, set_currents
from ganglion.model.interchange.encode.vote import Vote, running_vote

__all__ = [
    "NEVER",
    "Vote",
    "count",
    "delta",
    "direct_current",
    "first_spike",
    "first_spikes",
    "latency",
    "membrane",
    "membranes",
    "rate",
    "running_vote",
    "set_currents",
]
