"""The host's end of the link, without its serial port: bytes in, bytes out, and a clock."""

import random
from dataclasses import dataclass, field

from cobs import cobs

from ganglion.model.spec.errors import BoardError, FormatError
from ganglion.model.spec.frames import HOST_ROOM, OFFSET_BITS, PAYLOAD, Frame, FrameKind

MODULO = 1 << OFFSET_BITS
HALF = MODULO // 2

PATIENCE = 0.05
"""Seconds without progress after which bytes are sent again, and doubled each time in a row, up to LONGEST_PATIENCE;
also between two tries to open a session, at most."""

LONGEST_PATIENCE = 2.0
"""Seconds up to which PATIENCE is doubled."""

HOLD = 0.1
"""Part of the patience for which an acknowledgement waits for bytes to go with, where less than MOST_HELD await it."""

MOST_HELD = HOST_ROOM // 4
"""Bytes received that an acknowledgement does not wait for more than."""

OPENINGS = 100
"""Tries to open a session, after which another number is tried."""

LINE_BYTES = 1 << 16
"""Bytes without an end of frame after which they are noise."""


@dataclass
class LinkCounts:
    """What happened on the line, for people and tests."""

    frames_sent: int = 0
    frames_received: int = 0
    damaged: int = 0
    """Frames that came with a wrong CRC, or broken."""
    repeated: int = 0
    """Frames that brought nothing new."""
    lost: int = 0
    """Frames that came ahead of one that did not come."""
    timeouts: int = 0
    """Times that everything unacknowledged was sent again for want of an answer."""


@dataclass
class HostLink:
    """One session with a board. Whoever owns the serial port calls `receive` with what came and writes `transmit`.

    Bytes given to `send` reach the board once and in order; what it sends piles up in `received` once and in order.
    Frames of the board may come twice, late, or in another order, by less than HALF bytes.
    """

    patience: float = PATIENCE
    session: int = field(default_factory=lambda: random.randrange(1, MODULO))
    counts: LinkCounts = field(default_factory=LinkCounts)
    received: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._line = bytearray()
        self._queue = bytearray()  # bytes not acknowledged, from number `_acked` on
        # Numbers of bytes of our stream, not modulo anything; `_most` have been sent at least once.
        self._acked = self._sent = self._most = self._limit = 0
        self._got = 0
        self._told = 0  # bytes that we have acknowledged
        self._heard: float | None = None  # when the first byte came that we have not
        self._owed = self._resend = self._asked = self._probe = False
        self._progress: float | None = None
        self._waits = 0
        self.open = False
        self.moved = False
        """Whether the board has acknowledged or brought anything since this was last set to False."""

    @property
    def pending(self) -> int:
        """Bytes that the board has not acknowledged."""
        return len(self._queue)

    def send(self, data: bytes) -> None:
        """Queues bytes for the board."""
        self._queue += data

    def receive(self, data: bytes, now: float) -> None:
        """Takes bytes from the line.

        Raises:
            BoardError: the board acknowledges what was not sent.
        """
        self._line += data
        *frames, rest = self._line.split(b"\0")
        self._line = rest if len(rest) < LINE_BYTES else bytearray()
        for stuffed in frames:
            if stuffed:
                self._frame(bytes(stuffed), now)

    def transmit(self, now: float, *, last: bool = False) -> bytes:
        """What is to be written to the line now.

        Args:
            now: seconds, of a clock of the caller.
            last: nothing will be written for a while.
        """
        if self._progress is None:
            self._progress = now
        if not self.open:
            if self._waits and now - self._progress < min(self.patience, PATIENCE):
                return b""
            self._progress, self._waits = now, self._waits + 1
            if self._waits % OPENINGS == 0:
                # Once in 65,535 times the board is in a session of this number already, an earlier host's.
                self.session = random.randrange(1, MODULO)
            # A byte 0 ends whatever an earlier host left unfinished.
            return b"\0" + self._stuff(Frame(kind=FrameKind.OPEN, session=self.session))
        if not self._queue:
            self._progress, self._waits = now, 0
        elif now - self._progress > min(self.patience * 2 ** min(self._waits, 16), LONGEST_PATIENCE):
            self.counts.timeouts += 1
            self._sent, self._probe = self._acked, True
            self._progress, self._waits = now, self._waits + 1
        out = bytearray()
        end = min(self._limit, self._acked + len(self._queue))
        if self._heard is not None:
            held = now - self._heard >= HOLD * self.patience or self._got - self._told >= MOST_HELD
            self._owed |= held or last
        while self._sent < end or self._owed or self._probe:
            first = self._sent - self._acked
            payload = bytes(self._queue[first : first + min(PAYLOAD, max(0, end - self._sent))])
            frame = Frame(
                kind=FrameKind.DATA,
                session=self.session,
                offset=self._sent % MODULO,
                ack=self._got % MODULO,
                room=HOST_ROOM,
                resend=self._resend,
                probe=self._probe,
                payload=payload,
            )
            self._sent += len(payload)
            self._most = max(self._most, self._sent)
            self._owed = self._resend = self._probe = False
            self._told, self._heard = self._got, None
            out += self._stuff(frame)
        return bytes(out)

    def _stuff(self, frame: Frame) -> bytes:
        self.counts.frames_sent += 1
        return cobs.encode(frame.to_bytes()) + b"\0"

    def _frame(self, stuffed: bytes, now: float) -> None:
        try:
            frame = Frame.from_bytes(cobs.decode(stuffed))
        except (cobs.DecodeError, FormatError):
            self.counts.damaged += 1
            self._ask()
            return
        if frame.session != self.session or frame.kind != FrameKind.DATA:
            return
        if not self.open and (frame.offset or frame.ack):
            # A session does not begin like that: the board is in one of the same number, an earlier host's.
            return
        self.counts.frames_received += 1
        self.open = True
        advance = signed(frame.ack - self._acked)
        if advance > self._most - self._acked:
            raise BoardError(
                f"the board acknowledges {advance} bytes where {self._most - self._acked} were sent: it speaks another "
                "version of the link, or two programs use the device at once"
            )
        if advance >= 0:
            if advance:
                del self._queue[:advance]
                self._progress, self._waits, self.moved = now, 0, True
            self._acked += advance
            self._sent = self._acked if frame.resend else max(self._sent, self._acked)
            self._limit = max(self._limit, self._acked + min(frame.room, HALF - 1))
        self._owed |= frame.probe
        if frame.payload:
            self._take(frame, now)

    def _take(self, frame: Frame, now: float) -> None:
        """Keeps what is new of a payload. A frame that is sent again may have grown since."""
        known = signed(self._got - frame.offset)
        if known >= 0:
            new = frame.payload[known:]
            self.received += new
            self._got += len(new)
            self.moved |= bool(new)
            self._asked = self._asked and not new
            self.counts.repeated += not new
            self._owed |= not new
            self._heard = now if self._heard is None else self._heard
        else:
            self.counts.lost += 1
            self._ask()

    def _ask(self) -> None:
        """Once for each gap: the board sends again from there."""
        if self.open and not self._asked:
            self._owed = self._resend = self._asked = True


def signed(difference: int) -> int:
    """How far one number of a stream is ahead of another, as numbers go round: at most half of them, either way."""
    return (difference + HALF) % MODULO - HALF
