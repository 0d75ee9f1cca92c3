"""The router: what goes in comes out behind no END that it was ahead of, and in the end. That it comes out where it
should, once, whole and in order is in `test_router_always.py`."""

from dataclasses import dataclass
from typing import Any

import pytest
from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.packets import as_spike
from ganglion.hdl.router.ascent import Ascent
from ganglion.hdl.router.monitor import Monitor
from ganglion.hdl.router.router import Router
from ganglion.model.spec.packets import Kind, Scope
from ganglion.model.spec.params import PRESETS, RADIX
from tests.formal.contracts import streams_in, transfers
from tests.formal.prove import prove
from tests.formal.spec import Claim, Spec, implied

PARAMS = PRESETS["tiny"].replace(levels=(2, 2))

CHILDREN = 2

PARENT = CHILDREN
"""Number of the parent's link; the children's are those below."""

FIRST_CYCLES = 7
"""Cycles of the proofs from the start."""

PATIENCE = 18
"""Cycles without a stall in which everything leaves that a router of two children holds: at most 14 packets, those that
turn through two more buffers."""


SHORT = data.StructLayout({"kind": 4, "mask": CHILDREN, "mark": 2, "scope": 3})
"""What the proofs' packets differ in. A router looks at nothing of a packet but its kind, its own child mask, the scope
of a spike, and what a READ of its own counters asks for; the marks stand for everything that is only handed on."""


def no_monitor(monitor: Monitor) -> Module:
    """Drops accesses, and never answers: what the router says of itself is no packet of anybody's."""
    m = Module()
    m.d.comb += monitor.accesses.ready.eq(1)
    return m


