"""Encoders, from numbers to events and currents, and decoders, from traces to answers."""

from ganglion.model.interchange.encode import (
    NEVER,
    Vote,
    count,
    delta,
    direct_current,
    first_spike,
    first_spikes,
    latency,
    membrane,
    membranes,
    rate,
    running_vote,
    set_currents,
)

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
