"""Recordings of event cameras: files, and the way from microseconds to steps."""

from ganglion.model.interchange.events.binning import BinningReport, bin_events
from ganglion.model.interchange.events.files import read_aedat, read_bin, read_events, read_numpy, write_npz
from ganglion.model.interchange.events.recording import Recording, from_array, from_arrays

__all__ = [
    "BinningReport",
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
