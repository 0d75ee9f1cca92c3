"""The emulator: packed networks, rules that make synapses up, one network over many processes."""

from ganglion.model.emulator import (
    Connectivity,
    Emulator,
    FixedFanOut,
    PackedNetwork,
    pack,
    pack_program,
    predicted_bytes,
)
from ganglion.model.emulator.distributed import DistributedEmulator, share_of

__all__ = [
    "Connectivity",
    "DistributedEmulator",
    "Emulator",
    "FixedFanOut",
    "PackedNetwork",
    "pack",
    "pack_program",
    "predicted_bytes",
    "share_of",
]
