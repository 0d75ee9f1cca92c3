"""What a link does with a host, as a recording: the host's own code at one end, a script of packets at the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganglion.fpga.host.coding import CODINGS
from ganglion.fpga.host.session import HostLink
from ganglion.model.spec.frames import GREETING_BYTES, LinkVersion
from ganglion.model.spec.packet_arrays import Words
from tests.fpga.host.line import Line
from tests.mutations.link_bench import LinkDriver, Recording, Show, Shown, Tell, Told
from tests.mutations.link_top import greeting_of

TICK = 96
"""Cycles between two looks of the host at its line."""

CYCLE = 4e-6
"""Seconds of the host's clock."""

HOST_PATIENCE = 0.02
"""Seconds: more cycles than the board waits."""

LIMIT = 400_000
"""Cycles after which a conversation hangs."""

NONE = np.zeros(0, dtype=np.uint64)


@dataclass(frozen=True)
class Pace:
    """How often something happens that may happen in every cycle."""

    byte: float = 1.0
    """The next byte comes on the line."""
    line: float = 1.0
    """The line takes a byte."""
    chip: float = 1.0
    """The chip takes a packet."""
    packet: float = 1.0
    """The chip has a packet to offer."""


FULL = Pace()

Ways = tuple[Line, Line]
"""To the board and to the host."""


def quiet() -> Ways:
    return Line(""), Line("")


class Recorder:
    """Runs a link, and keeps what it is told and what it shows."""

    def __init__(self, link: LinkDriver, version: LinkVersion) -> None:
        self.version = version
        self._link = link
        self.begin("", 0)

    def begin(self, name: str, seed: int) -> np.random.Generator:
        """A new recording, which starts with a reset; what is drawn in it comes from here."""
        self.name = name
        self.rng = np.random.default_rng((seed, len(name)))
        self._told, self._shown = list[Told](), list[Shown]()
        self._packets, self._given = NONE, 0
        self._bytes = b""
        self.cycles = 0
        self.to_board = bytearray()
        """What is to come on the line."""
        self.from_board = bytearray()
        """What came on the line."""
        self.taken, self.given = list[Words](), list[Words]()
        """Packets of this session, of the host and of the chip."""
        self.faults = 0
        """Damaged frames that the link told of."""
        self._link.load(NONE, b"")
        self.run(np.full(2, Tell.RESET | Tell.RX, dtype=np.uint32))
        return self.rng

    def offer(self, packets: Words) -> None:
        """The chip has these to say, behind what it has to say already."""
        self._packets = np.concatenate([self._packets, packets])
        self._link.add(packets)

    def offer_bytes(self, bytes_: bytes) -> None:
        """The sender of the UART has these bytes to send; only once in a recording, before there are packets."""
        self._bytes = bytes_
        self._link.load(NONE, bytes_)

    @property
    def waits(self) -> bool:
        """Whether the chip has more to say."""
        return self._given < self._packets.size

    def run(self, told: Told) -> Shown:
        """Runs as told."""
        shown = self._link.run(told)
        self._told.append(told)
        self._shown.append(shown)
        self.cycles += told.size
        self._keep(told, shown)
        return shown

    def tick(self, pace: Pace, cycles: int = TICK) -> None:
        """Runs some cycles at a pace."""
        chance = self.rng.random((4, cycles))
        told = np.full(cycles, Tell.RX, dtype=np.uint32)
        told[chance[0] < pace.line] |= Tell.LINE_READY
        told[chance[1] < pace.chip] |= Tell.CHIP_READY
        told[chance[2] < pace.packet] |= Tell.OFFER_PACKET
        come = np.flatnonzero(chance[3] < pace.byte)[: len(self.to_board)]
        data = np.frombuffer(bytes(self.to_board[: come.size]), dtype=np.uint8)
        told[come] |= Tell.ARRIVED | Tell.DATA * data.astype(np.uint32)
        del self.to_board[: come.size]
        self.run(told)

    def end(self) -> Recording:
        """What has been recorded since the beginning."""
        return Recording(self.name, np.concatenate(self._told), self._packets, self._bytes, np.concatenate(self._shown))

    def _keep(self, told: Told, shown: Shown) -> None:
        """Bytes for the host, and packets both ways; those before a reset of the chip are of another session."""
        packet, rest = shown[:, 0], shown[:, 1]
        self.faults += np.count_nonzero(rest & Show.FAULT)
        sent = (rest & Show.LINE_VALID != 0) & (told & Tell.LINE_READY != 0)
        self.from_board += (rest[sent] & 0xFF).astype(np.uint8).tobytes()
        taken = np.flatnonzero((rest & Show.CHIP_VALID != 0) & (told & Tell.CHIP_READY != 0))
        given = np.flatnonzero(rest & Show.PACKET_TAKEN)
        offered = self._packets[self._given : self._given + given.size]
        self._given += given.size
        opened = np.flatnonzero(rest & Show.RESET)
        if opened.size:
            self.taken, self.given = [], []
        after = opened[-1] if opened.size else -1
        self.taken.append(packet[taken[taken > after]])
        self.given.append(offered[given > after])


