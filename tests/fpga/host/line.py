"""A board and a serial line in Python, with a clock of their own: for tests of the host's end of the link."""

import random
from dataclasses import dataclass, field

from cobs import cobs

from ganglion.fpga.host.session import MODULO, HostLink
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.frames import PAYLOAD, Frame, FrameKind

TICK = 0.001
"""Seconds."""

RECEIVE, SEND = 1024, 512
"""Rings of the board."""

BOARD_PATIENCE = 0.02
"""Seconds."""


def stuffed(frame: Frame) -> bytes:
    """A frame on the line."""
    return cobs.encode(frame.to_bytes()) + b"\0"


@dataclass
class Board:
    """The board's end by the rules of the link's page. It takes up to 300 bytes of what arrived in each tick."""

    to_host: bytes
    """What its chip has to say, from the opening of the session on."""
    session: int = 0
    taken: bytearray = field(default_factory=bytearray)
    """What arrived, once and in order."""

    def __post_init__(self) -> None:
        self._waiting = self._acked = self._sent = 0
        self._owed = self._resend = self._asked = False
        self._progress = 0.0

    def hear(self, raw: bytes) -> None:
        """Takes a frame off the line, whole or not."""
        try:
            frame = Frame.from_bytes(cobs.decode(raw.strip(b"\0")))
        except (cobs.DecodeError, FormatError):
            self._ask()
            return
        if frame.kind == FrameKind.OPEN and frame.session != self.session:
            self.session, self._owed = frame.session, True
        if frame.kind != FrameKind.DATA or frame.session != self.session:
            return
        advance = (frame.ack - self._acked) % MODULO
        if advance <= min(len(self.to_host), self._acked + SEND) - self._acked:
            self._acked += advance
            self._sent = self._acked if frame.resend else max(self._sent, self._acked)
        self._owed |= frame.probe or bool(frame.payload)
        got = len(self.taken)
        if not frame.payload:
            return
        if frame.offset == got % MODULO and len(frame.payload) <= RECEIVE - self._waiting:
            self.taken += frame.payload
            self._waiting += len(frame.payload)
            self._asked = False
        elif (frame.offset - got) % MODULO < MODULO // 2:
            self._ask()

    def say(self, now: float) -> list[bytes]:
        """Frames for the host."""
        if not self.session:
            return []
        self._owed |= self._waiting > RECEIVE // 2
        self._waiting = max(0, self._waiting - 300)
        frames = []
        if self._sent == self._acked:
            self._progress = now
        elif now - self._progress > BOARD_PATIENCE:
            self._sent, self._progress = self._acked, now
        while self._owed or self._sent < min(len(self.to_host), self._acked + SEND):
            payload = self.to_host[self._sent : min(self._sent + PAYLOAD, self._acked + SEND)]
            frame = Frame(
                kind=FrameKind.DATA,
                session=self.session,
                offset=self._sent % MODULO,
                ack=len(self.taken) % MODULO,
                room=RECEIVE - self._waiting,
                resend=self._resend,
                payload=payload,
            )
            self._sent += len(payload)
            self._owed = self._resend = False
            self._progress = now
            frames.append(stuffed(frame))
        return frames

    def _ask(self) -> None:
        if self.session and not self._asked:
            self._owed = self._resend = self._asked = True


@dataclass
class Line:
    """One way of a line: each frame may be lost, damaged, sent again later, or held up behind later ones."""

    seed: str
    lost: float = 0.0
    damaged: float = 0.0
    repeated: float = 0.0
    late: float = 0.0
    longest: int = 20
    """Ticks by which a frame is late, or repeated, at most."""

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        self._tick = 0
        self._under_way: list[tuple[int, int, bytes]] = []

    def put(self, frame: bytes) -> None:
        """Onto the line."""
        rng = self._rng
        times = [0] * (rng.random() >= self.lost)
        times += [rng.randint(1, self.longest)] * (rng.random() < self.repeated)
        for wait in times:
            delay = wait or (rng.randint(1, self.longest) if rng.random() < self.late else 0)
            raw = bytearray(frame)
            if rng.random() < self.damaged:
                raw[rng.randrange(len(raw) - 1)] ^= 1 << rng.randrange(8)
            self._under_way.append((self._tick + delay, len(self._under_way), bytes(raw)))

    def get(self) -> list[bytes]:
        """What arrives in this tick."""
        arrived = sorted(item for item in self._under_way if item[0] <= self._tick)
        self._under_way = [item for item in self._under_way if item[0] > self._tick]
        self._tick += 1
        return [frame for _, _, frame in arrived]


def carry(link: HostLink, board: Board, down: Line, up: Line, done: int, seconds: float = 60.0) -> None:
    """Runs both ends until the host has received `done` bytes and the board has acknowledged all; fails after so many
    seconds of their clock."""
    for tick in range(int(seconds / TICK)):
        now = tick * TICK
        for frame in link.transmit(now).split(b"\0"):
            if frame:
                down.put(frame + b"\0")
        for frame in down.get():
            board.hear(frame)
        for frame in board.say(now):
            up.put(frame)
        for frame in up.get():
            link.receive(frame, now)
        if link.open and len(link.received) >= done and not link.pending:
            return
    raise AssertionError(f"after {seconds} s {len(link.received)} of {done} bytes came, {link.pending} had yet to go")
