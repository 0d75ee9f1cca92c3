"""Two targets compared bit by bit, and random networks that reach every corner of a chip."""

from ganglion.model.lockstep import lockstep
from ganglion.model.random_network import RandomNetwork, random_network
from ganglion.model.spec.difference import Difference
from ganglion.sim.coverage import Coverage, points
from ganglion.sim.verify import random_stalls, verify

__all__ = [
    "Coverage",
    "Difference",
    "RandomNetwork",
    "lockstep",
    "points",
    "random_network",
    "random_stalls",
    "verify",
]
