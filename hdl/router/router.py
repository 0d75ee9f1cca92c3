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

from collections.abc import Sequence

from amaranth.hdl import Cat, Module, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.hdl.lib.packets import as_spike, spike_transfers
from ganglion.hdl.lib.streams import Arbiter, Buffer
from ganglion.hdl.router.ascent import Ascent, sorted_packet
from ganglion.hdl.router.fork import Fork
from ganglion.hdl.router.monitor import Monitor
from ganglion.model.spec.packets import PACKET_BITS, Kind, Scope
from ganglion.model.spec.params import Params
from ganglion.model.spec.registers import RouterCounter


class Router(wiring.Component):
    """A router of one level of the tree. It holds no tables: what it does with a packet is written in the packet.

    Up: a spike whose scope is this level turns; everything else goes to the parent, END once every child has sent one
    and all that turned before is on its way down. Down: END goes to all children, everything else to those in the mask
    of this level. READs with an empty mask are for the router itself, and nothing overtakes them; any other packet that
    no child gets is dropped and counted.

    Args:
        params: sizes of the chip, its levels among them.
        level: of this router, from 1.
    """

    child_i: Sequence[stream.Interface]
    """Up, from each child."""
    child_o: Sequence[stream.Interface]
    """Down, to each child."""
    parent_i: stream.Interface
    """Down, from the parent."""
    parent_o: stream.Interface
    """Up, to the parent."""
    busy: Value
    """A packet is inside."""

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
            packet = as_spike(self.child_i[k].payload)
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
            RouterCounter.TO_PARENT: spike_transfers(ascent.climb),
            RouterCounter.FROM_PARENT: spike_transfers(self.parent_i),
            RouterCounter.TURNED: spike_transfers(ascent.turn),
        }
        for k in range(self.children):
            events[RouterCounter(RouterCounter.FROM_CHILD_0 + k)] = spike_transfers(self.child_i[k])
            events[RouterCounter(RouterCounter.TO_CHILD_0 + k)] = spike_transfers(self.child_o[k])
        m.d.comb += [monitor.add[counter].eq(event) for counter, event in events.items()]
        m.d.comb += [
            monitor.bad.eq(fork.bad),
            monitor.still.eq(~Cat(o.valid for o in self.child_o).any()),
            fork.hold.eq(monitor.busy),
            self.busy.eq(ascent.busy | descent.o.valid | monitor.busy | Cat(o.valid for o in self.child_o).any()),
        ]
        return m
