"""Encoders, from numbers to events and currents, and decoders, from traces to answers."""

from ganglion.model.interchange.encode.decoders import (
    NEVER,
    Ties,
    count,
    count_rasters,
    first_spike,
    first_spikes,
    membrane,
    membranes,
)
from ganglion.model.interchange.encode.encoders import (
    delta,
    direct_current,
    latency,
    rate,
    regular_raster,
    set_currents,
)
from ganglion.model.interchange.encode.vote import Vote, running_vote

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
