"""What is to be proved, written down: a component, what its surroundings may do, and what then holds."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from typing import Any, TypeVar
from unittest.mock import patch

from amaranth.back import rtlil
from amaranth.hdl import Assert, Assume, ClockDomain, Module, Mux, Signal, Value
from amaranth.lib import wiring

from ganglion.hdl.lib.memory import Ram

Component = TypeVar("Component", bound=wiring.Component)

Claim = tuple[str, Any]
"""Something in English, and a condition that is to be true in every cycle."""


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

    def claim(self, text: str, condition: Any) -> None:
        """States that this is true in every cycle; `text` says it in English."""
        self.m.d.comb += Assert(condition, text, src_loc_at=1)

    def assume_all(self, claims: Iterable[Claim]) -> None:
        """Assumes what is claimed elsewhere."""
        for _, condition in claims:
            self.m.d.comb += Assume(condition, src_loc_at=1)

    def claim_all(self, claims: Iterable[Claim]) -> None:
        """Claims what others may rely on."""
        for text, condition in claims:
            self.m.d.comb += Assert(condition, text, src_loc_at=1)

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


def _with_claims(elaborate: Callable[..., Module], inside: Callable[..., Iterable[Claim]]) -> Callable[..., Module]:
    def elaborate_with_claims(component: wiring.Component, platform: object) -> Module:
        m = elaborate(component, platform)
        for text, condition in inside(m, component):
            m.d.comb += Assert(condition, f"{type(component).__name__}: {text}")
        return m

    return elaborate_with_claims
