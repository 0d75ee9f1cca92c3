"""From spikes to packets: the list of neurons that fired, and the fan-out table."""

from amaranth.hdl import Module, Signal, Value, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus, serve
from ganglion.hdl.lib.arith import below
from ganglion.hdl.lib.faults import fault_port, tell_first
from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.memory import Ram
from ganglion.hdl.lib.streams import transfers
from ganglion.model.spec.formats import Field, Layout
from ganglion.model.spec.memories import Memory, memories, protects
from ganglion.model.spec.packets import PACKET_BITS, SPIKE, Kind, Scope
from ganglion.model.spec.params import Params, bits_for


class Fanout(wiring.Component):
    """Notes the spikes of an update, and sends them meanwhile: every entry of every neuron, then END.

    The update writes `spikes` of one `group` per cycle; there is room for all neurons to fire. From the next cycle on,
    a group with a spike costs two cycles, a neuron one, and each of its entries two. END waits for the end of the
    update.

    An entry belongs to one neuron, so an update has no more entries to send than the table has rows. Lists that go
    round, which a host can write, run into that bound: what would come then is dropped, but for END, and `bad` pulses.
    So it does for an entry of scope CORE whose axon does not exist, which is skipped.

    Args:
        params: sizes of the core.
    """

    READ_LATENCY = Ram.LATENCY + 1
    """Cycles from a read on `bus` to the row on `table`, which is a register."""

    spikes: Value
    """Which lanes' neurons fired."""
    group: Value
    """The group that these are of."""
    updating: Value
    """An update is under way: spikes may come."""
    local: stream.Interface
    """Axons of entries of scope CORE."""
    packets: stream.Interface
    """SPIKEs of the other entries, and END behind the last one."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    table: "data.View[data.StructLayout]"
    """The row that the bus reads."""
    bad: Value
    """An entry is skipped, or the rest of all lists is dropped."""
    busy: Value
    """From the second cycle of `updating` to END."""
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`. Rows behind those of the table are those of the list."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.spec = memories(params)[Memory.FANOUT]
        super().__init__(
            {
                "spikes": In(params.lanes),
                "group": In(unsigned(bits_for(params.groups))),
                "updating": In(1),
                "local": Out(stream.Signature(unsigned(bits_for(params.axons)))),
                "packets": Out(stream.Signature(PACKET_BITS)),
                "bus": In(access_bus(params)),
                "table": Out(struct(self.spec.layout)),
                "bad": Out(1),
                "busy": Out(1),
                **fault_port(params),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p = self.params
        firing = Layout("FIRING", (Field("spikes", p.lanes, ""), Field("group", bits_for(p.groups), "")))
        parity = protects(p, Memory.FANOUT)
        m.submodules.firing = queue = Ram(firing, p.groups, parity=parity)
        m.submodules.fanout = fanout = Ram(self.spec.layout, self.spec.depth, parity=parity)

        # Groups with a spike, in order: as many as were written, of which so many have been read.
        written, read = Signal(range(p.groups + 1)), Signal(range(p.groups + 1))
        m.d.comb += [
            queue.write.eq(self.spikes.any()),
            queue.write_row.eq(written),
            queue.write_data.eq(self.spikes | self.group << p.lanes),
            queue.read_row.eq(read),
        ]
        with m.If(queue.write):
            m.d.sync += written.eq(written + 1)

        # A priority encoder: the lowest lane of the group whose spike has yet to be sent.
        pending, group = Signal(p.lanes), Signal(len(self.group))
        lane = Signal(bits_for(p.lanes))
        for k in reversed(range(p.lanes)):
            with m.If(pending[k]):
                m.d.comb += lane.eq(k)

        entry = Signal.like(fanout.read_data, name="entry", reset_less=True)
        spike = Signal(struct(SPIKE))
        entry_done = Signal()
        axon_exists = below(entry.axon, p.axons)
        taken = Signal(range(p.fanout_entries + 1))  # entries of this update so far
        m.d.comb += [
            self.local.payload.eq(entry.axon),
            spike.kind.eq(Kind.SPIKE),
            spike.route.eq(entry.route),
            spike.scope.eq(entry.scope),
            spike.axon.eq(entry.axon),
            self.packets.payload.eq(spike),
            self.table.eq(entry),
            self.busy.eq(1),
        ]
        with m.FSM():
            with m.State("Idle"):
                m.d.comb += self.busy.eq(0)
                with m.If(self.updating):
                    m.next = "Fetch"
            with m.State("Fetch"):
                with m.If(read != written):
                    m.d.comb += queue.read.eq(1)
                    m.d.sync += read.eq(read + 1)
                    m.next = "Load"
                with m.Elif(~self.updating):
                    m.next = "End"
            with m.State("Load"):
                m.d.sync += [pending.eq(queue.read_data.spikes), group.eq(queue.read_data.group)]
                m.next = "Pick"
            with m.State("Pick"):
                m.d.sync += pending.eq(pending & (pending - 1))
                m.d.comb += [fanout.read.eq(1), fanout.read_row.eq(group << (p.lanes.bit_length() - 1) | lane)]
                m.next = "Take"
            with m.State("Take"):
                m.d.sync += [entry.eq(fanout.read_data), taken.eq(taken + 1)]
                m.next = "Send"
                with m.If(~below(taken, p.fanout_entries)):
                    m.d.comb += self.bad.eq(1)
                    m.next = "End"
            with m.State("Send"):
                with m.Switch(entry.scope):
                    with m.Case(Scope.NOWHERE):
                        m.d.comb += entry_done.eq(1)
                    with m.Case(Scope.CORE):
                        m.d.comb += [
                            self.local.valid.eq(axon_exists),
                            entry_done.eq(~axon_exists | self.local.ready),
                            self.bad.eq(~axon_exists),
                        ]
                    with m.Default():
                        m.d.comb += [self.packets.valid.eq(1), entry_done.eq(self.packets.ready)]
                with m.If(entry_done):
                    with m.If(entry.next != 0):
                        m.d.comb += [fanout.read.eq(1), fanout.read_row.eq(entry.next)]
                        m.next = "Take"
                    with m.Elif(pending.any()):
                        m.next = "Pick"
                    with m.Else():
                        m.next = "Fetch"
            with m.State("End"):
                m.d.comb += [self.packets.valid.eq(~self.updating), self.packets.payload.eq(Kind.END)]
                with m.If(transfers(self.packets)):
                    m.d.sync += [written.eq(0), read.eq(0), taken.eq(0)]
                    m.next = "Idle"

        with m.If(self.bus.reading):
            m.d.sync += entry.eq(fanout.read_data)
        serve(m, self.bus, self.spec, fanout)
        if p.parity:
            tell_first(m, self.fault, [(Memory.FANOUT, fanout, 0), (Memory.FANOUT, queue, self.spec.depth)])
        return m
