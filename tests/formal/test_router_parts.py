"""What a router is made of, and the link between two: forks, arbiters, narrow links, each alone."""

from typing import Any

import pytest
from amaranth.hdl import Cat, Mux, Signal

from ganglion.hdl.lib.packets import as_access
from ganglion.hdl.lib.serdes import Link
from ganglion.hdl.lib.streams import Arbiter
from ganglion.hdl.router.fork import Fork
from ganglion.model.spec.packets import PACKET_BITS, Kind
from ganglion.model.spec.params import RADIX
from tests.formal.contracts import streams_in, transfers
from tests.formal.prove import prove
from tests.formal.spec import Spec


def test_each_child_in_the_mask_gets_a_packet_once() -> None:
    """The fork of a router of four children: however each is stalled, a packet goes on when every child in its mask has
    taken it once, unaltered, and no other child any; END goes to all of them, an access without a child to the router
    itself."""
    spec = Spec("fork")
    fork = spec.add(Fork(1, RADIX))
    spec.assume_all(streams_in(spec.m, fork))
    # The router holds the fork back from the cycle after it took an access, and so never within a packet.
    spec.assume(~fork.hold | ~happened_since(spec, Cat(o.valid for o in fork.o).any(), transfers(fork.i)))
    header = as_access(fork.i.payload)
    mask = header.route[:RADIX]
    own = ((header.kind == Kind.READ) | (header.kind == Kind.WRITE)) & (mask == 0)
    wanted = Mux(header.kind == Kind.END, (1 << RADIX) - 1, mask)
    got = Signal(RADIX)
    now = Cat(transfers(child) for child in fork.o)
    leaves = transfers(fork.i)
    spec.m.d.sync += got.eq(Mux(leaves, 0, got | now))
    spec.claim("nobody gets a packet twice", (got & now) == 0, seen=got.any() & now.any())
    spec.claim("nobody gets a packet that is not for him", (now & ~wanted) == 0, seen=now.any() & ~wanted.all())
    whole = (got | now) == wanted
    spec.claim("a packet goes on when all have got it", ~leaves | own | whole, seen=leaves & got.any() & now.any())
    spec.claim("an access without a child is for the router", ~leaves | (transfers(fork.own) == own), seen=leaves & own)
    for k, child in enumerate(fork.o):
        spec.claim(f"child {k} gets the packet as it is", child.payload == fork.i.payload, when=child.valid)
    prove(spec, mode="bmc", depth=12)


def happened_since(spec: Spec, event: Any, end: Any) -> Signal:
    """Whether something has been since the last end, in a cycle before this one."""
    past = Signal()
    spec.m.d.sync += past.eq((past | event) & ~end)
    return past


@pytest.mark.parametrize("inputs", [2, 3, pytest.param(6, marks=pytest.mark.slow)])
def test_an_arbiter_passes_everything_on_in_turn(inputs: int) -> None:
    """What enters the buffer behind an arbiter is what one input gave; an input that waits is passed by each of the
    others once at most."""
    spec = Spec(f"arbiter_{inputs}")
    arbiter = spec.add(Arbiter(4, inputs))
    spec.assume_all(streams_in(spec.m, arbiter))
    taken = Cat(transfers(of) for of in arbiter.i)
    spec.claim("one item is taken at a time", (taken & (taken - 1)) == 0, seen=Cat(of.valid for of in arbiter.i).all())
    for k, of in enumerate(arbiter.i):
        passed = Signal(range(inputs + 1), name=f"passed_{k}")
        spec.m.d.sync += passed.eq(Mux(transfers(of) | ~of.valid, 0, passed + taken.any()))
        spec.claim(f"input {k} is not passed too often", passed < inputs, seen=passed == inputs - 1)
    head, behind, held = Signal(4), Signal(4), Signal(range(3))
    item, leaves = Signal(4), transfers(arbiter.o)
    for k, of in enumerate(arbiter.i):
        with spec.m.If(taken[k]):
            spec.m.d.comb += item.eq(of.payload)
    room = held - leaves
    spec.m.d.sync += [
        held.eq(room + taken.any()),
        head.eq(Mux(room == 0, item, Mux(leaves, behind, head))),
        behind.eq(Mux(room == 1, item, behind)),
    ]
    spec.claim("something leaves exactly while something is inside", arbiter.o.valid == (held != 0), seen=held == 2)
    spec.claim("what leaves is the oldest item inside", arbiter.o.payload == head, when=arbiter.o.valid)
    waits = Cat(of.valid for of in arbiter.i).any() & (held != 2)
    spec.claim("nothing waits where there is room", taken.any(), when=waits)
    prove(spec, mode="bmc", depth=9)


@pytest.mark.parametrize("wires", [8, 32])
def test_a_link_is_a_queue(wires: int) -> None:
    """Of a narrow link: whatever goes in comes out, whole and in order, and nothing else; one packet at most is between
    the two ends, and one in each."""
    spec = Spec(f"link_{wires}")
    link = spec.add(Link(wires))
    spec.assume_all(streams_in(spec.m, link))
    first, second, held = Signal(PACKET_BITS), Signal(PACKET_BITS), Signal(range(4))
    enters, leaves = transfers(link.i), transfers(link.o)
    room = held - leaves
    spec.m.d.sync += [
        held.eq(room + enters),
        first.eq(Mux(room == 0, link.i.payload, Mux(leaves, second, first))),
        second.eq(Mux(room == 1, link.i.payload, second)),
    ]
    spec.claim("two packets at most are inside", held <= 2, seen=held == 2)
    oldest = (held != 0) & (link.o.payload == first)
    spec.claim("what leaves is the oldest packet inside", oldest, when=link.o.valid)
    spec.claim("a link is busy exactly while a packet is inside", link.busy == (held != 0), seen=held != 0)
    prove(spec, mode="bmc", depth=2 * PACKET_BITS // wires + 6)
