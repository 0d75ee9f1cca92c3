"""What is to be proved, written down: a component, what its surroundings may do, and what then holds."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from itertools import count
from typing import Any, NamedTuple, TypeVar
from unittest.mock import patch

from amaranth.back import rtlil
from amaranth.hdl import Assert, Assume, ClockDomain, Cover, Module, Mux, Signal, Value
from amaranth.lib import wiring

from ganglion.hdl.lib.memory import Ram

Component = TypeVar("Component", bound=wiring.Component)


class Claim(NamedTuple):
    """Something in English that is to be true in every cycle, and what must be seen for that to say anything.

    A claim about what never comes about is no claim: `seen` has to be reached, or the proof fails.
    """

    text: str
    condition: Any
    seen: Any

    def stated(self, of: str = "", *, src_loc_at: int = 0) -> list[Any]:
        """The assertion, and behind it the cover statement, under one text, in front of which is what it is `of`."""
        text, place = f"{of}{self.text}", src_loc_at + 1
        return [Assert(self.condition, text, src_loc_at=place), Cover(self.seen, text, src_loc_at=place)]


def implied(text: str, when: Any, condition: Any) -> Claim:
    """That a condition is true whenever another one is, which has to come about."""
    return Claim(text, ~when | condition, when)


class Spec:
    """A component and the claims about it.

    The inputs of the component, and all that `free` and `chosen` make, may be anything at all until something is
    assumed of them. Flip-flops begin at their initial values; there is no later reset.

    Args:
        name: of the proof; what is left of a failed one is called so.
        memory: what stands in for every `Ram`, given this spec and the `Ram`; by default, the memory itself.
        inside: what is claimed of every component of the chip, wherever it sits: given the module of the component, to
            which it may add, and the component, the text and condition of each claim.
        instead: what stands in for other components, given the component.
    """

    def __init__(
        self,
        name: str,
        *,
        memory: "Callable[[Spec, Ram], Module] | None" = None,
        inside: "Callable[[Module, wiring.Component], Iterable[Claim]] | None" = None,
        instead: Mapping[type[wiring.Component], Callable[[Any], Module]] | None = None,
    ) -> None:
        self.name = name
        self.memory = memory
        self.inside = inside
        self.instead = instead or {}
        self.m = Module()
        self.m.domains.sync = clock = ClockDomain(reset_less=True)
        self.ports = [clock.clk]

    def add(self, component: Component) -> Component:
        """Puts a component into the proof, with free inputs."""
        name = type(component).__name__.lower()
        self.m.submodules[name] = component
        for path, member, value in component.signature.flatten(component):
            if member.flow is wiring.In:
                signal = Value.cast(value)
                signal.name = "__".join(map(str, (name, *path)))
                self.ports.append(signal)
        return component

    def free(self, shape: Any, name: str) -> Any:
        """Something that may be anything, in every cycle anew."""
        signal = Signal(shape, name=name)
        self.ports.append(Value.cast(signal))
        return signal

    def chosen(self, shape: Any, name: str) -> Any:
        """Something that may be anything, and stays it."""
        choice, kept, first = self.free(shape, f"{name}_free"), Signal(shape, name=f"{name}_kept"), Signal(init=1)
        value = Signal(shape, name=name)
        self.m.d.comb += value.eq(Mux(first, choice, kept))
        self.m.d.sync += [first.eq(0), kept.eq(value)]
        return value

    def before(self, value: Any, cycles: int = 1) -> Any:
        """What a value was some cycles ago; zero before the beginning."""
        for _ in range(cycles):
            past = Signal(Value.cast(value).shape())
            self.m.d.sync += past.eq(value)
            value = past
        return value

    def assume(self, condition: Any) -> None:
        """Leaves out of account whatever makes this false in any cycle."""
        self.m.d.comb += Assume(condition, src_loc_at=1)

    def claim(self, text: str, condition: Any, *, when: Any = None, seen: Any = None) -> None:
        """States that this is true.

        Args:
            text: says it in English.
            condition: what is true.
            when: in which cycles; there must be such a cycle.
            seen: where it is true in every cycle: a situation in which that says something, and which must come about.

        Raises:
            ValueError: neither `when` nor `seen`, or both: what never fires is no proof.
        """
        if (when is None) == (seen is None):
            raise ValueError(f"the claim {text!r} needs `when` it holds, or where it is `seen`, to cover")
        claim = implied(text, when, condition) if seen is None else Claim(text, condition, seen)
        self.m.d.comb += claim.stated(src_loc_at=1)

    def assume_all(self, claims: Iterable[Claim]) -> None:
        """Assumes what is claimed elsewhere."""
        for claim in claims:
            self.m.d.comb += Assume(claim.condition, src_loc_at=1)

    def claim_all(self, claims: Iterable[Claim]) -> None:
        """Claims what others may rely on."""
        for claim in claims:
            self.m.d.comb += claim.stated(src_loc_at=1)

    def to_rtlil(self) -> str:
        """The whole of it for Yosys; memories are replaced, and claims made inside, on the way."""
        with ExitStack() as patches:
            if memory := self.memory:
                patches.enter_context(patch.object(Ram, "elaborate", lambda ram, platform: memory(self, ram)))
            for kind, body in self.instead.items():
                patches.enter_context(patch.object(kind, "elaborate", lambda it, platform, body=body: body(it)))
            if inside := self.inside:
                for kind in wiring.Component.__subclasses__():
                    if kind.__module__.startswith("ganglion.hdl.") and kind is not Ram:
                        patches.enter_context(patch.object(kind, "elaborate", _with_claims(kind.elaborate, inside)))
            return rtlil.convert(self.m, ports=self.ports, name="top")


def registers(m: Module) -> dict[str, Signal]:
    """The registers of a module by name, for invariants of them. Those to which Amaranth gave no name are `unnamed_0`
    and so on, in the order in which they were made."""
    number, own = count(), [signal for signal, domains in m._driving.items() if "sync" in domains]
    return {f"unnamed_{next(number)}" if one.name == "$signal" else one.name: one for one in own}


def _with_claims(elaborate: Callable[..., Module], inside: Callable[..., Iterable[Claim]]) -> Callable[..., Module]:
    def elaborate_with_claims(component: wiring.Component, platform: object) -> Module:
        m = elaborate(component, platform)
        for claim in inside(m, component):
            m.d.comb += claim.stated(f"{type(component).__name__}: ")
        return m

    return elaborate_with_claims
