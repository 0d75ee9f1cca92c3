"""The sizes of a chip, and the named presets."""

from ganglion.model.spec.params import PRESETS, Params, levels_for

__all__ = ["PRESETS", "Params", "levels_for"]
