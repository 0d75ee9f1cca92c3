"""The neuron models of HiAER-Spike programs, under the names and with the arguments that those programs use.

Their interface has had two sets of names for the same parameters, and programs use both: `threshold`, `shift`, `leak`
and `theta`, `nu`, `Lambda`. A model here has all of them, as arguments, attributes and getters.
"""

import warnings
from collections.abc import Mapping
from typing import Any

from ganglion.model.interchange.cri.neuron import NO_NOISE, read_neuron

SAME = {
    "theta": "threshold",
    "nu": "shift",
    "Lambda": "leak",
    "soft_reset": "soft_reset_en",
}
"""Names of their second interface, and what its first calls them."""

COMMON = ("threshold", "shift", "leak", "refractory_max", "dual_synapse_en", "delay_value")
"""Arguments by position; what comes behind them has changed places, and goes by name."""

NAMED = ("soft_reset_en", "shadow_uram_offset", "legacy_noise_en")

LOUD_SINCE = (
    "a shift of 0 is 17 bits of noise, as on their hardware since 2025; programs from before, where it was none, want "
    "shift=-17"
)


def _another_name(attribute: str) -> property:
    """An attribute under a second name."""
    return property(lambda model: getattr(model, attribute), lambda model, value: setattr(model, attribute, value))


class neuron_model:
    """What the models have in common. Neurons may share one object.

    `dual_synapse_en` and `legacy_noise_en` say how their FPGA stores a network, not what it means; they are taken and
    have no effect.

    Raises:
        ProgramError: a parameter out of range, or one that no network here can have; names model and parameter.
    """

    number = -1
    """What `get_neuronModel` returns."""

    positional: tuple[str, ...] = COMMON
    shown: tuple[str, ...] = ("threshold", "shift", "leak")
    """Parameters that the repr always has."""

    # What an object has that was pickled by a version without the parameter.
    threshold: Any = 0
    shift: Any = NO_NOISE
    leak: Any = 0
    refractory_max: Any = 0
    dual_synapse_en: Any = 0
    delay_value: Any = 0
    soft_reset_en: Any = False
    shadow_uram_offset: Any = 0
    legacy_noise_en: Any = 0

    def __init__(self, *values: Any, **named: Any) -> None:
        model = type(self).__name__
        if len(values) > len(self.positional):
            raise TypeError(
                f"{model} takes {', '.join(self.positional)} by position, and {', '.join(NAMED)} by name; "
                f"{len(values)} values were given"
            )
        given = dict(zip(self.positional, values, strict=False))
        for name, value in named.items():
            known = SAME.get(name, name)
            if known not in (*COMMON, *NAMED):
                raise TypeError(f"{model} has no argument '{name}'; it has {', '.join((*COMMON, *NAMED, *SAME))}")
            if known in given:
                raise TypeError(f"{model} got two values for '{known}'")
            given[known] = value
        if "threshold" not in given:
            raise TypeError(f"{model} needs a threshold")
        self.__dict__.update(given)
        neuron = read_neuron(model, self)
        self.__dict__.update(threshold=neuron.threshold, shift=neuron.shift, leak=neuron.leak)
        self._warn()

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Of an object that any version of theirs has pickled."""
        self.__dict__.update({SAME.get(name, name): value for name, value in state.items()})
        self._warn()

    def _warn(self) -> None:
        if self.number == LIF_neuron.number and self.shift == 0:
            warnings.warn(f"{type(self).__name__}: {LOUD_SINCE}", stacklevel=3)

    def get_threshold(self) -> Any:
        return self.threshold

    def get_shift(self) -> Any:
        return self.shift

    def get_leak(self) -> Any:
        return self.leak

    def get_neuronModel(self) -> int:
        return self.number

    def get_refractory_max(self) -> Any:
        return self.refractory_max

    def get_delay_value(self) -> Any:
        return self.delay_value

    def get_soft_reset(self) -> int:
        return int(self.soft_reset_en)

    def get_dual_synapse_en(self) -> int:
        return int(self.dual_synapse_en)

    def get_shadow_uram_offset(self) -> Any:
        return self.shadow_uram_offset

    def get_legacy_noise_en(self) -> int:
        return int(self.legacy_noise_en)

    get_theta, get_nu, get_Lambda, get_soft_reset_en = get_threshold, get_shift, get_leak, get_soft_reset

    theta, nu, Lambda, soft_reset = (_another_name(name) for name in SAME.values())

    def _order(self) -> tuple[Any, ...]:
        return (self.number, *(getattr(self, name) for name in (*COMMON, *NAMED)))

    def __lt__(self, other: "neuron_model") -> bool:
        return self._order() < other._order()

    def __le__(self, other: "neuron_model") -> bool:
        return self._order() <= other._order()

    def __repr__(self) -> str:
        used = [name for name in ("refractory_max", "delay_value", "soft_reset") if getattr(self, name)]
        values = [f"{name}={getattr(self, name)}" for name in (*self.shown, *used)]
        return f"{type(self).__name__}({', '.join(values)})"


class LIF_neuron(neuron_model):
    """A leaky neuron: a step takes V >> leak from a membrane that does not spike, and adds noise to it.

    Args:
        threshold: it spikes where V is greater.
        shift: of the noise; -17 is none.
        leak: 0 forgets everything; 32 and above takes nothing.
        refractory_max: steps after a spike whose input is lost.
        dual_synapse_en: taken, without effect.
        delay_value: steps that synapses of this neuron with the delay flag wait.
        soft_reset_en: a spike takes the threshold from V; not possible together with a leak (see the reference page).
        shadow_uram_offset: must be 0.
        legacy_noise_en: taken, without effect.
    """

    number = 2
    leak = 63


class ANN_neuron(neuron_model):
    """A neuron without memory: its membrane is the input of the step. Arguments as of `LIF_neuron`; it has neither leak
    nor noise, whatever they say."""

    number = 0


class IF_neuron(neuron_model):
    """A neuron that never leaks, and has no noise.

    Args:
        theta: threshold; it spikes where V is greater.
        nu: taken, without effect.
        refractory_max: steps after a spike whose input is lost.
        delay_value: steps that synapses of this neuron with the delay flag wait.
        dual_synapse_en: taken, without effect.
        soft_reset: a spike takes theta from V, in place of all of it.
        legacy_noise_en: taken, without effect.
    """

    number = 3
    positional = (
        *("threshold", "shift", "refractory_max", "delay_value", "dual_synapse_en"),
        *("soft_reset_en", "legacy_noise_en"),
    )
    shown = ("theta", "nu")
