"""The emulator: packed networks, rules that make synapses up, one network over many processes."""

from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.emulator.connectivity import Connectivity, FixedFanOut
from ganglion.model.emulator.distributed import DistributedEmulator, share_of
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.emulator.network import PackedNetwork
from ganglion.model.emulator.pack import pack, pack_program, predicted_bytes

__all__ = [
    "ArrayEmulator",
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
