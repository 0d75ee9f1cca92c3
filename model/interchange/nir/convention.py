"""How to read a NIR graph in discrete time: what the file leaves open, stated.

NIR describes neurons in continuous time. A step length, the units of its time constants, the rule that made the
discrete equation, and what exactly a reset does are not in the file: they are those of the framework that the network
was trained in. The presets are what the frameworks do when they run the networks they export.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from ganglion.model.spec.errors import NetworkError

Rule = Literal["euler", "exponential"]
CurrentRule = Literal["euler", "jump"]
Reset = Literal["value", "subtract"]
UnitGain = Literal["none", "readouts", "all"]


@dataclass(frozen=True, kw_only=True)
class Convention:
    """What a NIR graph means step by step; docs/reference/nir.md has the equations.

    Raises:
        NetworkError: a value out of range.
    """

    dt: float
    """Seconds in a step."""
    tau_unit: float = 1.0
    """Seconds in a unit of the graph's time constants and delays."""
    rule: Rule = "euler"
    """Decay of a step: "euler" is dt / tau, "exponential" is 1 - exp(-dt / tau)."""
    unit_gain: UnitGain = "none"
    """Which leaky neurons take their input as r * i: "none", "readouts" (LI, CubaLI) or "all"; the others as
    decay * r * i, which is what the equations of NIR give."""
    current: CurrentRule = "euler"
    """Input of a synaptic current: "euler" is decay * w_in * i, "jump" is w_in * i."""
    integrator_step: float | None = None
    """Seconds that IF and I integrate their input over in a step; None is dt."""
    reset: Reset = "value"
    """"value" sets v_reset, as NIR says; "subtract" takes the threshold from v."""
    reset_delay: bool = False
    """Whether a reset by subtraction comes after the decay of the next step, undiminished by it."""
    inclusive: bool = False
    """Whether a membrane equal to the threshold spikes; NIR says no."""

    def __post_init__(self) -> None:
        for name in ("dt", "tau_unit", "integrator_step"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise NetworkError(f"{name} must be a positive number of seconds, not {value!r}")
        for name, known in (("rule", Rule), ("current", CurrentRule), ("reset", Reset), ("unit_gain", UnitGain)):
            if getattr(self, name) not in get_args(known):
                raise NetworkError(f"{name} must be one of {', '.join(get_args(known))}, not {getattr(self, name)!r}")


CONVENTIONS: dict[str, Convention] = {
    "snntorch": Convention(dt=1e-4, reset="subtract", reset_delay=True),
    "norse": Convention(dt=1e-3, tau_unit=1e3, current="jump", integrator_step=1.0),
    "spikingjelly": Convention(dt=1e-4, inclusive=True),
    "sinabs": Convention(dt=1.0, rule="exponential", unit_gain="readouts", reset="subtract", inclusive=True),
}
"""By framework: what its own defaults do, as far as one spike per neuron and step can say it."""
