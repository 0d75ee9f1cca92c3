"""The emulator: stored networks, rules that make synapses up, one network over many processes."""

from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.emulator.connectivity import Connectivity, FixedFanOut
from ganglion.model.emulator.distributed import DistributedEmulator, share_of
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.emulator.network import StoredNetwork
from ganglion.model.emulator.store import predicted_bytes, store, store_program

__all__ = [
    "ArrayEmulator",
    "Connectivity",
    "DistributedEmulator",
    "Emulator",
    "FixedFanOut",
    "StoredNetwork",
    "predicted_bytes",
    "share_of",
    "store",
    "store_program",
]
