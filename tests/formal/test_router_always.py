"""Routers for ever, by induction: what is inside is followed from place to place, so nothing is lost, doubled, altered,
sent astray or overtaken, however long it waits."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any

import pytest
from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, wiring

from ganglion.hdl.lib.packets import as_spike
from ganglion.hdl.lib.streams import Arbiter, Buffer
from ganglion.hdl.router.ascent import Ascent, sorted_packet
from ganglion.hdl.router.fork import Fork
from ganglion.hdl.router.monitor import Monitor
from ganglion.hdl.router.router import Router
from ganglion.model.spec.packets import PACKET_BITS, Kind, Scope
from tests.formal.contracts import streams_in, transfers
from tests.formal.prove import prove
from tests.formal.spec import Claim, Spec, implied, registers
from tests.formal.test_router import CHILDREN, PARENT, SHORT, Shortened, due_at, ins, no_monitor, outs

LONG_WAIT = 3
"""Cycles for which a packet that turned must be seen to wait."""

WHERE = ("turning", "climbing", "descent", *(f"{box}_{k}" for box in ("inbox", "outbox") for k in range(CHILDREN)))
"""The buffers of a router."""


class Slot:
    """One of the two packets that a buffer has room for: a copy of its registers."""

    def __init__(self, name: str) -> None:
        self.valid = Signal(name=f"{name}_valid")
        self.word = Signal(PACKET_BITS, name=f"{name}_word")

    def holds(self, bit: int) -> Value:
        """It is the packet with this mark."""
        return self.valid & as_spike(self.word).axon[bit]

    def short(self) -> Any:
        """Its packet, as the links of the proof have it."""
        spike = as_spike(self.word)
        short = data.View(SHORT, Signal(SHORT.size))
        parts = {"kind": spike.kind, "mask": spike.route[:CHILDREN], "mark": spike.axon[:2], "scope": spike.scope}
        return short, [short[name].eq(part) for name, part in parts.items()]


@dataclass
class Inside:
    """What is inside a router: the slots of each buffer, the one that leaves first in front, and whom its fork has
    served of the packet that leaves."""

    slots: dict[str, tuple[Slot, Slot]] = field(
        default_factory=lambda: {where: (Slot(f"{where}_0"), Slot(f"{where}_1")) for where in WHERE}
    )
    served: Signal = field(default_factory=lambda: Signal(CHILDREN, name="fork_served"))
    roles: dict[int, str] = field(default_factory=dict)
    """Which buffer is which, by its number as an object, or that of what it is in."""

    def look(self, m: Module, component: wiring.Component) -> Iterator[Claim]:
        """Copies registers on the way, and claims what every buffer keeps to."""
        parts = m.submodules
        if isinstance(component, Router):
            self.roles |= {id(getattr(parts, where)): where for where in WHERE if hasattr(parts, where)}
        elif isinstance(component, Ascent):
            self.roles |= {id(parts.climbing): "climbing", id(parts.turning): "turning"}
        elif isinstance(component, Arbiter):
            self.roles[id(parts.buffer)] = self.roles[id(component)]
        elif isinstance(component, Fork):
            m.d.comb += self.served.eq(registers(m)["served"])
        elif isinstance(component, Buffer):
            front, behind = self.slots[self.roles[id(component)]]
            own = registers(m)
            m.d.comb += [front.valid.eq(component.o.valid), behind.valid.eq(own["skid_valid"])]
            for slot, name in ((front, "payload"), (behind, "skid")):
                whole = Value.cast(own[name])
                m.d.comb += slot.word.eq(whole[:PACKET_BITS])
                if len(whole) > PACKET_BITS:
                    sorted_ = sorted_packet()(whole)
                    spike = as_spike(sorted_.packet)
                    turns = (spike.kind == Kind.SPIKE) & (spike.scope == Scope.LEVEL_1)
                    right = (sorted_.ends == (spike.kind == Kind.END)) & (sorted_.turns == turns)
                    yield implied(f"what waits in its {name} is sorted as it is", slot.valid, right)
            yield implied("nothing waits behind nothing", behind.valid, front.valid)

    def count(self, where: str, bit: int) -> Value:
        """How often the packet with this mark is in a buffer."""
        front, behind = self.slots[where]
        return front.holds(bit) + behind.holds(bit)


class Followed:
    """A packet that goes in on a link at some time, or never, and all places in which it may be.

    It alone has its mark, so what holds for it holds for every packet.
    """

    def __init__(self, spec: Spec, router: Any, inside: Inside, port: int, earlier: "Followed | None") -> None:
        bit = 0 if earlier is None else earlier.bit + 1
        self.inside, self.bit, self.port = inside, bit, port
        marked = [of.valid & of.payload.mark[bit] for of in ins(router)]
        entering = marked[port] & ins(router)[port].ready
        self.taken = Signal(name=f"taken_{bit}")
        spec.m.d.sync += self.taken.eq(self.taken | entering)
        for k, (mark, of) in enumerate(zip(marked, ins(router), strict=True)):
            may = (k == port) & ~self.taken & (earlier.taken if earlier else 1)
            spec.assume(~mark | may)
            spec.assume(~mark | (of.payload.mark == 1 << bit))
            # What a child's END becomes has no mark; one that comes down is a packet as any other.
            spec.assume(~mark | (of.payload.kind != Kind.END) | (k == PARENT))
        self.word = Signal(SHORT, name=f"word_{bit}")
        with spec.m.If(entering):
            spec.m.d.sync += self.word.eq(ins(router)[port].payload)
        self.ends = self.word.kind == Kind.END
        for_all = self.ends & (port == PARENT)
        self.due = [due | (for_all & (k != PARENT)) for k, due in enumerate(due_at(self.word, port))]
        self.seen = []
        for k, of in enumerate(outs(router)):
            seen = Signal(name=f"seen_{bit}_{k}")
            spec.m.d.sync += seen.eq(seen | (transfers(of) & of.payload.mark[bit]))
            self.seen.append(seen)
        self.head = inside.slots["descent"][0].holds(bit)

    def at(self, where: str) -> Value:
        return self.inside.count(where, self.bit)

    def before_fork(self) -> Value:
        """How often it is in front of the fork."""
        way = [f"inbox_{self.port}", "turning", "descent"] if self.port != PARENT else ["descent"]
        return reduce(add, [self.at(where) for where in way])

    def elsewhere(self) -> list[str]:
        """Buffers that it never gets to."""
        own = {f"inbox_{self.port}", "turning", "climbing"} if self.port != PARENT else set()
        return [where for where in WHERE if where not in own | {"descent", "outbox_0", "outbox_1"}]


def followed(
    name: str, port: int, packets: int, *, free_mark: bool = False
) -> tuple[Spec, Any, Inside, list[Followed]]:
    """A router with lawful streams, and so many packets that go in on one link, one behind the other; with the
    invariants of each. A mark that no packet has is nowhere, unless it is free for something else."""
    inside = Inside()
    spec = Spec(name, instead={Monitor: no_monitor}, inside=inside.look)
    router = spec.add(Shortened())
    spec.assume_all(streams_in(spec.m, router))
    found: list[Followed] = []
    for bit in range(2):
        if bit >= packets:
            if free_mark:
                continue
            spec.assume(~Cat(of.valid & of.payload.mark[bit] for of in ins(router)).any())
            for where in WHERE:
                there = inside.slots[where][0].valid
                spec.claim(f"mark {bit} is not in {where}", inside.count(where, bit) == 0, seen=there)
            continue
        found.append(Followed(spec, router, inside, port, found[-1] if found else None))
        _one_place(spec, found[-1])
    fork = inside.slots["descent"][0]
    kind, mask = as_spike(fork.word).kind, as_spike(fork.word).route[:CHILDREN]
    destinations = Mux(kind == Kind.END, (1 << CHILDREN) - 1, mask)
    of_head = fork.valid & ((inside.served & ~destinations) == 0)
    spec.claim("whom the fork has served, the packet is for", of_head, when=inside.served.any())
    return spec, router, inside, found


def _one_place(spec: Spec, packet: Followed) -> None:
    """A packet is in one place of each of its ways, and nowhere else; and it is what came in."""
    inside, taken, up, bit = packet.inside, packet.taken, packet.due[PARENT], packet.bit
    marked = (packet.word.mark == 1 << bit) & (~packet.ends | (packet.port == PARENT))
    spec.claim(f"packet {bit} has its mark, and is an END only if it came down", marked, when=taken)
    for where in packet.elsewhere():
        spec.claim(f"packet {bit} is not in {where}", packet.at(where) == 0, seen=taken)
    everywhere = reduce(add, [packet.at(where) for where in WHERE])
    spec.claim(f"packet {bit} is nowhere before it has come", (everywhere == 0) & ~Cat(packet.seen).any(), when=~taken)
    before = packet.before_fork()
    if packet.port != PARENT:
        climbs = packet.at(f"inbox_{packet.port}") + packet.at("climbing")
        spec.claim(f"packet {bit} climbs in one place", climbs + packet.seen[PARENT] == 1, when=taken & up)
        down = packet.at("turning") + packet.at("descent") + packet.at("outbox_0") + packet.at("outbox_1")
        spec.claim(f"packet {bit} climbs alone", (down == 0) & ~Cat(packet.seen[:PARENT]).any(), when=taken & up)
        spec.claim(f"packet {bit} does not climb when it turns", packet.at("climbing") == 0, when=taken & ~up)
    spec.claim(f"packet {bit} comes down in one place", (before <= 1) & ~packet.seen[PARENT], when=taken & ~up)
    for k in range(CHILDREN):
        served = packet.head & inside.served[k]
        places = before - served + packet.at(f"outbox_{k}") + packet.seen[k]
        due = taken & ~up & packet.due[k]
        spec.claim(f"packet {bit} is in one place of its way to child {k}", places == 1, when=due)
        astray = packet.at(f"outbox_{k}") + packet.seen[k] + served
        stray = taken & ~packet.due[k]
        spec.claim(f"packet {bit} goes to child {k} only if it is due there", astray == 0, when=stray)
    for where in WHERE:
        if where in packet.elsewhere():
            continue
        for slot in inside.slots[where]:
            short, parts = slot.short()
            spec.m.d.comb += parts
            there, same = slot.holds(bit), short.as_value() == packet.word.as_value()
            spec.claim(f"packet {bit} in {where} is what came in", same, when=there)


PORTS = [0, pytest.param(1, marks=pytest.mark.slow), PARENT]
"""Where packets go in; the second child is as the first."""


@pytest.mark.parametrize("port", PORTS)
def test_nothing_is_lost_doubled_altered_or_sent_astray(port: int) -> None:
    """What comes out has gone in before, as it is, is due there, and comes out once; and when nothing is inside any
    more, it has come out wherever it is due. A packet that turned and waits for three cycles and more is seen, and
    leaves."""
    spec, router, _, (packet,) = followed(f"router_always_{port}", port, 1)
    waited = Signal(range(LONG_WAIT + 1))
    if port != PARENT:
        waits = (packet.at("turning") != 0) & (waited != LONG_WAIT)
        spec.m.d.sync += waited.eq(waited + waits)
    for k, (due, seen, of) in enumerate(zip(packet.due, packet.seen, outs(router), strict=True)):
        leaves = transfers(of) & of.payload.mark[packet.bit]
        right = packet.taken & due & ~seen & (of.payload.as_value() == packet.word.as_value())
        if port == PARENT and k == PARENT:
            spec.claim("what comes down does not go up", ~leaves, seen=packet.taken)
            continue
        late = leaves & (waited == LONG_WAIT) if PARENT not in (port, k) else leaves
        spec.claim(f"what leaves on link {k} has come in, as it is, and leaves once", ~leaves | right, seen=late)
        spec.claim(f"what is due on link {k} is not lost", seen, when=packet.taken & ~router.busy & due)
    prove(spec, depth=2, reach=16)


@pytest.mark.parametrize("port", PORTS)
def test_nothing_is_reordered(port: int) -> None:
    """Of two packets that take the same way, ENDs that come down among them, the one that went in first comes out
    first."""
    spec, router, inside, (first, second) = followed(f"router_in_order_{port}", port, 2)
    spec.claim("the second comes behind the first", first.taken, when=second.taken)
    for k, of in enumerate(outs(router)):
        if port == PARENT and k == PARENT:
            continue
        both = first.taken & second.taken & first.due[k] & second.due[k]
        ahead, after = (_rank(inside, packet, k) for packet in (first, second))
        gone = first.seen[k] & second.seen[k]
        spec.claim(f"the first is ahead on its way to link {k}", gone | (ahead > after), when=both)
        leaves = transfers(of) & of.payload.mark[second.bit] & first.due[k]
        spec.claim(f"the first leaves on link {k} before the second", first.seen[k], when=leaves)
    prove(spec, depth=2, reach=12)


def test_a_child_s_end_overtakes_nothing_of_that_child() -> None:
    """When a child's END is taken, which is when an END goes up, what the child sent before is no longer in front of
    the place where the two ways part, nor waiting to turn: it climbs ahead of that END, or is on its way down ahead of
    any that may answer it."""
    spec, router, inside, (packet,) = followed("router_end_always", 0, 1, free_mark=True)
    box = f"inbox_{packet.port}"
    front, behind = inside.slots[box]
    entering = [of.valid & of.payload.mark[1] for of in ins(router)]
    sent = Signal()
    spec.m.d.sync += sent.eq(sent | (entering[packet.port] & ins(router)[packet.port].ready))
    for k, (mark, of) in enumerate(zip(entering, ins(router), strict=True)):
        spec.assume(~mark | ((k == packet.port) & packet.taken & ~sent))
        spec.assume(~mark | ((of.payload.kind == Kind.END) & (of.payload.mark == 2)))
    for where in WHERE:
        if where != box:
            spec.claim(f"the END is not in {where}", inside.count(where, 1) == 0, seen=sent)
    for slot in (front, behind):
        spec.claim("it is an END", as_spike(slot.word).kind == Kind.END, when=slot.holds(1))
    there = inside.count(box, 1)
    spec.claim("it is in the box once, or gone", there <= 1, seen=sent & (there == 1))
    spec.claim("it comes behind the packet", packet.taken, when=sent)
    spec.claim("and stays behind it", ~behind.holds(0), when=front.holds(1))
    spec.claim("and only where it was sent", sent, when=there != 0)
    past = sent & (there == 0)
    in_front = packet.at(box) + packet.at("turning")
    spec.claim("when it is gone, the packet is not in front of it", in_front == 0, when=past)
    prove(spec, depth=2, reach=12)


def _rank(inside: Inside, packet: Followed, k: int) -> Value:
    """How far a packet has come on its way to a link."""
    behind_fork = [f"outbox_{k}"] if k != PARENT else []
    way = ["climbing"] if k == PARENT else ["turning", "descent"]
    way = [*([f"inbox_{packet.port}"] if packet.port != PARENT else []), *way, *behind_fork]
    rank: Any = 0
    for number, where in enumerate(way):
        front, behind = inside.slots[where]
        at_front: Any = front.holds(packet.bit)
        if where == "descent" and k != PARENT:
            at_front &= ~inside.served[k]
        rank = Mux(at_front, 2 * number + 2, Mux(behind.holds(packet.bit), 2 * number + 1, rank))
    return Mux(packet.seen[k], 2 * len(way) + 1, rank)
