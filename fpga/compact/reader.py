"""Packets out of tokens."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.memory import Ram
from ganglion.hdl.lib.packets import as_access, as_spike
from ganglion.model.spec.formats import Field, Layout
from ganglion.model.spec.packets import (
    ACCESS,
    AXON_BITS,
    PACKET_BITS,
    ROUTE_BITS,
    Kind,
)
from ganglion.model.spec.tokens import COUNT_BITS, LIST_EVENTS, PLACE, TO_BOARD, Down

EVENT = Layout("EVENT", (Field("axon", AXON_BITS, ""), Field("route", ROUTE_BITS, "")))
"""An event of the list."""


class TokenReader(wiring.Component):
    """A decoder of tokens: bytes in, packets out, at most one every other cycle. An event of a mask takes four cycles,
    one that the mask leaves out two. Packets come out of a register, and bytes go into one.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self) -> None:
        super().__init__({"i": In(stream.Signature(8)), "o": Out(stream.Signature(PACKET_BITS))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.list = events = Ram(EVENT, LIST_EVENTS, block=True)
        byte = self.i.payload
        packet, offered, sent = Signal(PACKET_BITS), Signal(), Signal()
        m.d.comb += sent.eq(offered & ~self.o.valid)
        with m.If(sent):
            m.d.sync += [self.o.payload.eq(packet), self.o.valid.eq(1)]
        with m.Elif(self.o.ready):
            m.d.sync += self.o.valid.eq(0)

        token, operand = Signal(8), Signal(PACKET_BITS)
        missing = Signal(range(PACKET_BITS // 8 + 1))
        left = Signal(COUNT_BITS)
        route, axon = Signal(ROUTE_BITS), Signal(AXON_BITS, init=(1 << AXON_BITS) - 1)
        listing, listed, at = Signal(), Signal(range(LIST_EVENTS + 1)), Signal(range(LIST_EVENTS + 1))
        mask, masked = Signal(8), Signal()
        place = Signal(struct(ACCESS))
        last = Signal(4)
        spike, access, event = as_spike(packet), as_access(packet), events.read_data
        m.d.comb += [
            events.write_row.eq(listed),
            events.write_data.eq(Cat(axon, route)),
            events.read_row.eq(at),
        ]

        with m.FSM():
            with m.State("Token"):
                m.d.comb += self.i.ready.eq(1)
                m.d.sync += token.eq(byte)
                with m.If(self.i.valid):
                    m.next = "First"
            with m.State("First"):
                m.d.sync += [missing.eq(_follow(token)), left.eq(_number(token))]
                m.next = "Token"
                with m.If(_is(token, Down.NEAR)):
                    m.d.sync += [axon.eq(axon + _number(token) + 1), left.eq(0)]
                    m.next = "Event"
                with m.Elif(_is(token, Down.RUN)):
                    m.d.sync += axon.eq(axon + 1)
                    m.next = "Event"
                with m.Elif(_is(token, Down.END)):
                    m.next = "End"
                with m.Elif(token == Down.LIST):
                    m.d.sync += [listing.eq(1), listed.eq(0)]
                with m.Elif(token == Down.STEP):
                    m.d.sync += [masked.eq(1), left.eq(0), at.eq(0)]
                    m.next = "Look"
                with m.Elif(_follow(token) != 0):
                    m.next = "Operand"
            with m.State("Operand"):
                m.d.comb += self.i.ready.eq(1)
                with m.If(self.i.valid):
                    # Bytes come in at the top, lowest first.
                    m.d.sync += [operand.eq(Cat(operand[8:], byte)), missing.eq(missing - 1)]
                    with m.If(missing == 1):
                        m.next = "Act"
            with m.State("Act"):
                m.next = "Token"
                with m.If(_is(token, Down.AT)):
                    m.d.sync += [axon.eq(Cat(operand[-8:], token[:6])), left.eq(0)]
                    m.next = "Event"
                with m.Else():
                    m.d.sync += left.eq(operand[-8:])
                    with m.If(token != Down.ROUTE):
                        m.d.sync += listing.eq(0)
                with m.Switch(token):
                    with m.Case(Down.ROUTE):
                        m.d.sync += [route.eq(operand[-ROUTE_BITS:]), axon.eq(~Const(0, AXON_BITS))]
                    with m.Case(Down.PACKET):
                        m.next = "Packet"
                    with m.Case(Down.REPEAT):
                        m.d.sync += [masked.eq(0), at.eq(0)]
                        m.next = "Look"
                    with m.Case(Down.PLACE):
                        told = struct(PLACE)(operand[-PLACE.width :])
                        m.d.sync += [place.memory.eq(told.memory), place.row.eq(told.row), place.chunk.eq(0)]
                        m.d.sync += last.eq(told.last)
                    with m.Case(Down.WORDS):
                        m.d.sync += place.kind.eq(Kind.WRITE)
                        m.next = "Low"
                    with m.Case(Down.SAME):
                        m.d.sync += place.kind.eq(Kind.WRITE)
                        m.next = "Access"
                    with m.Case(Down.READS):
                        m.d.sync += place.kind.eq(Kind.READ)
                        m.next = "Access"

            with m.State("Event"):
                m.d.comb += [spike.kind.eq(Kind.SPIKE), spike.route.eq(route), spike.axon.eq(axon)]
                m.d.comb += offered.eq(~listing)
                m.d.comb += events.write.eq(listing & (listed != LIST_EVENTS))
                m.d.sync += listed.eq(listed + events.write)
                with m.If(listing | sent):
                    m.next = "Token"
                    with m.If(left != 0):
                        m.d.sync += [left.eq(left - 1), axon.eq(axon + 1)]
                        m.next = "Event"
            with m.State("End"):
                m.d.comb += [offered.eq(1), spike.kind.eq(Kind.END)]
                m.d.sync += [listing.eq(0), axon.eq(~Const(0, AXON_BITS))]
                with m.If(sent):
                    m.d.sync += left.eq(left - 1)
                    with m.If(left == 0):
                        m.next = "Token"
            with m.State("Packet"):
                m.d.comb += [offered.eq(1), packet.eq(operand)]
                with m.If(sent):
                    m.next = "Token"

            # The list: of a mask, each bit decides about an event.
            with m.State("Look"):
                m.d.comb += events.read.eq(1)
                m.d.sync += [listing.eq(0), axon.eq(~Const(0, AXON_BITS))]
                with m.If(at == listed):
                    m.next = "Play"
                with m.Elif(~masked):
                    m.next = "Listed"
                with m.Elif(at[:3] == 0):
                    m.d.comb += self.i.ready.eq(1)
                    m.d.sync += mask.eq(byte)
                    with m.If(self.i.valid):
                        m.next = "Pick"
                with m.Else():
                    m.next = "Pick"
            with m.State("Pick"):
                m.d.sync += mask.eq(mask >> 1)
                m.next = "Listed"
                with m.If(~mask[0]):
                    m.d.sync += at.eq(at + 1)
                    m.next = "Look"
            with m.State("Listed"):
                m.d.comb += [
                    offered.eq(1),
                    spike.kind.eq(Kind.SPIKE),
                    spike.route.eq(event.route),
                    spike.axon.eq(event.axon),
                ]
                with m.If(sent):
                    m.d.sync += at.eq(at + 1)
                    m.next = "Look"
            with m.State("Play"):
                m.d.comb += [offered.eq(1), spike.kind.eq(Kind.END)]
                with m.If(sent):
                    m.d.sync += [left.eq(left - 1), at.eq(0)]
                    m.next = "Look"
                    with m.If(left == 0):
                        m.next = "Token"

            # Accesses to consecutive places.
            with m.State("Low"):
                m.d.comb += self.i.ready.eq(1)
                m.d.sync += place.data[:8].eq(byte)
                with m.If(self.i.valid):
                    m.next = "High"
            with m.State("High"):
                m.d.comb += self.i.ready.eq(1)
                m.d.sync += place.data[8:].eq(byte)
                with m.If(self.i.valid):
                    m.next = "Access"
            with m.State("Access"):
                reads = place.kind == Kind.READ
                m.d.comb += [
                    offered.eq(1),
                    packet.eq(place),
                    access.route.eq(route),
                    access.data.eq(Mux(reads, 0, place.data)),
                ]
                with m.If(sent):
                    m.d.sync += [place.chunk.eq(place.chunk + 1), left.eq(left - 1)]
                    with m.If(place.chunk == last):
                        m.d.sync += [place.chunk.eq(0), place.row.eq(place.row + 1)]
                    with m.If(token == Down.WORDS):
                        m.next = "Low"
                    with m.If(left == 0):
                        m.next = "Token"
        return m


def _is(byte: Value, token: Down) -> Value:
    """Whether a first byte is of this token, which has a number in it."""
    return byte[TO_BOARD[token].number :] == token >> TO_BOARD[token].number


def _number(byte: Value) -> Value:
    """The number in a first byte."""
    number: Value = Const(0, 8)
    for code, token in TO_BOARD.items():
        if token.number:
            number = Mux(_is(byte, code), byte[: token.number], number)
    return number


def _follow(byte: Value) -> Value:
    """How many bytes always follow a first byte."""
    follow: Value = Const(0, 4)
    for code, token in TO_BOARD.items():
        if token.follow:
            follow = Mux(_is(byte, code), token.follow, follow)
    return follow
