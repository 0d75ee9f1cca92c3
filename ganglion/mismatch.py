"""Chips that are not ideal: a distortion as a value, and a target that has it."""

from ganglion.model.mismatch.distortion import Distortion
from ganglion.model.mismatch.target import Mismatch

__all__ = ["Distortion", "Mismatch"]
