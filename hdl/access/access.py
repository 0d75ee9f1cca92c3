"""Reading and writing of every memory through the packet stream."""

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.assembly import RowAssembly
from ganglion.hdl.access.bus import access_bus, most_chunks
from ganglion.hdl.lib.arith import below
from ganglion.hdl.lib.layouts import struct
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Where, memories
from ganglion.model.spec.packets import ACCESS, Kind
from ganglion.model.spec.params import Params


class Access(wiring.Component):
    """Serves WRITE and READ packets, one at a time.

    A WRITE stores its chunk; the last chunk of a row writes the row three cycles later. A READ is answered
    `read_cycles` cycles after the counters have `settled`, and nothing else is taken before the reply is. A packet for
    a memory, row or chunk that does not exist, or a WRITE to what cannot be written, is dropped.

    Args:
        params: sizes of the core.
        latency: cycles from a read on `bus` to what it reads on `data`, in the slowest memory.
    """

    packets: stream.Interface
    """WRITEs and READs."""
    replies: stream.Interface
    """REPLYs."""
    bus: "data.View[data.StructLayout]"
    """To every memory."""
    data: Value
    """The chunk that the memories pick."""
    settled: Value
    """The counters are up to date."""
    clear: Value
    """In the cycle of a write on `bus`: set all memories that CLEAR clears to zero afterwards, side by side, a row of
    all lanes per cycle."""
    bad: Value
    """A packet is dropped."""
    busy: Value
    """A packet is being served."""

    def __init__(self, params: Params, latency: int) -> None:
        self.params = params
        self.latency = latency
        super().__init__(
            {
                "packets": In(stream.Signature(struct(ACCESS))),
                "replies": Out(stream.Signature(struct(ACCESS))),
                "bus": Out(access_bus(params)),
                "data": In(CHUNK_BITS),
                "settled": In(1),
                "clear": In(1),
                "bad": Out(1),
                "busy": Out(1),
            }
        )

    @property
    def read_cycles(self) -> int:
        """Cycles of a READ: a register before the bus, the memories, and one behind them."""
        return 1 + self.latency + 1

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p, specs = self.params, memories(self.params)
        m.submodules.assembly = assembly = RowAssembly(most_chunks(p))
        offer, packet = self.packets.payload, Signal(struct(ACCESS))
        lane_bits, every_lane = p.lanes.bit_length() - 1, (1 << p.lanes) - 1

        # What the memory map says of the packet that is offered, and of the one that is served.
        exists, last_chunk, writable, by_lane = Signal(), Signal(), Signal(), Signal()
        request = Signal(self.bus.shape())
        with m.Switch(offer.memory):
            for memory, spec in specs.items():
                with m.Case(memory):
                    m.d.comb += [
                        exists.eq(below(offer.row, spec.rows) & below(offer.chunk, spec.layout.chunks)),
                        last_chunk.eq(offer.chunk == spec.layout.chunks - 1),
                        writable.eq(spec.writable),
                    ]
        with m.Switch(packet.memory):
            for memory, spec in specs.items():
                with m.Case(memory):
                    m.d.comb += [
                        by_lane.eq(spec.where is Where.LANES),
                        request.pick[memory.name].eq(1 << packet.chunk),
                    ]

        # The bus is long, and so comes out of registers. Of these only two mean anything after a reset.
        bus, bus_reading, bus_write = (
            Signal(self.bus.shape(), name="bus_register", reset_less=True),
            Signal(),
            Signal.like(self.bus.write),
        )
        m.d.comb += [
            request.row.eq(Mux(by_lane, packet.row >> lane_bits, packet.row)),
            request.lanes.eq(Mux(by_lane, 1 << packet.row[:lane_bits], every_lane)),
            request.data.eq(assembly.row),
        ]
        m.d.sync += [bus.eq(request), bus_reading.eq(request.reading), bus_write.eq(request.write)]
        m.d.comb += [self.bus.eq(bus), self.bus.reading.eq(bus_reading), self.bus.write.eq(bus_write)]

        m.d.sync += assembly.valid.eq(0)
        m.d.comb += [
            assembly.chunk.eq(packet.chunk),
            assembly.data.eq(packet.data),
            self.replies.payload.eq(packet),
            self.replies.payload.kind.eq(Kind.REPLY),
            self.busy.eq(1),
        ]
        reading_for = Signal(range(self.read_cycles))
        cleared = [spec for spec in specs.values() if spec.cleared]
        clear_rows = max(spec.depth for spec in cleared)
        clear_row = Signal(range(clear_rows))
        with m.FSM():
            with m.State("Idle"):
                m.d.comb += [self.packets.ready.eq(1), self.busy.eq(0)]
                m.d.sync += [packet.eq(offer), reading_for.eq(0)]
                with m.If(self.packets.valid):
                    with m.If(~exists | ((offer.kind == Kind.WRITE) & ~writable)):
                        m.d.comb += self.bad.eq(1)
                    with m.Elif(offer.kind == Kind.READ):
                        m.next = "AwaitData"
                    with m.Else():
                        m.d.sync += assembly.valid.eq(1)
                        with m.If(last_chunk):
                            m.next = "AwaitRow"
            with m.State("AwaitRow"):
                m.next = "Write"
            with m.State("Write"):
                m.d.comb += request.write[packet.memory].eq(1)
                m.next = "AwaitWrite"
            with m.State("AwaitWrite"):
                m.next = "Idle"
                with m.If(self.clear):
                    m.d.comb += assembly.clear.eq(1)
                    m.next = "Clear"
            with m.State("AwaitData"):
                m.d.comb += request.reading.eq(1)
                m.d.sync += packet.data.eq(self.data)
                with m.If(self.settled):
                    m.d.sync += reading_for.eq(reading_for + 1)
                    with m.If(reading_for == self.read_cycles - 1):
                        m.next = "AwaitTaken"
            with m.State("AwaitTaken"):
                m.d.comb += self.replies.valid.eq(1)
                with m.If(self.replies.ready):
                    m.next = "Idle"
            with m.State("Clear"):
                # The deepest one sets the time; the address of a shallower one goes round.
                m.d.comb += [request.row.eq(clear_row), request.lanes.eq(every_lane)]
                m.d.comb += [request.write[spec.memory].eq(1) for spec in cleared]
                m.d.sync += clear_row.eq(clear_row + 1)
                with m.If(clear_row == clear_rows - 1):
                    m.d.sync += clear_row.eq(0)
                    m.next = "AwaitClear"
            with m.State("AwaitClear"):
                m.next = "Idle"
        return m
