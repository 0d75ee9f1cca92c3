"""How to read a NIR graph in discrete time: what the file leaves open, stated.

NIR describes neurons in continuous time. A step length, the units of its time constants, the rule that made the
discrete equation, and what exactly a reset does are not in the file: they are those of the framework that the network
was trained in. The presets are what the frameworks do when they run the networks they export.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.named import Named

Rule = Literal["euler", "exponential"]
CurrentRule = Literal["euler", "jump", "leaked"]
Reset = Literal["value", "subtract", "none"]
UnitGain = Literal["none", "readouts", "all", "bare"]
Start = Literal["rest", "integrators", "reset"]


@explained(NetworkError)
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
    decay * r * i, which is what the equations of NIR give. "bare" is i alone, whatever r is."""
    current: CurrentRule = "euler"
    """Input of a synaptic current: "euler" is decay * w_in * i, "jump" is w_in * i, "leaked" is (1 - decay) * w_in * i:
    the current leaks in the step in which its input arrives; so does an LI, with a "bare" gain."""
    integrator_step: float | None = None
    """Seconds that IF and I integrate their input over in a step; None is dt."""
    reset: Reset = "value"
    """"value" sets v_reset, as NIR says; "subtract" takes the threshold from v; "none" leaves v as it is."""
    reset_delay: bool = False
    """Whether a reset comes in the next step: one by subtraction after its decay, undiminished by it; one to a value
    as snnTorch has it, which takes the input of that step with it where a neuron is recurrent, and else is at once."""
    current_reset_delay: bool | None = None
    """The same for neurons with a synaptic current; None is as `reset_delay`."""
    inclusive: bool = False
    """Whether a membrane equal to the threshold spikes; NIR says no."""
    start: Start = "rest"
    """Which membranes begin at v_reset: none ("rest"), those of IF ("integrators"), or all ("reset"); others begin at
    v_leak, which is 0 for IF."""
    spike_delay: int = 0
    """Steps after which a neuron's spikes are sent: 1 where the membrane of the step before is compared."""
    recurrent_bypass: bool = False
    """Whether an input that leads into the recurrent weights of a neuron means the neuron itself, as Spyx writes it."""
    clamped: bool = False
    """Whether a leak beyond 0 and 1 (a negative tau, one below dt) is taken as 0 and 1 at run time."""

    def __post_init__(self) -> None:
        for name in ("dt", "tau_unit", "integrator_step"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool | str) or not 0 < value < float("inf")):
                raise NetworkError(f"{name} must be a positive number of seconds, not {value!r}")
        for name in ("reset_delay", "inclusive", "recurrent_bypass", "clamped"):
            if not isinstance(getattr(self, name), bool):
                raise NetworkError(f"{name} must be True or False, not {getattr(self, name)!r}")
        for name, known in (
            ("rule", Rule),
            ("current", CurrentRule),
            ("reset", Reset),
            ("unit_gain", UnitGain),
            ("start", Start),
        ):
            if getattr(self, name) not in get_args(known):
                raise NetworkError(f"{name} must be one of {', '.join(get_args(known))}, not {getattr(self, name)!r}")
        if self.spike_delay not in (0, 1):
            raise NetworkError(f"spike_delay must be 0 or 1 steps, not {self.spike_delay!r}")

    def resets_late(self, current: bool) -> bool:
        """Whether a reset by subtraction comes a step late, for neurons with a synaptic current or without."""
        return self.reset_delay if not current or self.current_reset_delay is None else self.current_reset_delay


CONVENTIONS: Named[Convention] = Named(
    "convention",
    NetworkError,
    {
        "snntorch": Convention(dt=1e-4, reset="subtract", reset_delay=True, clamped=True),
        "norse": Convention(dt=1e-3, tau_unit=1e3, current="jump", integrator_step=1.0, start="integrators"),
        "spikingjelly": Convention(dt=1e-4, inclusive=True, start="reset"),
        "sinabs": Convention(dt=1.0, rule="exponential", unit_gain="readouts", reset="subtract", inclusive=True),
        "spyx": Convention(
            dt=1.0,
            unit_gain="bare",
            current="jump",
            reset="subtract",
            reset_delay=True,
            current_reset_delay=False,
            spike_delay=1,
            recurrent_bypass=True,
            clamped=True,
        ),
        "rockpool": Convention(dt=1e-3, rule="exponential", unit_gain="bare", current="leaked", reset="subtract"),
    },
)
"""By framework: what its own defaults do, as far as one spike per neuron and step can say it."""


def named(name: str) -> Convention:
    """The convention of a framework.

    Raises:
        NetworkError: there is none of that name.
    """
    if name not in CONVENTIONS:
        raise NetworkError(f"there is no convention '{name}'; there are {', '.join(CONVENTIONS)}")
    return CONVENTIONS[name]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A convention for a whole graph, and others for some of its nodes."""

    graph: Convention
    nodes: Mapping[str, Convention] = field(default_factory=dict)

    def of(self, node: str) -> Convention:
        """The convention of a node."""
        return self.nodes.get(node, self.graph)

    def check(self, neurons: Iterable[str]) -> None:
        """Whether every node that has a convention of its own is there.

        Raises:
            NetworkError: one is not, or has steps of another length.
        """
        known = list(neurons)
        for name, convention in self.nodes.items():
            if name not in known:
                raise NetworkError(
                    f"there is no neuron node '{name}' to give a convention; there are {', '.join(known) or 'none'}"
                )
            if convention.dt != self.graph.dt:
                raise NetworkError(
                    f"node '{name}': its dt is {convention.dt:g} s, the graph's {self.graph.dt:g} s; all nodes run in "
                    "the same steps"
                )
