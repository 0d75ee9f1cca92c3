"""Neuron types: the constants that many neurons share, with the names the field uses."""

from dataclasses import dataclass

from ganglion.model.spec.arithmetic import decay_factor, lowest_terms
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.params import NOISE_BITS, Params

NEVER = (0, 0)
"""The decay (m, s) of a variable that does not leak."""

AT_ONCE = (1, 0)
"""The decay (m, s) of a variable that forgets everything in a step."""

FACTOR_BITS = 16
"""The m of a decay in lowest terms is at most 2^16, so that its product with any variable fits 64 bits."""


@dataclass(frozen=True, kw_only=True)
class NeuronType:
    """Constants of a type of neuron; `docs/reference` has the equations.

    A decay is a pair (m, s): a step takes floor(x * m / 2^s) from x, with 0 <= m <= 2^s.

    Raises:
        ProgramError: a value no chip could hold; the message names it.
    """

    decay: tuple[int, int] = NEVER
    """Decay (m, s) of the membrane."""
    reset: str = "value"
    """After a spike: "value" sets v_reset, "subtract" takes the threshold from v."""
    v_reset: int = 0
    """Membrane after a spike, where reset is "value"."""
    refractory: int = 0
    """Steps after a spike in which the neuron ignores its input."""
    current_decay: tuple[int, int] | None = None
    """Decay (m, s) of the synaptic current u; None is a type without a current."""
    noise: int = 0
    """Bits of uniform noise added to v each step; 0 is none."""
    adaptation_decay: tuple[int, int] = NEVER
    """Decay (m, s) of the adaptive part of the threshold."""
    adaptation_raise: int = 0
    """Added to the adaptive part of the threshold at each spike."""

    def __post_init__(self) -> None:
        if self.reset not in ("value", "subtract"):
            raise ProgramError(f'reset must be "value" or "subtract", not {self.reset!r}')
        for name, pair in (
            ("decay", self.decay),
            ("current_decay", self.current_decay),
            ("adaptation_decay", self.adaptation_decay),
        ):
            if pair is None:
                continue
            m, s = pair
            if s < 0 or not 0 <= m <= 1 << s:
                raise ProgramError(f"{name} (m, s) must have s >= 0 and 0 <= m <= 2^s, not {pair}")
        for name in ("refractory", "noise"):
            if getattr(self, name) < 0:
                raise ProgramError(f"{name} must not be negative, not {getattr(self, name)}")

    @classmethod
    def integrate_and_fire(cls, **changes: object) -> "NeuronType":
        """IF: v integrates its input and never leaks."""
        return cls(**changes)  # type: ignore[arg-type]

    @classmethod
    def leaky(cls, shift: int, **changes: object) -> "NeuronType":
        """LIF with a shift leak: v - (v >> shift) each step."""
        return cls(decay=(1, shift), **changes)  # type: ignore[arg-type]

    @classmethod
    def leaky_multiplicative(cls, m: int, s: int = 12, **changes: object) -> "NeuronType":
        """LIF with a multiplicative leak: v - floor(v * m / 2^s) each step."""
        return cls(decay=(m, s), **changes)  # type: ignore[arg-type]

    @classmethod
    def current_based(cls, decay: tuple[int, int], current_decay: tuple[int, int], **changes: object) -> "NeuronType":
        """CUBA-LIF: input charges a synaptic current u, which decays and charges v."""
        return cls(decay=decay, current_decay=current_decay, **changes)  # type: ignore[arg-type]

    @classmethod
    def adaptive(
        cls, decay: tuple[int, int], adaptation_decay: tuple[int, int], adaptation_raise: int, **changes: object
    ) -> "NeuronType":
        """ALIF: each spike raises the threshold, which decays back (after Bellec et al. 2020, e-prop)."""
        return cls(
            decay=decay,
            adaptation_decay=adaptation_decay,
            adaptation_raise=adaptation_raise,
            **changes,  # type: ignore[arg-type]
        )

    @classmethod
    def binary(cls, **changes: object) -> "NeuronType":
        """A neuron without memory: it spikes where the input of this step is over the threshold."""
        return cls(decay=AT_ONCE, **changes)  # type: ignore[arg-type]

    def check(self, params: Params) -> None:
        """Whether a chip of these parameters can hold the type.

        Raises:
            ProgramError: it cannot; the message says which option, and what the chip has.
        """
        chip = f"the chip ({params.name})"
        for name, pair in (
            ("decay", self.decay),
            ("current_decay", self.current_decay),
            ("adaptation_decay", self.adaptation_decay),
        ):
            if pair is not None and pair[1] > params.decay_bits:
                raise ProgramError(f"{name} {pair}: {chip} has shifts up to {params.decay_bits}")
            if pair is not None and lowest_terms(*pair)[0] > 1 << FACTOR_BITS:
                raise ProgramError(f"{name} {pair}: m, in lowest terms, is beyond 2^{FACTOR_BITS}")
        if self.current_decay is not None and not params.current_bits:
            raise ProgramError(f"current_decay {self.current_decay}: {chip} has no synaptic currents")
        if (self.adaptation_decay != NEVER or self.adaptation_raise) and not params.adaptation_bits:
            raise ProgramError(f"adaptation_raise {self.adaptation_raise}: {chip} has no adaptive thresholds")
        if self.noise and not params.noise:
            raise ProgramError(f"noise {self.noise}: {chip} has no noise generator")
        limits = {
            "v_reset": (-(1 << (params.membrane_bits - 1)), (1 << (params.membrane_bits - 1)) - 1),
            "refractory": (0, (1 << params.refractory_bits) - 1),
            "noise": (0, min(NOISE_BITS, params.membrane_bits)),
        }
        if params.adaptation_bits:
            half = 1 << (params.adaptation_bits - 1)
            limits["adaptation_raise"] = (-half, half - 1)
        for name, (low, high) in limits.items():
            if not low <= getattr(self, name) <= high:
                raise ProgramError(f"{name} {getattr(self, name)}: {chip} takes {low} to {high}")

    def row(self, params: Params) -> dict[str, int]:
        """The type as a row of the TYPES memory, where fields the chip lacks are left out."""
        bits = params.decay_bits
        row = {
            "decay_v": decay_factor(*self.decay, bits),
            "v_reset": self.v_reset,
            "subtract": int(self.reset == "subtract"),
            "refractory": self.refractory,
        }
        if params.current_bits:
            row["decay_u"] = decay_factor(*(self.current_decay or NEVER), bits)
            row["current"] = int(self.current_decay is not None)
        if params.adaptation_bits:
            row["decay_a"] = decay_factor(*self.adaptation_decay, bits)
            row["raise_a"] = self.adaptation_raise
        if params.noise:
            row["noise"] = (1 << self.noise) - 1
        return row
