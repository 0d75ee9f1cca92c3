"""Merging two streams into one."""

from typing import Any

from amaranth.hdl import Mux, Signal

from ganglion.hdl.lib.streams import Merge
from tests.formal.prove import prove
from tests.formal.spec import Spec


def test_merge_loses_duplicates_and_reorders_nothing() -> None:
    """The items that leave are the items that were taken, of either input in their order, for ever.

    What waits behind a transfer that is not accepted shows in no output, so induction cannot see it through an endless
    stall. Here no stall is longer than two cycles; `test_merge_is_a_queue_from_the_start` has stalls of any length.
    """
    spec, stalled = merge_and_its_queue("merge_queue")
    spec.assume(stalled < 3)
    prove(spec, depth=5)


def test_merge_is_a_queue_from_the_start() -> None:
    """As above, for the first cycles, with any stalls."""
    spec, _ = merge_and_its_queue("merge_queue_start")
    prove(spec, mode="bmc", depth=16)


def merge_and_its_queue(name: str) -> tuple[Spec, Any]:
    """Merge beside a queue for two that is fed with what Merge takes; also, for how many cycles `o` is stalled."""
    spec = Spec(name)
    merge = spec.add(Merge(8))

    head, behind, count = Signal(8), Signal(8), Signal(range(3))
    take_first, take_second = merge.first.valid & merge.first.ready, merge.second.valid & merge.second.ready
    taken, left = take_first | take_second, merge.o.valid & merge.o.ready
    item = Mux(take_first, merge.first.payload, merge.second.payload)
    room = count - left
    spec.m.d.sync += [
        count.eq(room + taken),
        head.eq(Mux(room == 0, item, Mux(left, behind, head))),
        behind.eq(Mux(room == 1, item, behind)),
    ]

    spec.claim("one item is taken at a time", ~take_second, when=take_first & merge.second.valid)
    spec.claim("nothing is taken where there is no room", ~taken, when=count >= 2)
    inside = merge.o.valid == (count != 0)
    spec.claim("there is something to leave exactly while something is inside", inside, seen=count != 0)
    spec.claim("the first input waits only for room", merge.first.ready == (count != 2), seen=count == 2)
    spec.claim(
        "the second input waits only for the first, or for room",
        merge.second.ready == ((count != 2) & ~merge.first.valid),
        seen=merge.second.valid & ~merge.second.ready,
    )
    spec.claim("what leaves is the oldest item inside", merge.o.payload == head, when=merge.o.valid)

    stalled = Signal(range(4))
    spec.m.d.sync += stalled.eq(Mux(merge.o.valid & ~merge.o.ready, stalled + (stalled != 3), 0))
    return spec, stalled
