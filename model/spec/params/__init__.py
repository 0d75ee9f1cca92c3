"""The sizes of a chip: parts with their checks, all of them in one frozen dataclass, and the named presets."""

from ganglion.model.spec.params.chip import Params, told_numbers
from ganglion.model.spec.params.core import GUARD_BITS
from ganglion.model.spec.params.learning import LEARNING, MEMBRANE, RECEPTOR, SPIKES, TRACE
from ganglion.model.spec.params.options import ALL_PARITY
from ganglion.model.spec.params.part import bits_for
from ganglion.model.spec.params.presets import PRESETS
from ganglion.model.spec.params.tree import LEVELS, RADIX, levels_for

__all__ = [
    "ALL_PARITY",
    "GUARD_BITS",
    "LEARNING",
    "LEVELS",
    "MEMBRANE",
    "PRESETS",
    "RADIX",
    "RECEPTOR",
    "SPIKES",
    "TRACE",
    "Params",
    "bits_for",
    "levels_for",
    "told_numbers",
]
