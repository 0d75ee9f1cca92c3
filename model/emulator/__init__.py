"""The emulator: the fast engine, with the bits of the reference."""

from ganglion.model.emulator.connectivity import Connectivity, FixedFanOut
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.emulator.network import PackedNetwork
from ganglion.model.emulator.pack import pack, pack_program, predicted_bytes

__all__ = ["Connectivity", "Emulator", "FixedFanOut", "PackedNetwork", "pack", "pack_program", "predicted_bytes"]
