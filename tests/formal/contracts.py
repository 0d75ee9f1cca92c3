"""What the parts of the chip promise each other: assumed where a part stands alone, claimed where it is built in."""

from collections.abc import Callable, Iterator
from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import stream, wiring

from ganglion.hdl.access.access import Access
from ganglion.hdl.core import Core
from ganglion.hdl.deliver.lookup import AxonLookup
from ganglion.hdl.deliver.synapses import SynapseLane
from ganglion.hdl.deliver.walker import RowWalker
from ganglion.hdl.lane import Lane
from ganglion.hdl.lib.streams import Buffer
from ganglion.hdl.sequencer import Sequencer
from ganglion.hdl.update.fanout import Fanout
from ganglion.model.spec.memories import Memory
from tests.formal.spec import Claim, implied, registers


def streams_of(component: wiring.Component, flow: wiring.Flow) -> Iterator[tuple[str, Any]]:
    """Name and interface of each stream that goes that way."""
    for name, member in component.signature.members.items():
        if member.flow is flow and member.is_signature and isinstance(member.signature, stream.Signature):
            of = getattr(component, name)
            yield from ((f"{name}__{k}", one) for k, one in enumerate(of)) if member.dimensions else ((name, of),)


def transfers(of: Any) -> Value:
    """Whether a stream is accepted in this cycle."""
    return of.valid & of.ready


AT_ONCE = {
    (Sequencer, "accesses"),
    (Access, "packets"),
    (RowWalker, "words"),
    (Lane, "words"),
    (SynapseLane, "words"),
}
"""Streams that never wait in a core that does not learn: what is offered is taken in the cycle."""


def streams_inside(m: Module, component: wiring.Component) -> list[Claim]:
    """The law of all streams of a component that is built in."""
    claims: list[Claim] = []
    for flow in (wiring.In, wiring.Out):
        # A buffer takes what it is offered in the very cycle, so the choice before it may change until then.
        if isinstance(component, Buffer) and flow is wiring.In:
            continue
        for name, of in streams_of(component, flow):
            if (type(component), name) in AT_ONCE:
                claims.append(implied(f"on stream {name}, what is offered is taken at once", of.valid, of.ready))
            else:
                claims += stream_law(m, name, of)
    return claims


def stream_law(m: Module, name: str, of: Any) -> list[Claim]:
    """The law of streams, half by half. Adds to `m` what remembers the cycle before."""
    payload = Value.cast(of.payload)
    waited, offered = Signal(name=f"{name}_waited"), Signal(len(payload), name=f"{name}_offered")
    m.d.sync += [waited.eq(of.valid & ~of.ready), offered.eq(payload)]
    return [
        implied(f"on stream {name}, valid holds until it is accepted", waited, of.valid),
        implied(f"on stream {name}, the payload holds until it is accepted", waited, payload == offered),
    ]


def streams_in(m: Module, component: wiring.Component) -> list[Claim]:
    """The law of all streams that come in."""
    return [claim for name, of in streams_of(component, wiring.In) for claim in stream_law(m, name, of)]


def streams_out(m: Module, component: wiring.Component) -> list[Claim]:
    """The law of all streams that go out."""
    return [claim for name, of in streams_of(component, wiring.Out) for claim in stream_law(m, name, of)]


def relies_on(m: Module, component: wiring.Component) -> list[Claim]:
    """What a component needs of its surroundings besides lawful streams."""
    return RELIES[type(component)](m, component) if type(component) in RELIES else []


def _lookup(m: Module, lookup: AxonLookup) -> list[Claim]:
    accessed = lookup.bus.reading | lookup.bus.write[Memory.AXONS]
    return [
        implied(
            "the axon table is accessed only while no event is offered or under way",
            accessed,
            ~(lookup.events.valid | lookup.busy),
        ),
        implied("the axon table is not read while it is written", lookup.bus.write[Memory.AXONS], ~lookup.bus.reading),
    ]


def _walker(m: Module, walker: RowWalker) -> list[Claim]:
    walking = walker.rows.valid | walker.words.valid
    return [implied("the synapses are read only while no row is walked", walker.bus.reading, ~walking)]


def _fanout(m: Module, fanout: Fanout) -> list[Claim]:
    accessed = fanout.bus.reading | fanout.bus.write[Memory.FANOUT]
    updated = Signal()
    m.d.sync += updated.eq(fanout.updating)
    begins = fanout.updating & ~updated
    return [
        implied(
            "the fan-out table is accessed only while no spikes are sent", accessed, ~(fanout.updating | fanout.busy)
        ),
        implied("spikes come while an update is under way", fanout.spikes.any(), fanout.updating),
        implied("it is at work while an update is under way", fanout.updating & updated, fanout.busy),
        implied("an update begins when those before are sent", begins, ~fanout.busy),
        implied(
            "the fan-out table is not read while it is written", fanout.bus.write[Memory.FANOUT], ~fanout.bus.reading
        ),
    ]


def firing(m: Module, fanout: Fanout) -> tuple[list[Claim], list[Claim]]:
    """The list of groups that fired, seen from within the fan-out: what it relies on, and what then is so."""
    own, groups = registers(m), fanout.params.groups
    written, read = own["unnamed_0"], own["read"]
    relied = [implied("no more groups have fired than are done", fanout.updating, written <= fanout.group)]
    return relied, [
        Claim("no more groups fire than there are", written <= groups, written == 1),
        Claim("what is read has been written", read <= written, read != 0),
        implied("the list is empty when nothing is sent", ~fanout.busy, (written == 0) & (read == 0)),
    ]


def _sequencer(m: Module, sequencer: Sequencer) -> list[Claim]:
    rested, free = Signal(), Signal()
    m.d.sync += [
        rested.eq(sequencer.quiet & ~sequencer.updating & ~(sequencer.i.valid & sequencer.i.ready)),
        free.eq(~sequencer.accessing & ~(sequencer.accesses.valid & sequencer.accesses.ready)),
    ]
    return [
        implied("what is quiet stays quiet until a packet is taken", rested, sequencer.quiet),
        implied("an access begins when it is taken", free, ~sequencer.accessing),
        implied("nothing is quiet while an access has the memories", sequencer.accessing, ~sequencer.quiet),
    ]


def _core(m: Module, core: Core) -> list[Claim]:
    parts = m.submodules
    delivering = parts.events.o.valid | parts.lookup.busy | parts.walker.words.valid
    adding = Cat(lane.words.valid for lane in (parts.lane_0, parts.lane_1)).any()
    updating, sending, accessing = parts.sequencer.updating, parts.fanout.busy, parts.access.busy
    under_way = Signal(Lane.LATENCY)
    m.d.sync += under_way.eq(Cat(parts.sequencer.update.valid, under_way)[: len(under_way)])
    groups, entering = sum(under_way) + parts.fanout.group, parts.sequencer.update.group
    return [
        implied("an access has the core for itself", accessing, ~(updating | sending | delivering)),
        implied("no word is taken while groups enter an update", parts.sequencer.update.valid, ~adding),
        Claim("a group is done when its time is over", parts.lane_0.done == under_way[-1], under_way[-1]),
        implied("an update lasts until its last group is done", under_way.any(), updating),
        Claim("the groups of an update are done in order", groups[: len(entering)] == entering, entering == 1),
    ]


RELIES: dict[type, Callable[..., list[Claim]]] = {
    AxonLookup: _lookup,
    Core: _core,
    Fanout: _fanout,
    RowWalker: _walker,
    Sequencer: _sequencer,
}
