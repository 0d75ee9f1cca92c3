"""Neuron types: the constants that many neurons share, with the names the field uses."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from ganglion.model.spec.arithmetic import decay_factor, lowest_terms
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.fields import TYPES, Form
from ganglion.model.spec.params import Params

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
        for spec in TYPES:
            name, value, field = spec.attribute, getattr(self, spec.attribute), spec.field(params)
            if not field.width and spec.option:
                if value != _DEFAULTS[name]:
                    raise ProgramError(f"{name} {value}: {chip} has no {spec.option.parts}")
            elif spec.form is Form.DECAY and value is not None:
                if value[1] > params.decay_bits:
                    raise ProgramError(f"{name} {value}: {chip} has shifts up to {params.decay_bits}")
                if lowest_terms(*value)[0] > 1 << FACTOR_BITS:
                    raise ProgramError(f"{name} {value}: m, in lowest terms, is beyond 2^{FACTOR_BITS}")
            elif spec.form in (Form.VALUE, Form.MASK):
                masked = (0, min(field.width, params.membrane_bits))
                low, high = masked if spec.form is Form.MASK else (field.low, field.high)
                if not low <= value <= high:
                    raise ProgramError(f"{name} {value}: {chip} takes {low} to {high}")

    def fields(self, params: Params) -> dict[str, int]:
        """The type as a row of the TYPES memory, where fields the chip lacks are left out."""
        return {
            spec.name: _ENCODED[spec.form](getattr(self, spec.attribute), params)
            for spec in TYPES
            if spec.field(params).width
        }


def _factor(pair: tuple[int, int], params: Params) -> int:
    return decay_factor(*pair, params.decay_bits)


_DEFAULTS = {f.name: f.default for f in fields(NeuronType)}

_ENCODED: dict[Form, Callable[[Any, Params], int]] = {
    Form.VALUE: lambda value, params: int(value),
    Form.DECAY: lambda pair, params: _factor(pair or NEVER, params),
    Form.GIVEN: lambda value, params: int(value is not None),
    Form.SUBTRACT: lambda reset, params: int(reset == "subtract"),
    Form.MASK: lambda bits, params: (1 << bits) - 1,
}
"""An attribute as a row of TYPES tells it."""