class Shortened(wiring.Component):
    """A router of the lowest level, whose links carry short packets."""

    def __init__(self) -> None:
        links = stream.Signature(SHORT)
        super().__init__(
            {
                "child_i": In(links).array(CHILDREN),
                "child_o": Out(links).array(CHILDREN),
                "parent_i": In(links),
                "parent_o": Out(links),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.router = router = Router(PARAMS, 1)
        m.d.comb += self.busy.eq(router.busy)
        for short, long in zip([*self.child_i, self.parent_i], [*router.child_i, router.parent_i], strict=True):
            spike = as_spike(long.payload)
            m.d.comb += [
                long.valid.eq(short.valid),
                short.ready.eq(long.ready),
                spike.kind.eq(short.payload.kind),
                spike.route.eq(short.payload.mask),
                spike.axon.eq(short.payload.mark),
                spike.scope.eq(short.payload.scope),
            ]
        for short, long in zip([*self.child_o, self.parent_o], [*router.child_o, router.parent_o], strict=True):
            spike = as_spike(long.payload)
            m.d.comb += [
                short.valid.eq(long.valid),
                long.ready.eq(short.ready),
                short.payload.kind.eq(spike.kind),
                short.payload.mask.eq(spike.route),
                short.payload.mark.eq(spike.axon),
                short.payload.scope.eq(spike.scope),
            ]
        return m


@dataclass
class Watched:
    """A packet that goes in on some link at some time, and what has become of it.

    Any packet, link and time: what holds for this one holds for every packet. It alone has its mark.
    """

    entering: Any
    taken: Any
    """It has gone in."""
    seen: list[Any]
    """It has come out, by link."""
    due: list[Any]
    """It should come out, by link."""


def is_end(of: Any) -> Value:
    return transfers(of) & (of.payload.kind == Kind.END)


def happened(spec: Spec, event: Any, name: str) -> Signal:
    """Whether something has been in a cycle before this one."""
    past = Signal(name=name)
    spec.m.d.sync += past.eq(past | event)
    return past


def count(spec: Spec, event: Any, name: str) -> Signal:
    """How often something has been in the cycles before this one."""
    number = Signal(range(FIRST_CYCLES + 2), name=name)
    spec.m.d.sync += number.eq(number + event)
    return number


def ins(router: Any) -> list[Any]:
    return [*router.child_i, router.parent_i]


def outs(router: Any) -> list[Any]:
    return [*router.child_o, router.parent_o]


def due_at(word: Any, port: Any) -> list[Any]:
    """By link, whether a packet that came in on a link must go out there."""
    down = (port == PARENT) | ((word.kind == Kind.SPIKE) & (word.scope == Scope.LEVEL_1))
    return [*(down & word.mask[k] for k in range(CHILDREN)), ~down]


def watched_router(name: str) -> tuple[Spec, Shortened, Any, Watched]:
    """A router with lawful streams, and a packet, no END, that goes in on a link."""
    spec = Spec(name, instead={Monitor: no_monitor})
    router = spec.add(Shortened())
    spec.assume_all(streams_in(spec.m, router))
    port = spec.chosen(range(CHILDREN + 1), "port")
    spec.assume(port <= PARENT)
    marked = [of.valid & of.payload.mark[0] for of in ins(router)]
    entering = Cat(mark & of.ready for mark, of in zip(marked, ins(router), strict=True)).any()
    taken = happened(spec, entering, "in")
    now, held, word = (Signal(SHORT, name=name) for name in ("now", "held", "word"))
    for k, (mark, of) in enumerate(zip(marked, ins(router), strict=True)):
        spec.assume(~mark | ((port == k) & ~taken & (of.payload.kind != Kind.END)))
        spec.assume(~of.valid | ~of.payload.mark[1])
        with spec.m.If(port == k):
            spec.m.d.comb += now.eq(of.payload)
    spec.m.d.comb += word.eq(Mux(entering, now, held))
    spec.m.d.sync += held.eq(word)
    seen = [happened(spec, transfers(of) & of.payload.mark[0], f"out_{k}") for k, of in enumerate(outs(router))]
    return spec, router, port, Watched(entering, taken, seen, due_at(word, port))


def test_everything_leaves_once_stalls_end() -> None:
    """From whatever state: when for PATIENCE cycles nothing new has come and no output has been stalled, nothing is
    left inside but what must wait, behind an END, for the END of another child."""

    def inside(m: Module, component: wiring.Component) -> list[Claim]:
        if not isinstance(component, Router):
            return []
        parts = m.submodules
        waiting = [child.valid & child.payload.ends for child in parts.ascent.i]
        silent = [~child.valid for child in parts.ascent.i]
        quiet = Cat(of.valid for of in ins(component)).any() | Cat(~of.ready for of in outs(component)).any()
        calm = Signal(range(PATIENCE + 1))
        m.d.sync += calm.eq(Mux(quiet, 0, Mux(calm == PATIENCE, calm, calm + 1)))
        left = [parts.ascent.climb, parts.ascent.turn, parts.descent.o, *component.child_o]
        late = calm == PATIENCE
        return [
            implied("what is on its way has left", late, ~Cat(of.valid for of in left).any()),
            implied("who waits inside, waits for a child without END", late, Cat(silent).any() | Cat(silent).all()),
            *(implied(f"child {k} waits with its END alone", late & ~silent[k], waiting[k]) for k in range(CHILDREN)),
        ]

    spec = Spec("router_liveness", instead={Monitor: no_monitor}, inside=inside)
    spec.add(Shortened())
    prove(spec, depth=PATIENCE + 2, reach=PATIENCE + 10)


@pytest.mark.slow
def test_end_waits_for_all_and_overtakes_nothing() -> None:
    """For the first cycles, in numbers: the n-th END goes up when every child has sent n, behind every packet that a
    child sent before. The ENDs that come down go to every child, and those that answer an END behind every spike that
    turned before it."""
    spec, router, port, packet = watched_router("router_end")
    for of in ins(router):
        spec.assume(~of.valid | (of.payload.kind == Kind.END) | (of.payload.kind == Kind.SPIKE))
    ends_in = [count(spec, is_end(of), f"ends_in_{k}") for k, of in enumerate(ins(router))]
    ends_out = [count(spec, is_end(of), f"ends_out_{k}") for k, of in enumerate(outs(router))]
    # The root answers the n-th END of the cores with its 2n-th, and sends one on its own before.
    comes_down = router.parent_i.valid & (router.parent_i.payload.kind == Kind.END)
    spec.assume(~comes_down | (ends_in[PARENT] <= 2 * ends_out[PARENT]))
    before = Signal(range(FIRST_CYCLES + 2), name="before")  # ENDs of its link that went in before the packet
    with spec.m.If(packet.entering), spec.m.Switch(port):
        for k, ends in enumerate(ends_in):
            with spec.m.Case(k):
                spec.m.d.sync += before.eq(ends)

    climbs = is_end(router.parent_o)
    waits = packet.taken & packet.due[PARENT] & ~packet.seen[PARENT]
    spec.claim("END does not overtake what climbs", ends_out[PARENT] < before, when=climbs & waits)
    for k, of in enumerate(router.child_o):
        spec.claim(f"END goes up when child {k} has sent it", ends_out[PARENT] < ends_in[k], when=climbs)
        spec.claim(f"child {k} gets an END that came down", ends_out[k] < ends_in[PARENT], when=is_end(of))
        overtakes = is_end(of) & packet.taken & packet.due[k] & ~packet.seen[k]
        spec.claim(
            f"END does not overtake what comes down to child {k}",
            ends_out[k] < before,
            when=overtakes & (port == PARENT),
        )
        spec.claim(
            f"END does not overtake what turned towards child {k}",
            ends_out[k] < 2 * before + 1,
            when=overtakes & (port != PARENT),
        )
    prove(spec, mode="bmc", depth=FIRST_CYCLES)


def test_end_goes_up_behind_all_that_turned() -> None:
    """Whatever the state: a router takes the ENDs of its children all in one cycle, the one in which it sends its own,
    and then what turned before is already where everything that comes down queues up. So no answer to that END can
    overtake it: behind that place, there are queues alone."""

    def inside(m: Module, component: wiring.Component) -> list[Claim]:
        if not isinstance(component, Ascent):
            return []
        ends = m.submodules.climbing.i[component.children]
        taken = [transfers(child) & child.payload.ends for child in component.i]
        return [
            implied("END goes up when all children send it", transfers(ends), Cat(taken).all()),
            implied("a child's END is taken when END goes up", Cat(taken).any(), transfers(ends)),
            implied("what turned is on its way down when END goes up", transfers(ends), ~component.turn.valid),
        ]

    spec = Spec("router_ends", instead={Monitor: no_monitor}, inside=inside)
    router = spec.add(Router(PRESETS["tiny"].replace(levels=(RADIX,)), 1))
    spec.assume_all(streams_in(spec.m, router))
    prove(spec, depth=2)
