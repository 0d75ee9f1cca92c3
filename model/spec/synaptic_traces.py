"""Synaptic traces: what a learning rule sees of the past of a synapse's source and of its target.

A trace of spikes is a value and the age of the last spike. A `Kernel` says what is seen of the value at each age, so a
source that is silent costs nothing, and no error of rounding piles up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

from ganglion.model.spec.arithmetic import decay_factor, signed_range, whole_number
from ganglion.model.spec.decay import NEVER, Decay
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.learning_memories import BOUNDS, KERNEL_ONE, SLOTS, Feed
from ganglion.model.spec.params import Params

MODES = ("add", "set")
"""What a spike does: adds its jump to what is seen of the trace, or sets the trace to it (nearest spike)."""

FEEDS = tuple(feed.name.lower() for feed in Feed)
"""What may feed a postsynaptic trace."""


@explained(ProgramError)
@dataclass(frozen=True)
class Kernel:
    """What is left of a trace at each age of its last spike, in 256ths: `seen = (x * values[age]) >> 8`.

    Raises:
        ProgramError: a value that is not 0 to 256, or none at all.
    """

    values: tuple[int, ...]
    """From age 0, the step of the spike itself, on; ages beyond the last count as 0."""

    def __post_init__(self) -> None:
        values = _numbers("kernel", self.values, 0, KERNEL_ONE)
        if not values:
            raise ProgramError("a kernel needs a value for age 0 at least")
        object.__setattr__(self, "values", values)

    @classmethod
    def exponential(cls, tau: float, ages: int) -> "Kernel":
        """exp(-age / tau), rounded to the nearest 256th; 0 from the last age on.

        Args:
            tau: time constant, steps.
            ages: of the chip: its `trace_ages`.
        """
        if not tau > 0:
            raise ProgramError(f"tau of a kernel must be greater than 0, not {tau!r}")
        count = whole_number("ages of a kernel", ages, 2, 256)
        return cls((*(round(KERNEL_ONE * exp(-age / tau)) for age in range(count - 1)), 0))

    @classmethod
    def box(cls, steps: int) -> "Kernel":
        """1 for so many steps, that of the spike the first of them, and then 0."""
        return cls((KERNEL_ONE,) * whole_number("steps of a box", steps, 1, 255) + (0,))

    def table(self, ages: int) -> tuple[int, ...]:
        """The values of all ages of a chip."""
        return self.values + (0,) * (ages - len(self.values))

    def check(self, name: str, params: Params) -> None:
        """Whether a chip can hold it.

        Raises:
            ProgramError: it cannot; says why.
        """
        ages = params.trace_ages
        if len(self.values) > ages or (len(self.values) == ages and self.values[-1]):
            raise ProgramError(
                f"{name} must be 0 at age {ages - 1}, the last that {_chip(params)} tells apart, and end there"
            )


@explained(ProgramError)
@dataclass(frozen=True, kw_only=True)
class PreTrace:
    """A presynaptic trace, x1 or x2, of all sources of a network.

    Raises:
        ProgramError: a value no chip could hold; the message names it.
    """

    kernel: int = 0
    """Which of the kernels of the network."""
    jump: int
    """What a spike adds, or sets; not negative."""
    mode: str = "add"
    """"add", or "set" (nearest spike)."""

    def __post_init__(self) -> None:
        _check_spikes("pre trace", self)

    def check(self, name: str, params: Params, kernels: int) -> None:
        """Whether a chip can hold it, in a network of so many kernels.

        Raises:
            ProgramError: it cannot; says why.
        """
        _check_jump(name, self, params, kernels)


@explained(ProgramError)
@dataclass(frozen=True, kw_only=True)
class PostTrace:
    """A postsynaptic trace, one of y1 to y3, of the neurons of a type.

    Raises:
        ProgramError: a value no chip could hold; the message names it.
    """

    feed: str = "spikes"
    """"spikes": as a presynaptic trace; "receptor": the leaky sum of what arrives at receptor 1; "membrane" and
    "trace": a table of v, or of what is seen of y1; "none"."""
    kernel: int = 0
    """Of spikes: which of the kernels of the network."""
    jump: int = 0
    """Of spikes: what a spike adds, or sets; not negative."""
    mode: str = "add"
    """Of spikes: "add", or "set" (nearest spike)."""
    decay: tuple[int, int] = NEVER
    """Of the receptor: decay (m, s)."""
    bounds: tuple[int, ...] = ()
    """Of a table: where its segments begin, up to four, ascending; the first segment begins at no bound."""
    values: tuple[int, ...] = ()
    """Of a table: the trace in each segment, one more than there are bounds."""

    def __post_init__(self) -> None:
        if self.feed not in FEEDS:
            raise ProgramError(f"a post trace is fed by one of {', '.join(FEEDS)}, not {self.feed!r}")
        _check_spikes("post trace", self)
        object.__setattr__(self, "decay", Decay.of("decay", self.decay))
        for name in ("bounds", "values"):
            object.__setattr__(self, name, _numbers(name, getattr(self, name), *signed_range(64)))
        if len(self.bounds) > BOUNDS or list(self.bounds) != sorted(set(self.bounds)):
            raise ProgramError(f"bounds must be up to {BOUNDS} numbers, ascending, not {self.bounds}")
        wanted = len(self.bounds) + 1 if self.is_table else 0
        if len(self.values) != wanted or (self.bounds and not self.is_table):
            raise ProgramError(
                f"a post trace fed by {self.feed} with {len(self.bounds)} bounds takes {wanted} values, "
                f"not {len(self.values)}"
                if self.is_table
                else f"a post trace fed by {self.feed} takes no bounds and values, which are those of a table"
            )

    @classmethod
    def window(cls, low: int, high: int, feed: str = "membrane") -> "PostTrace":
        """1 from `low` up to below `high`, otherwise 0."""
        return cls(feed=feed, bounds=(low, high), values=(0, 1, 0))

    @property
    def is_table(self) -> bool:
        """Whether it is read from a table, and so has no memory of its own."""
        return self.feed in ("membrane", "trace")

    def look_up(self, value: int) -> int:
        """The trace of a table at a value of what feeds it."""
        return self.values[sum(bound <= value for bound in self.bounds)]

    def check(self, name: str, slot: int, params: Params) -> None:
        """Whether a chip can hold it as trace y1, y2 or y3.

        Raises:
            ProgramError: it cannot; says why.
        """
        feeds, bits = params.y_feeds[slot - 1], params.trace_bits
        if self.feed == "none":
            return
        if not Feed[self.feed.upper()].bit & feeds:
            has = ", ".join(feed.name.lower() for feed in Feed if feed.bit & feeds) or "nothing"
            raise ProgramError(f"{name} cannot be fed by {self.feed}: on {_chip(params)} y{slot} is fed by {has}")
        if self.feed == "spikes":
            _check_jump(name, self, params, params.kernels)
        elif self.feed == "receptor":
            if self.decay[1] > params.decay_bits:
                raise ProgramError(f"{name}: decay {self.decay}: {_chip(params)} has shifts up to {params.decay_bits}")
        else:
            of = signed_range(params.membrane_bits if self.feed == "membrane" else bits + 1)
            own = signed_range(bits + 1)
            for what, values, (low, high) in (("bound", self.bounds, of), ("value", self.values, own)):
                for value in values:
                    if not low <= value <= high:
                        raise ProgramError(f"{name}: {what} {value}: {_chip(params)} takes {low} to {high}")

    def fields(self, params: Params) -> dict[str, int]:
        """It as a row of TRACES; the fields that the chip lacks are there too, and 0."""
        row = {"feed": int(Feed[self.feed.upper()])}
        if self.feed == "spikes":
            row |= {"kernel": self.kernel, "jump": self.jump, "set": int(self.mode == "set")}
        elif self.feed == "receptor":
            row["decay"] = decay_factor(*self.decay, params.decay_bits)
        elif self.is_table:
            wide = params.membrane_bits if self.feed == "membrane" else params.trace_bits + 1
            spare = BOUNDS - len(self.bounds)
            bounds = (*self.bounds, *[signed_range(wide)[1]] * spare)
            values = (*self.values, *[self.values[-1]] * spare)
            row |= {f"bound{k}": bound for k, bound in enumerate(bounds)}
            row |= {f"value{k}": value for k, value in enumerate(values)}
        return row


@explained(ProgramError)
def check_post_traces(traces: Sequence[PostTrace], params: Params) -> None:
    """Whether a chip can hold the traces of a neuron type.

    Raises:
        ProgramError: it cannot; names the trace.
    """
    for slot, trace in enumerate(traces, start=1):
        trace.check(f"trace y{slot}", slot, params)
        if trace.feed == "trace" and traces[0].feed == "none":
            raise ProgramError(f"trace y{slot} is fed by y1, which is fed by none")


@explained(ProgramError)
def post_traces(traces: Sequence[Any]) -> tuple[PostTrace, ...]:
    """Those of a neuron type, checked.

    Raises:
        ProgramError: too many, or one that is no trace.
    """
    found = tuple(traces)
    if len(found) > len(SLOTS) or not all(isinstance(trace, PostTrace) for trace in found):
        raise ProgramError(f"traces must be up to {len(SLOTS)} of PostTrace, not {traces!r}")
    return found


def _check_spikes(what: str, trace: PreTrace | PostTrace) -> None:
    if trace.mode not in MODES:
        raise ProgramError(f'mode of a {what} must be "add" or "set", not {trace.mode!r}')
    for name in ("kernel", "jump"):
        object.__setattr__(trace, name, whole_number(f"{name} of a {what}", getattr(trace, name), 0, (1 << 16) - 1))


def _check_jump(name: str, trace: PreTrace | PostTrace, params: Params, kernels: int) -> None:
    most = (1 << params.trace_bits) - 1
    if trace.jump > most:
        raise ProgramError(f"{name}: jump {trace.jump}: {_chip(params)} has traces of 0 to {most}")
    if trace.kernel >= kernels:
        raise ProgramError(f"{name}: there is no kernel {trace.kernel}; there are {kernels}, numbered from 0")


def _numbers(name: str, values: Any, low: int, high: int) -> tuple[int, ...]:
    try:
        listed = list(values)
    except TypeError:
        raise ProgramError(f"{name} must be a sequence of whole numbers, not {values!r}") from None
    return tuple(whole_number(f"{name}[{k}]", value, low, high) for k, value in enumerate(listed))


def _chip(params: Params) -> str:
    return f"the chip ({params.name})"
