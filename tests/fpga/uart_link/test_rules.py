"""The rules of the link's page, one by one, on the board's end alone: when it speaks, and what it says then."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from cobs import cobs

from ganglion.fpga.uart_link.link import Link
from ganglion.fpga.uart_link.packets import WIDTH
from ganglion.fpga.uart_link.sizes import LinkSizes
from ganglion.model.spec.frames import GREETING_BYTES, PAYLOAD, Frame, FrameKind, Greeting
from ganglion.model.spec.packets import Kind
from tests.fpga.host.line import stuffed
from tests.hdl.simulate import Simulation

SIZES = LinkSizes(patience=600, receive=256, send=256)
GREETING = Greeting("rules", 1_000_000)

AT_ONCE = 250
"""Cycles in which a short frame has come and its answer is on the line."""


@dataclass
class Board:
    """A link that hears frames and says some, in the hands of a test."""

    ctx: Any
    link: Link
    cycle: int = 0
    faults: int = 0
    takes: bool = True
    """Whether its chip takes packets."""
    taken: list[int] = field(default_factory=list)
    said: list[tuple[int, Frame]] = field(default_factory=list)
    """Frames, each with the cycle in which it was whole."""
    _line: bytearray = field(default_factory=bytearray)

    async def hear(self, raw: bytes = b"", cycles: int = AT_ONCE) -> list[Frame]:
        """Some bytes, one in each cycle, and silence for so many cycles; what it says meanwhile."""
        before = len(self.said)
        for byte in [*raw, *[None] * cycles]:
            link = self.link
            self.ctx.set(link.arrived, byte is not None)
            self.ctx.set(link.data, byte or 0)
            self.ctx.set(link.o.ready, self.takes)
            seen = link.line.valid, link.line.payload, link.o.valid, link.o.payload, link.fault
            _, _, speaks, letter, gives, packet, fault = await self.ctx.tick().sample(*seen)
            self.cycle += 1
            self.faults += fault
            if gives and self.takes:
                self.taken.append(packet)
            if speaks and letter:
                self._line.append(letter)
            elif speaks:
                self.said.append((self.cycle, Frame.from_bytes(cobs.decode(bytes(self._line)))))
                self._line.clear()
        return [frame for _, frame in self.said[before:]]


def rtl_board(test: Callable[[Board], Awaitable[None]]) -> None:
    """Runs a test with a board whose line takes every byte."""
    dut = Link(SIZES, GREETING)
    simulation = Simulation(dut)

    async def process(ctx: Any) -> None:
        ctx.set(dut.line.ready, 1)
        await test(Board(ctx, dut))

    simulation.drive(process)
    simulation.run()


OPEN = Frame(kind=FrameKind.OPEN, session=7)
END = bytes([Kind.END, 0, 0])
DATA = Frame(kind=FrameKind.DATA, session=7, ack=GREETING_BYTES)


def test_a_board_speaks_when_it_has_to_and_says_what_it_knows() -> None:
    async def test(board: Board) -> None:
        greeting = Frame(kind=FrameKind.DATA, session=7, room=SIZES.receive, payload=GREETING.to_bytes())
        assert await board.hear(stuffed(OPEN)) == [replace(greeting, payload=b""), greeting]

        # What is not acknowledged is sent again when the patience is at its end, and no earlier.
        assert await board.hear(cycles=2 * SIZES.patience) == [greeting, greeting]
        _, (first, _), (second, _), (third, _) = board.said
        assert third - second == second - first
        assert 0 < second - first - SIZES.patience < 5

        # What is acknowledged is not; nor is there an answer to a frame that asks for none.
        assert await board.hear(stuffed(DATA), cycles=2 * SIZES.patience) == []
        quiet = replace(greeting, offset=GREETING_BYTES, payload=b"")
        assert await board.hear(stuffed(replace(DATA, probe=True))) == [quiet]

        # Of frames that are damaged, the first is told of, until bytes come again.
        damaged = bytearray(stuffed(DATA))
        damaged[3] ^= 4
        asking = replace(quiet, resend=True)
        assert await board.hear(bytes(damaged)) == [asking]
        assert await board.hear(bytes(damaged)) == []
        assert [frame.ack for frame in await board.hear(stuffed(replace(DATA, payload=END)))] == [len(END)]
        assert await board.hear(bytes(damaged)) == [replace(asking, ack=len(END))]
        assert board.faults == 3

    rtl_board(test)


def test_a_board_takes_what_it_has_room_for_and_tells_when_there_is_more() -> None:
    words = [Kind.WRITE | k << 8 for k in range(60)]
    first, rest = (b"".join(word.to_bytes(8, "little") for word in part) for part in (words[:29], words[29:]))
    assert len(first) == PAYLOAD

    async def test(board: Board) -> None:
        await board.hear(stuffed(OPEN))
        board.takes = False
        await board.hear(stuffed(replace(DATA, payload=first)))
        # A packet is in the chip's port, and a byte of the next one in front of it.
        room = SIZES.receive - len(first) + WIDTH + 1
        (told,) = await board.hear(stuffed(replace(DATA, probe=True)))
        assert (told.ack, told.room) == (len(first), room)
        beyond = replace(DATA, offset=len(first), payload=rest[: room + 1])
        (refused,) = await board.hear(stuffed(beyond))
        assert (refused.ack, refused.room, refused.resend) == (len(first), room, True)
        (taken,) = await board.hear(stuffed(replace(beyond, payload=rest[:room])))
        assert (taken.ack, taken.room, taken.resend) == (len(first) + room, 0, False)

        # Where half of the ring has been taken since room was last told, it is told.
        board.takes = True
        tidings = [frame.room for frame in await board.hear()]
        assert tidings and tidings[0] in range(SIZES.receive // 2, SIZES.receive // 2 + 10)
        await board.hear(stuffed(replace(DATA, offset=len(first) + room, payload=rest[room:])))
        assert board.taken == words

    rtl_board(test)
