"""Encoders, from numbers to events and currents, and decoders, from traces to answers."""

from ganglion.model.interchange.encode import (
    NEVER,
    Ties,
    Vote,
    count,
    count_rasters,
    delta,
    direct_current,
    first_spike,
    first_spikes,
    latency,
    membrane,
    membranes,
    rate,
    regular_raster,
    running_vote,
    set_currents,
)

__all__ = [
    "NEVER",
    "Ties",
    "Vote",
    "count",
    "count_rasters",
    "delta",
    "direct_current",
    "first_spike",
    "first_spikes",
    "latency",
    "membrane",
    "membranes",
    "rate",
    "regular_raster",
    "running_vote",
    "set_currents",
]
