"""The router: spikes climb, turn and come down to the children in their masks; steps end when all children have ended.

               parent
              ^      |
              |      v
    END  --> climb   descent <-- turned spikes
   of all     ^      |       |
              |      v       +-- own READs --> counters
              |     fork
              |    / | | \\
            inbox  outbox       one of each per child
              ^      |
              |      v
               child
"""

from functools import reduce
from operator import and_

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.hdl.arith import below
from ganglion.hdl.counters import Counters
from ganglion.hdl.layouts import struct
from ganglion.hdl.streams import Arbiter, Buffer
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory, RouterCounter, memories
from ganglion.model.spec.packets import ACCESS, PACKET_BITS, SPIKE, Kind, Scope
from ganglion.model.spec.params import RADIX, Params


class Router(wiring.Component):
    """A router of one level of the tree. It holds no tables: what it does with a packet is written in the packet.

    Up: a spike whose scope is this level turns; everything else goes to the parent, END once every child has sent one
    and all that turned before is on its way down. Down: END goes to all children, everything else to those in the mask
    of this level. READs with an empty mask are for the router itself, and nothing overtakes them; any other packet that
    no child gets is dropped and counted. `busy` while a packet is inside.
    """

    parent_i: stream.Interface
    parent_o: stream.Interface
    busy: Value

    def __init__(self, params: Params, level: int) -> None:
        self.params = params
        self.level = level
        self.children = params.levels[level - 1]
        packets = stream.Signature(PACKET_BITS)
        super().__init__(
            {
                "child_i": In(packets).array(self.children),
                "child_o": Out(packets).array(self.children),
                "parent_i": In(packets),
                "parent_o": Out(packets),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.ascent = ascent = Ascent(self.children)
        m.submodules.descent = descent = Arbiter(PACKET_BITS, 2)
        m.submodules.fork = fork = Fork(self.level, self.children)
        m.submodules.monitor = monitor = Monitor(self.params)
        here = Scope[f"LEVEL_{self.level}"]
        for k in range(self.children):
            m.submodules[f"inbox_{k}"] = inbox = Buffer(sorted_packet())
            m.submodules[f"outbox_{k}"] = outbox = Buffer(PACKET_BITS)
            packet = data.View(struct(SPIKE), self.child_i[k].payload[: SPIKE.width])
            m.d.comb += [
                inbox.i.payload.packet.eq(self.child_i[k].payload),
                inbox.i.payload.ends.eq(packet.kind == Kind.END),
                inbox.i.payload.turns.eq((packet.kind == Kind.SPIKE) & (packet.scope == here)),
                inbox.i.valid.eq(self.child_i[k].valid),
                self.child_i[k].ready.eq(inbox.i.ready),
            ]
            connect(m, inbox.o, ascent.i[k])
            connect(m, fork.o[k], outbox.i)
            connect(m, outbox.o, flipped(self.child_o[k]))
        connect(m, ascent.climb, flipped(self.parent_o))
        connect(m, ascent.turn, descent.i[0])
        connect(m, flipped(self.parent_i), descent.i[1])
        connect(m, descent.o, fork.i)
        connect(m, fork.own, monitor.accesses)
        connect(m, monitor.replies, ascent.replies)

        events = {
            RouterCounter.TO_PARENT: passes(ascent.climb),
            RouterCounter.FROM_PARENT: passes(self.parent_i),
            RouterCounter.TURNED: passes(ascent.turn),
        }
        for k in range(self.children):
            events[RouterCounter(RouterCounter.FROM_CHILD_0 + k)] = passes(self.child_i[k])
            events[RouterCounter(RouterCounter.TO_CHILD_0 + k)] = passes(self.child_o[k])
        m.d.comb += [monitor.add[counter].eq(event) for counter, event in events.items()]
        m.d.comb += [
            monitor.bad.eq(fork.bad),
            monitor.still.eq(~Cat(o.valid for o in self.child_o).any()),
            fork.hold.eq(monitor.busy),
            self.busy.eq(ascent.busy | descent.o.valid | monitor.busy | Cat(o.valid for o in self.child_o).any()),
        ]
        return m


def sorted_packet() -> data.StructLayout:
    """A packet and where it goes, found out before a register: behind it, the arbiters have their own to find out."""
    return data.StructLayout({"packet": PACKET_BITS, "ends": 1, "turns": 1})


class Ascent(wiring.Component):
    """What comes up from the children: some of it turns, the rest climbs.

    `busy` while anything waits or has not been taken.
    """

    climb: stream.Interface
    turn: stream.Interface
    replies: stream.Interface
    busy: Value

    def __init__(self, children: int) -> None:
        self.children = children
        packets = stream.Signature(PACKET_BITS)
        super().__init__(
            {
                "i": In(stream.Signature(sorted_packet())).array(children),
                "replies": In(packets),  # the router's own
                "climb": Out(packets),
                "turn": Out(packets),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.climbing = climbing = Arbiter(PACKET_BITS, self.children + 2)
        m.submodules.turning = turning = Arbiter(PACKET_BITS, self.children)
        connect(m, climbing.o, flipped(self.climb))
        connect(m, turning.o, flipped(self.turn))
        *from_children, ends, own = climbing.i
        connect(m, flipped(self.replies), own)
        ended = []
        # A packet that ends never turns; that this holds in any state at all is what the proofs by induction need.
        for child, up, down in zip(self.i, from_children, turning.i, strict=True):
            packet = child.payload
            ended.append(child.valid & packet.ends)
            m.d.comb += [
                up.payload.eq(packet.packet),
                up.valid.eq(child.valid & ~packet.ends & ~packet.turns),
                down.payload.eq(packet.packet),
                down.valid.eq(child.valid & packet.turns & ~packet.ends),
                child.ready.eq(Mux(packet.ends, ends.valid & ends.ready, Mux(packet.turns, down.ready, up.ready))),
            ]
        # The root answers with an END that comes down behind what has left `turn`, but ahead of what has not.
        m.d.comb += [
            ends.payload.eq(Kind.END),
            ends.valid.eq(reduce(and_, ended) & ~self.turn.valid),
            self.busy.eq(Cat(child.valid for child in self.i).any() | self.climb.valid | self.turn.valid),
        ]
        return m


class Fork(wiring.Component):
    """What goes down: each packet to every child that it is for, to each as soon as that one takes it.

    A packet whose mask names no child, or one that is not there, pulses `bad`; those that are there get it. While
    `hold`, nothing begins to leave.
    """

    i: stream.Interface
    own: stream.Interface
    hold: Value
    bad: Value

    def __init__(self, level: int, children: int) -> None:
        self.level = level
        self.children = children
        packets = stream.Signature(PACKET_BITS)
        super().__init__(
            {
                "i": In(packets),
                "o": Out(packets).array(children),
                "own": Out(packets),  # for the router itself
                "hold": In(1),
                "bad": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        packet = data.View(struct(ACCESS), self.i.payload)
        mask = packet.route.word_select(self.level - 1, RADIX)
        everybody = (1 << self.children) - 1
        is_end = packet.kind == Kind.END
        is_own = ((packet.kind == Kind.READ) | (packet.kind == Kind.WRITE)) & (mask == 0)
        wanted = Signal(self.children)
        served, taken = Signal(self.children), Cat(o.valid & o.ready for o in self.o)
        offered, done = Signal(), Signal()
        m.d.comb += [
            wanted.eq(Mux(is_end, everybody, mask)),
            offered.eq(self.i.valid & ~self.hold),
            done.eq(offered & Mux(is_own, self.own.ready, (wanted & ~served & ~taken) == 0)),
            self.i.ready.eq(done),
            self.own.payload.eq(self.i.payload),
            self.own.valid.eq(offered & is_own),
            self.bad.eq(done & ~is_end & ~is_own & ((mask == 0) | (mask & ~everybody != 0))),
        ]
        for k, child in enumerate(self.o):
            m.d.comb += [child.payload.eq(self.i.payload), child.valid.eq(offered & wanted[k] & ~served[k])]
        m.d.sync += served.eq(Mux(done, 0, served | taken))
        return m


class Monitor(wiring.Component):
    """The traffic counters of a router, and the answers to READs of them, which count all that was ahead of the READ.

    Any other access counts as a bad packet.
    """

    accesses: stream.Interface
    replies: stream.Interface
    add: "data.View[data.ArrayLayout]"
    bad: Value
    still: Value
    busy: Value

    def __init__(self, params: Params) -> None:
        self.layout = memories(params)[Memory.COUNTERS].layout
        packets = stream.Signature(PACKET_BITS)
        super().__init__(
            {
                "accesses": In(packets),
                "replies": Out(packets),
                "add": In(data.ArrayLayout(1, len(RouterCounter))),
                "bad": In(1),
                "still": In(1),  # nothing is on its way to a child
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.counters = counters = Counters(self.layout, dict.fromkeys(RouterCounter, 1))
        packet, held = data.View(struct(ACCESS), self.accesses.payload), Signal(struct(ACCESS))
        known = (packet.memory == Memory.COUNTERS) & below(packet.row, len(RouterCounter))
        answers = (packet.kind == Kind.READ) & known & below(packet.chunk, self.layout.chunks)
        refused = Signal()
        m.d.comb += [
            counters.add.eq(self.add),
            counters.add[RouterCounter.BAD_PACKETS].eq(self.bad | refused),
            counters.row.eq(held.row),
            self.busy.eq(1),
            self.replies.payload.eq(held),
        ]
        with m.FSM():
            with m.State("Idle"):
                m.d.comb += [self.busy.eq(0), self.accesses.ready.eq(1)]
                m.d.sync += held.eq(packet)
                with m.If(self.accesses.valid):
                    m.d.comb += refused.eq(~answers)
                    with m.If(answers):
                        m.next = "Drain"
            with m.State("Drain"), m.If(self.still):
                m.next = "Settle"
            with m.State("Settle"):
                m.d.comb += counters.reading.eq(1)
                with m.If(counters.settled):
                    m.next = "Read"
            with m.State("Read"):
                m.d.comb += counters.reading.eq(1)
                m.d.sync += [
                    held.kind.eq(Kind.REPLY),
                    held.data.eq(counters.value.word_select(held.chunk[: self.layout.chunks.bit_length()], CHUNK_BITS)),
                ]
                m.next = "Reply"
            with m.State("Reply"):
                m.d.comb += self.replies.valid.eq(1)
                with m.If(self.replies.ready):
                    m.next = "Idle"
        return m


def passes(port: stream.Interface) -> Value:
    """Whether a spike is transferred on a stream in this cycle."""
    packet = data.View(struct(SPIKE), port.payload[: SPIKE.width])
    return port.valid & port.ready & (packet.kind == Kind.SPIKE)
