"""Neuron types: the constants that many neurons share, with the names the field uses."""

import dataclasses
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ganglion.model.spec.arithmetic import decay_factor, lowest_terms
from ganglion.model.spec.decay import AT_ONCE, NEVER, Decay
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.fields import TYPES, Form
from ganglion.model.spec.params import Params
from ganglion.model.spec.synaptic_traces import PostTrace, check_post_traces, post_traces

FACTOR_BITS = 16
"""The m of a decay in lowest terms is at most 2^16, so that its product with any variable fits 64 bits."""


@explained(ProgramError)
@dataclass(frozen=True, kw_only=True)
class NeuronType:
    """Constants of a type of neuron; `docs/reference` has the equations.

    A decay is a `Decay`, or a pair (m, s), of which it makes one: a step takes floor(x * m / 2^s) from x.

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
    traces: tuple[PostTrace, ...] = ()
    """Postsynaptic traces y1 to y3, which learning rules see."""

    def __post_init__(self) -> None:
        if self.reset not in ("value", "subtract"):
            raise ProgramError(f'reset must be "value" or "subtract", not {self.reset!r}')
        for spec in TYPES:
            name, value = spec.attribute, getattr(self, spec.attribute)
            if spec.form is Form.DECAY and value is not None:
                object.__setattr__(self, name, Decay.of(name, value))
            elif spec.form in (Form.VALUE, Form.MASK):
                object.__setattr__(self, name, _whole(name, value, signed=spec.signed))
        object.__setattr__(self, "traces", post_traces(self.traces))

    @classmethod
    def integrate_and_fire(cls, **changes: Any) -> "NeuronType":
        """IF: v integrates its input and never leaks."""
        return cls._made(changes)

    @classmethod
    def leaky(
        cls,
        shift: int | None = None,
        *,
        beta: float | None = None,
        tau: float | None = None,
        s: int = 12,
        **changes: Any,
    ) -> "NeuronType":
        """LIF: of `shift`, `beta` and `tau`, one says the leak of the membrane.

        Args:
            shift: a shift leak, v - (v >> shift) each step.
            beta: the fraction of v that a step leaves, as `Decay.from_beta` rounds it.
            tau: the time constant in steps, as `Decay.from_tau` rounds it.
            s: bits of that fraction, at most the chip's `decay_bits`.
            changes: other constants of the type.

        Raises:
            ProgramError: none of the three, or more than one, is given; a value that is out of range.
        """
        given = {name: value for name, value in (("shift", shift), ("beta", beta), ("tau", tau)) if value is not None}
        if len(given) != 1:
            raise ProgramError(
                f"a leaky neuron takes one of shift, beta and tau, not {' and '.join(given) or 'none of them'}"
            )
        if beta is not None:
            return cls._made(changes, decay=Decay.from_beta(beta, s))
        if tau is not None:
            return cls._made(changes, decay=Decay.from_tau(tau, s))
        return cls._made(changes, decay=(1, shift))

    @classmethod
    def leaky_multiplicative(cls, m: int, s: int = 12, **changes: Any) -> "NeuronType":
        """LIF with a multiplicative leak: v - floor(v * m / 2^s) each step."""
        return cls._made(changes, decay=(m, s))

    @classmethod
    def current_based(cls, decay: tuple[int, int], current_decay: tuple[int, int], **changes: Any) -> "NeuronType":
        """CUBA-LIF: input charges a synaptic current u, which decays and charges v."""
        return cls._made(changes, decay=decay, current_decay=current_decay)

    @classmethod
    def adaptive(
        cls, decay: tuple[int, int], adaptation_decay: tuple[int, int], adaptation_raise: int, **changes: Any
    ) -> "NeuronType":
        """ALIF: each spike raises the threshold, which decays back (after Bellec et al. 2020, e-prop)."""
        return cls._made(changes, decay=decay, adaptation_decay=adaptation_decay, adaptation_raise=adaptation_raise)

    @classmethod
    def binary(cls, **changes: Any) -> "NeuronType":
        """A neuron without memory: it spikes where the input of this step is over the threshold."""
        return cls._made(changes, decay=AT_ONCE)

    @classmethod
    def _made(cls, changes: dict[str, Any], **own: Any) -> "NeuronType":
        known = [field.name for field in dataclasses.fields(cls) if field.name not in own]
        for name in changes:
            if name not in known:
                raise ProgramError(f"this neuron type takes no {name}; besides its own arguments: {', '.join(known)}")
        return cls(**own, **changes)

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
        check_post_traces(self.traces, params)

    def fields(self, params: Params) -> dict[str, int]:
        """The type as a row of the TYPES memory, where fields the chip lacks are left out."""
        return {
            spec.name: _ENCODED[spec.form](getattr(self, spec.attribute), params)
            for spec in TYPES
            if spec.field(params).width
        }


def _whole(name: str, value: Any, *, signed: bool) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise ProgramError(f"{name} must be a whole number, not {value!r}") from None
    if number < 0 and not signed:
        raise ProgramError(f"{name} must not be negative, not {number}")
    return number


def _factor(pair: tuple[int, int], params: Params) -> int:
    return decay_factor(*pair, params.decay_bits)


_DEFAULTS = {f.name: f.default for f in dataclasses.fields(NeuronType)}

_ENCODED: dict[Form, Callable[[Any, Params], int]] = {
    Form.VALUE: lambda value, params: int(value),
    Form.DECAY: lambda pair, params: _factor(pair or NEVER, params),
    Form.GIVEN: lambda value, params: int(value is not None),
    Form.SUBTRACT: lambda reset, params: int(reset == "subtract"),
    Form.MASK: lambda bits, params: (1 << bits) - 1,
}
"""An attribute as a row of TYPES tells it."""
