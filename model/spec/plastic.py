"""Plastic rules: a learning rule with the traces that it sees, as a user says it, and what a network makes of several.

A network has one table of kernels, one pair of presynaptic traces and one epoch; a neuron type has its postsynaptic
traces. So the rules of a network must agree on what they share.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ganglion.model.spec.arithmetic import whole_number
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.learning import LONGEST_EPOCH, Learning, LearningRule
from ganglion.model.spec.params import Params
from ganglion.model.spec.rule_text import parse_rule
from ganglion.model.spec.synaptic_traces import MODES, Kernel, PostTrace, PreTrace


@explained(ProgramError)
@dataclass(frozen=True, kw_only=True)
class Spikes:
    """A trace of spikes: what each adds, or sets, and what is left of it later. One of tau, box and kernel says that.

    Raises:
        ProgramError: none of the three, or more than one; a value out of range.
    """

    jump: int
    """What a spike adds or sets."""
    tau: float | None = None
    """exp(-age / tau), steps."""
    box: int | None = None
    """1 for so many steps, that of the spike the first."""
    kernel: Kernel | None = None
    """Any table."""
    mode: str = "add"
    """"add" (every spike counts) or "set" (the nearest one)."""

    def __post_init__(self) -> None:
        given = [name for name in ("tau", "box", "kernel") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ProgramError(f"a trace takes one of tau, box and kernel, not {' and '.join(given) or 'none of them'}")
        if self.mode not in MODES:
            raise ProgramError(f'mode of a trace must be "add" or "set", not {self.mode!r}')
        object.__setattr__(self, "jump", whole_number("jump of a trace", self.jump, 0, (1 << 16) - 1))

    def table(self, params: Params) -> Kernel:
        """The kernel, with the ages of a chip."""
        if self.kernel is not None:
            return self.kernel
        return Kernel.box(self.box) if self.box is not None else Kernel.exponential(self.tau or 0, params.trace_ages)


@explained(ProgramError)
@dataclass(frozen=True, kw_only=True)
class PlasticRule:
    """A learning rule, and what it sees of the past.

    Raises:
        ProgramError: more traces, or a longer or shorter epoch, than there can be; names the rule.
    """

    rule: LearningRule
    pre: tuple[Spikes, ...] = ()
    """Presynaptic traces x1 and x2."""
    post: tuple[Spikes | PostTrace | None, ...] = ()
    """Postsynaptic traces y1 to y3 of the neurons that it is for; None leaves one to other rules."""
    epoch: int = 1
    """Steps of an epoch."""

    def __post_init__(self) -> None:
        for name, most, kinds in (("pre", 2, (Spikes,)), ("post", 3, (Spikes, PostTrace, type(None)))):
            traces = tuple(getattr(self, name))
            object.__setattr__(self, name, traces)
            if len(traces) > most or not all(isinstance(trace, kinds) for trace in traces):
                raise ProgramError(f"{name} of rule '{self.name}' must be up to {most} traces, not {traces!r}")
            if any(isinstance(trace, PostTrace) and trace.feed == "spikes" for trace in traces):
                raise ProgramError(f"{name} of rule '{self.name}': a trace of spikes is told by Spikes")
        epoch = whole_number(f"epoch of rule '{self.name}', in steps,", self.epoch, 1, LONGEST_EPOCH)
        object.__setattr__(self, "epoch", epoch)

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.rule.name

    @classmethod
    def from_text(
        cls,
        text: str,
        *,
        pre: Sequence[Spikes] = (),
        post: Sequence[Spikes | PostTrace | None] = (),
        epoch: int = 1,
        **settings: Any,
    ) -> "PlasticRule":
        """A rule from text, as `ganglion.model.spec.rule_text` reads it.

        Args:
            text: such as "dw = 2^-3 * x1 * y0 - 2^-4 * x0 * y1".
            pre: traces x1 and x2.
            post: traces y1 to y3.
            epoch: steps.
            settings: name, low, high, rounding, sign of the `LearningRule`.

        Raises:
            ProgramError: it cannot be read; points at the place.
        """
        return cls(rule=parse_rule(text, **settings), pre=tuple(pre), post=tuple(post), epoch=epoch)


@explained(ProgramError)
@dataclass
class Together:
    """What several plastic rules come to in one network on one chip.

    Raises (every method):
        ProgramError: rules do not agree on what they share; names them.
    """

    params: Params
    rules: list[PlasticRule] = field(default_factory=list)
    kernels: list[Kernel] = field(default_factory=list)

    def add(self, rule: PlasticRule) -> int:
        """Number of a rule in the network, from 1; equal ones are one."""
        if rule not in self.rules:
            self._agrees("epoch", rule, lambda each: each.epoch)
            self._agrees("trace x1", rule, lambda each: each.pre[:1])
            self._agrees("trace x2", rule, lambda each: each.pre[1:])
            self.rules.append(rule)
        return self.rules.index(rule) + 1

    def learning(self) -> Learning:
        """What the network shares. Postsynaptic traces must have been asked for, as they have kernels too."""
        most = max(self.rules, key=lambda rule: len(rule.pre), default=None)
        pre = [
            PreTrace(kernel=self._kernel(trace), jump=trace.jump, mode=trace.mode)
            for trace in (most.pre if most else ())
        ]
        return Learning(
            epoch=self.rules[0].epoch if self.rules else 1,
            pre=tuple(pre),
            kernels=tuple(self.kernels),
            rules=tuple(rule.rule for rule in self.rules),
        )

    def post_traces(self, rules: Sequence[PlasticRule]) -> tuple[PostTrace, ...]:
        """Traces y1 to y3 of neurons that these rules end in."""
        slots: dict[int, tuple[PlasticRule, Spikes | PostTrace]] = {}
        for rule in rules:
            for slot, trace in enumerate(rule.post):
                if trace is not None and slots.setdefault(slot, (rule, trace))[1] != trace:
                    raise ProgramError(
                        f"rules '{slots[slot][0].name}' and '{rule.name}' end in the same neurons, and want different "
                        f"traces y{slot + 1}"
                    )
        count = max(slots, default=-1) + 1
        return tuple(self._post(slots[slot][1]) if slot in slots else _NONE for slot in range(count))

    def _post(self, trace: Spikes | PostTrace) -> PostTrace:
        if isinstance(trace, PostTrace):
            return trace
        return PostTrace(kernel=self._kernel(trace), jump=trace.jump, mode=trace.mode)

    def _kernel(self, trace: Spikes) -> int:
        table = trace.table(self.params)
        if table not in self.kernels:
            self.kernels.append(table)
        return self.kernels.index(table)

    def _agrees(self, what: str, rule: PlasticRule, told: Callable[[PlasticRule], Any]) -> None:
        """Whether a rule says the same as those before it, where they say something."""
        for other in self.rules:
            mine, theirs = told(rule), told(other)
            if mine and theirs and mine != theirs:
                raise ProgramError(f"rules '{other.name}' and '{rule.name}' of one network want different {what}s")


_NONE = PostTrace(feed="none")
