"""What a neuron may have beyond the least: each option is a part that owns its widths, and is off by default.

A chip without an option builds nothing of it.
"""

from dataclasses import dataclass

from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.params.part import Part

LEAST = 4
"""Bits of a state variable that an option adds, at least."""

ALL_PARITY = 0xFDFE
"""The memories that can have a parity bit, as bits of the parameter `parity`: bit k for memory k of the packets. Those
that are left out, REGISTERS and PARAMETERS, are flip-flops and constants."""


@dataclass(frozen=True, kw_only=True)
class Option(Part):
    """Base of the options."""

    def _width(self, field: str) -> None:
        """The field is the width of a state variable, or 0."""
        self._whole(**{field: (0, 36)})
        if 0 < (bits := getattr(self, field)) < LEAST:
            raise ParamsError(f"{field} must be 0 (off) or at least {LEAST}, not {bits}")


@dataclass(frozen=True, kw_only=True)
class Current(Option):
    """A synaptic current: the input of a step decays instead of being gone in the next."""

    current_bits: int = 0
    """Signed synaptic current u; 0 builds a chip without currents."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._width("current_bits")


@dataclass(frozen=True, kw_only=True)
class Adaptation(Option):
    """A threshold that rises with each spike, and decays."""

    adaptation_bits: int = 0
    """Signed adaptive part of the threshold; 0 builds a chip without adaptive thresholds."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._width("adaptation_bits")


@dataclass(frozen=True, kw_only=True)
class Noise(Option):
    """Noise on the membranes, a function of seed, step and neuron. Its widths are those of `noise_constants`."""

    noise: bool = False
    """Whether the chip has the noise generator."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.noise not in (False, True):
            raise ParamsError(f"noise must be True or False, not {self.noise!r}")
        object.__setattr__(self, "noise", bool(self.noise))


@dataclass(frozen=True, kw_only=True)
class Parity(Option):
    """A parity bit in each row of memories, by which the chip sees that a bit of what it reads has flipped."""

    parity: int = 0
    """Memories with a parity bit: bit k for memory k of the packets; ALL_PARITY is every one, and 0 none."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._whole(parity=(0, ALL_PARITY))
        if stray := self.parity & ~ALL_PARITY:
            raise ParamsError(
                f"parity may be any bits of {ALL_PARITY:#x}, and has {stray:#x}; registers and parameters are no arrays"
            )