class Host:
    """A host of one session, and the line between.

    Args:
        recorder: the link at the other end.
        session: its number; any where there is none.
        ways: the line; by default, one that does no harm.
    """

    def __init__(self, recorder: Recorder, session: int | None = None, ways: Ways | None = None) -> None:
        self.recorder = recorder
        self.link = HostLink(HOST_PATIENCE, int(recorder.rng.integers(1, 1 << 16)) if session is None else session)
        self.down, self.up = ways or quiet()
        self._coding = CODINGS[recorder.version]()
        self._came = bytearray()
        self._greeting = b""
        self._said, self._heard = [NONE], [NONE]

    def send(self, words: Words) -> None:
        """Packets for the chip."""
        self.send_bytes(self._coding.encode(words), words)

    def send_bytes(self, data: bytes, words: Words) -> None:
        """The same, in other words than the host has."""
        self._said.append(words)
        self.link.send(data)

    def tick(self, pace: Pace) -> None:
        """A look at the line."""
        recorder, now = self.recorder, self.recorder.cycles * CYCLE
        for frame in self.link.transmit(now).split(b"\0"):
            if frame:
                self.down.put(frame + b"\0")
        recorder.to_board += b"".join(self.down.get())
        recorder.tick(pace)
        self._came += recorder.from_board
        recorder.from_board.clear()
        *whole, rest = self._came.split(b"\0")
        self._came = rest
        for frame in filter(None, whole):
            self.up.put(bytes(frame) + b"\0")
        for frame in self.up.get():
            self.link.receive(frame, recorder.cycles * CYCLE)
        if not self._greeting and len(self.link.received) >= GREETING_BYTES:
            self._greeting = bytes(self.link.received[:GREETING_BYTES])
            del self.link.received[:GREETING_BYTES]
        if self._greeting:
            self._heard.append(self._coding.decode(self.link.received))

    def settle(self, paces: Sequence[Pace] = (FULL,)) -> None:
        """Goes on until all has arrived on both sides, and holds it to what was sent.

        Args:
            paces: of which one is drawn now and then; at the last all must go on.
        """
        recorder, begin = self.recorder, self.recorder.cycles
        said = np.concatenate(self._said)
        pace = paces[0]
        while True:
            if recorder.rng.random() < 0.1:
                pace = paces[int(recorder.rng.integers(len(paces)))]
            self.tick(pace)
            taken, given, heard = map(_count, (recorder.taken, recorder.given, self._heard))
            done = taken >= said.size and heard >= given and not recorder.waits
            if done and self._greeting and not self.link.pending:
                break
            assert recorder.cycles - begin < LIMIT, (
                f"{recorder.name}: {taken} of {said.size} packets came to the chip, {heard} of {given} to the host, "
                f"{self.link.pending} bytes wait"
            )
        assert self._greeting == greeting_of(recorder.version).to_bytes()
        assert np.array_equal(np.concatenate(recorder.taken), said)
        assert np.array_equal(np.concatenate(self._heard), np.concatenate(recorder.given))


def _count(parts: Sequence[Words]) -> int:
    return sum(part.size for part in parts)
