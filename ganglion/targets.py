"""What runs a program: the interface that all targets have, and the drivers that carry packets to a chip."""

from ganglion.model.spec.target import Target
from ganglion.sim.driver import NO_STALLS, Answer, Driver, Stalls
from ganglion.sim.native import NativeDriver
from ganglion.sim.target import ChipTarget

__all__ = ["NO_STALLS", "Answer", "ChipTarget", "Driver", "NativeDriver", "Stalls", "Target"]
