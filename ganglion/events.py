"""Recordings of event cameras: files, and the way from microseconds to steps."""

from ganglion.model.interchange.events import (
    BinningReport,
    Recording,
    bin_events,
    from_array,
    from_arrays,
    read_aedat,
    read_bin,
    read_events,
    read_numpy,
    write_npz,
)
from ganglion.model.spec.events import Events

__all__ = [
    "BinningReport",
    "Events",
    "Recording",
    "bin_events",
    "from_array",
    "from_arrays",
    "read_aedat",
    "read_bin",
    "read_events",
    "read_numpy",
    "write_npz",
]
