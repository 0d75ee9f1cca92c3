"""The board's end of the link: what arrives goes to the chip once and in order, whatever the line does to it."""

from amaranth.hdl import Module, Mux, ResetInserter, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.fpga.compact.blocks import BlockReader
from ganglion.fpga.compact.reader import TokenReader
from ganglion.fpga.compact.writer import TokenWriter
from ganglion.fpga.uart_link.packets import Greeter, PacketReader, PacketWriter
from ganglion.fpga.uart_link.receiver import FrameReceiver
from ganglion.fpga.uart_link.ring import Ring, ahead
from ganglion.fpga.uart_link.sender import FrameSender
from ganglion.fpga.uart_link.sizes import LinkSizes
from ganglion.hdl.lib.streams import Buffer
from ganglion.model.spec.frames import OFFSET_BITS, PAYLOAD, FrameKind, Greeting, LinkVersion
from ganglion.model.spec.packets import PACKET_BITS


class Link(wiring.Component):
    """Bytes of the line on one side, the packet streams of the chip on the other, coded as the greeting says.

    A byte of the line comes as `data` with `arrived`, at any time; others leave by `line`.
    `reset` is high for a cycle when a session has opened: the chip and all that waited here are of an earlier one. It
    comes out of a register, since it goes everywhere.
    `traffic` with each frame, `fault` with each that was damaged.
    """

    data: Value
    arrived: Value
    line: stream.Interface
    i: stream.Interface
    o: stream.Interface
    reset: Value
    traffic: Value
    fault: Value

    def __init__(self, sizes: LinkSizes, greeting: Greeting) -> None:
        self.sizes = sizes
        self.greeting = greeting
        packets = stream.Signature(PACKET_BITS)
        super().__init__(
            {
                "data": In(8),
                "arrived": In(1),
                "line": Out(stream.Signature(8)),
                "i": In(packets),
                "o": Out(packets),
                "reset": Out(1),
                "traffic": Out(1),
                "fault": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        sizes = self.sizes
        fresh = ResetInserter(self.reset)
        m.submodules.receiver = receiver = FrameReceiver()
        m.submodules.sender = sender = FrameSender()
        m.submodules.arrived = arrived = Ring(sizes.receive)
        m.submodules.leaving = leaving = Ring(sizes.send)
        m.submodules.greeter = greeter = fresh(Greeter(self.greeting.to_bytes()))
        if self.greeting.version == LinkVersion.COMPACT:
            m.submodules.blocks = blocks = fresh(BlockReader())
            m.submodules.reader = reader = fresh(TokenReader())
            m.submodules.writer = writer = fresh(TokenWriter())
            connect(m, blocks.o, reader.i)
            # A block RAM is slow to answer, and so is the decoder.
            m.submodules.coded = buffer = fresh(Buffer(8))
            connect(m, buffer.o, blocks.i)
            coded = buffer.i
        else:
            m.submodules.reader = reader = fresh(PacketReader())
            m.submodules.writer = writer = fresh(PacketWriter())
            coded = reader.i
        connect(m, sender.o, flipped(self.line))
        connect(m, reader.o, flipped(self.o))
        connect(m, flipped(self.i), writer.i)
        connect(m, writer.o, greeter.i)
        m.d.comb += [receiver.data.eq(self.data), receiver.arrived.eq(self.arrived)]

        # Numbers of bytes: of the stream from the host those received, and taken by the chip; of the stream to the host
        # those acknowledged, sent, and given by the chip.
        names = ("got", "taken", "acked", "sent", "given")
        got, taken, acked, sent, given = (Signal(OFFSET_BITS, name=name) for name in names)
        session = Signal(16)
        opens = Signal()
        owed = Signal()  # the host is to hear of us
        resend = Signal()  # and to send again
        asked = Signal()  # it has been asked to
        told = Signal(OFFSET_BITS)  # `taken` when room was last told
        wait = Signal(range(sizes.patience + 1))

        # From the ring to the chip.
        fetched = Signal()
        m.d.comb += [
            arrived.read_offset.eq(taken),
            coded.payload.eq(arrived.read_data),
            coded.valid.eq(fetched),
            arrived.read.eq((taken != got) & (~fetched | coded.ready)),
        ]
        with m.If(arrived.read):
            m.d.sync += [fetched.eq(1), taken.eq(taken + 1)]
        with m.Elif(coded.ready):
            m.d.sync += fetched.eq(0)

        # From the chip to the ring.
        space = Signal()  # a cycle old: there was room for the byte of that cycle, and for one more
        m.d.sync += space.eq(ahead(given, acked) < sizes.send - 1)
        m.d.comb += [
            greeter.o.ready.eq((session != 0) & ~self.reset & space),
            leaving.write.eq(greeter.o.valid & greeter.o.ready),
            leaving.write_offset.eq(given),
            leaving.write_data.eq(greeter.o.payload),
        ]
        with m.If(leaving.write):
            m.d.sync += given.eq(given + 1)

        # Frames to the host. Length and room are a cycle old, for the sake of the clock, and none begins in a cycle in
        # which they are of other numbers than `sent` and `got` are by now.
        head = sender.headers.payload
        waiting = ahead(given, sent)
        length = Signal.like(head.length)
        room = Signal(OFFSET_BITS, init=sizes.receive)
        moved = Signal()
        m.d.sync += [
            length.eq(Mux(waiting > PAYLOAD, PAYLOAD, waiting)),
            room.eq(sizes.receive - ahead(got, taken)),
            moved.eq(receiver.good),
        ]
        m.d.comb += [
            head.kind.eq(FrameKind.DATA),
            head.resend.eq(resend),
            head.length.eq(length),
            head.session.eq(session),
            head.offset.eq(sent),
            head.ack.eq(got),
            head.room.eq(room),
            sender.headers.valid.eq((session != 0) & ~moved & (owed | (length != 0))),
            leaving.read.eq(sender.read),
            leaving.read_offset.eq(sender.read_offset),
            sender.read_data.eq(leaving.read_data),
        ]
        if self.greeting.version == LinkVersion.COMPACT:
            m.d.sync += writer.idle.eq(sender.headers.ready & (length == 0))
        with m.If(ahead(taken, told) >= sizes.receive // 2):
            m.d.sync += owed.eq(1)
        with m.If(sender.headers.valid & sender.headers.ready):
            m.d.sync += [sent.eq(sent + length), owed.eq(0), resend.eq(0), told.eq(taken), wait.eq(0), moved.eq(1)]
        with m.Elif(sent == acked):
            m.d.sync += wait.eq(0)
        with m.Elif(wait != sizes.patience):
            m.d.sync += wait.eq(wait + 1)
        with m.Else():
            m.d.sync += [sent.eq(acked), moved.eq(1)]

        # Frames from the host. What is decided here goes before what was decided above in the same cycle.
        frame = receiver.header
        # That the room is a cycle old is of no matter: it only grows, but for a frame that came long before this one.
        fits = frame.length <= room
        lost = Signal()
        m.d.comb += [
            arrived.write.eq(receiver.payload_valid & fits),
            arrived.write_offset.eq(got + receiver.index),
            arrived.write_data.eq(receiver.payload),
            self.traffic.eq(receiver.good),
            self.fault.eq(receiver.bad),
            opens.eq(receiver.good & (frame.kind == FrameKind.OPEN) & (frame.session != session)),
        ]
        m.d.sync += self.reset.eq(opens)
        with m.If(receiver.bad):
            m.d.comb += lost.eq(1)
        with m.If(receiver.good & (frame.kind == FrameKind.DATA) & (frame.session == session)):
            with m.If(ahead(frame.ack, acked) <= ahead(given, acked)):
                m.d.sync += acked.eq(frame.ack)
                with m.If(frame.resend | (ahead(frame.ack, acked) > ahead(sent, acked))):
                    m.d.sync += sent.eq(frame.ack)
            with m.If(frame.probe | (frame.length != 0)):
                m.d.sync += owed.eq(1)
            with m.If(frame.length != 0):
                with m.If((frame.offset == got) & fits):
                    m.d.sync += [got.eq(got + frame.length), asked.eq(0)]
                with m.Else():
                    # A frame that was seen before is acknowledged again; a later one shows that one was lost.
                    m.d.comb += lost.eq(~ahead(frame.offset, got)[-1])
        with m.If(lost & ~asked & (session != 0)):
            m.d.sync += [owed.eq(1), resend.eq(1), asked.eq(1)]
        with m.If(opens):
            m.d.sync += [session.eq(frame.session), owed.eq(1), fetched.eq(0)]
            m.d.sync += [value.eq(0) for value in (got, taken, acked, sent, given, told, resend, asked)]
        return m
