"""What a neuron of a HiAER-Spike program is, read from any object that has the getters of their models."""

import operator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from ganglion.model.spec.errors import ProgramError

NO_NOISE = -17
"""The shift that turns noise off."""

NO_LEAK = 32
"""The leak from which on a membrane loses nothing: their hardware shifts 32 bits, read without a sign."""

RANGES = {
    "shift": (NO_NOISE, 18),
    "leak": (0, 64),
    "refractory_max": (0, 7),
    "delay_value": (0, 15),
    "threshold": (-(1 << 35), (1 << 35) - 1),
}
"""Least and greatest value of each parameter. Noise of a larger shift would not fit their membranes of 36 bits."""

GETTERS = {
    "threshold": ("get_threshold", "get_theta"),
    "shift": ("get_shift", "get_nu"),
    "leak": ("get_leak", "get_Lambda"),
    "refractory_max": ("get_refractory_max",),
    "delay_value": ("get_delay_value",),
    "soft_reset": ("get_soft_reset_en", "get_soft_reset"),
    "shadow_uram_offset": ("get_shadow_uram_offset",),
    "legacy_noise_en": ("get_legacy_noise_en",),
}
"""What tells each parameter; those that are missing are 0, but for the first three."""

NEEDED = ("threshold", "shift", "leak")


class Kind(IntEnum):
    """What `get_neuronModel` tells."""

    ANN = 0
    LIF = 2
    IF = 3


@dataclass(frozen=True)
class Neuron:
    """The parameters of a neuron that mean something."""

    kind: Kind
    threshold: int
    shift: int
    """Of the noise, which LIF alone has."""
    leak: int
    refractory_max: int
    delay_value: int
    soft_reset: bool

    @property
    def noisy(self) -> bool:
        """Whether a step adds noise to it."""
        return self.kind is Kind.LIF and self.shift > NO_NOISE


def is_model(thing: Any) -> bool:
    """Whether an object, no class, has the getters of a model."""
    if isinstance(thing, type):
        return False
    names = [("get_neuronModel",), *(GETTERS[name] for name in NEEDED)]
    return all(any(callable(getattr(thing, getter, None)) for getter in getters) for getters in names)


def read_neuron(name: str, model: Any) -> Neuron:
    """What a model says, checked.

    Args:
        name: what errors call it.
        model: any object with the getters.

    Raises:
        ProgramError: a parameter out of range, or one that no network here can have; names it.
    """
    number = model.get_neuronModel()
    if number not in tuple(Kind):
        raise ProgramError(f"{name}: get_neuronModel must be 0 (ANN), 2 (LIF) or 3 (IF), not {number!r}")
    told = {parameter: _told(model, getters) for parameter, getters in GETTERS.items()}
    values = {parameter: whole(f"{name}: {parameter}", told[parameter], *RANGES[parameter]) for parameter in RANGES}
    if told["shadow_uram_offset"]:
        raise ProgramError(
            f"{name}: shadow_uram_offset must be 0, not {told['shadow_uram_offset']!r}: it addresses the memory of "
            "their FPGA; flag the synapses that are to be delayed, and give delay_value"
        )
    if told["legacy_noise_en"] and values["refractory_max"]:
        raise ProgramError(
            f"{name}: refractory_max {values['refractory_max']} with legacy_noise_en: their legacy mode has no "
            "refractory period; leave one of them out"
        )
    return Neuron(kind=Kind(number), soft_reset=bool(told["soft_reset"]), **values)


def whole(name: str, value: Any, low: int, high: int, *, beyond: bool = False) -> int:
    """A whole number in a range; floats that are whole are taken.

    Args:
        name: what errors call it.
        value: the number.
        low: the least.
        high: the greatest.
        beyond: take what is out of range too.

    Raises:
        ProgramError: it is none, or out of range; says what it must be.
    """
    try:
        number = int(value) if hasattr(value, "is_integer") and value.is_integer() else operator.index(value)
    except TypeError:
        raise ProgramError(f"{name} must be a whole number from {low} to {high}, not {value!r}") from None
    if not beyond and not low <= number <= high:
        raise ProgramError(f"{name} must be {low} to {high}, not {number}")
    return number


def _told(model: Any, getters: tuple[str, ...]) -> Any:
    for getter in getters:
        if hasattr(model, getter):
            return getattr(model, getter)()
    return 0
