"""Frames that travelled in a recording of a link, and what of the link's rules they tried."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import numpy.typing as npt
from cobs import cobs

from ganglion.fpga.host.session import MODULO, signed
from ganglion.model.spec.frames import CRC_BYTES, GREETING_BYTES, HEADER, HEADER_BYTES, PAYLOAD, Frame, FrameKind
from tests.mutations.link_bench import Show, Shown, Tell, Told
from tests.mutations.link_top import SIZES

DAMAGES = ("broken stuffing", "too short", "wrong CRC", "wrong length", "payload too long")
PLACES = ("no payload", "next", "seen before", "seen in part", "ahead", "beyond the room")
"""Where a payload from the host is, seen from what the board has; the last is next, and longer than the room told."""

ACKS = ("nothing new", "some", "all that was sent", "what was never sent", "less than before")
"""What a frame from the host acknowledges."""

BITS = ("neither", "resend", "probe", "resend and probe")
OPENINGS = ("no session", "the same session", "another session, all acknowledged", "another session, bytes under way")
LENGTHS = ("some", "full")
ROOMS = ("all", "more than a frame", "less than a frame", "none")


def frame_points() -> list[str]:
    """The names of all points."""
    names = [f"frame damaged: {damage}, {state}" for damage, state in product(DAMAGES, ("no session", "session"))]
    names += [f"OPEN at {state}" for state in OPENINGS]
    names += [f"{what} while a frame goes to the host" for what in ("OPEN", "DATA", "damaged frame")]
    names += ["DATA at no session", "DATA of another session", "frame twice", "OPEN of an earlier session"]
    names += [f"DATA, payload {place}, {bits}" for place, bits in product(PLACES, BITS)]
    names += [f"DATA acknowledges {ack}, {bits}" for ack, bits in product(ACKS, BITS)]
    sent = product(LENGTHS, ("first", "again"))
    names += [f"board sends {length}, {time}, {resend}" for (length, time), resend in product(sent, BITS[:2])]
    names += [f"board sends no payload, {resend}" for resend in BITS[:2]]
    names += [f"board has room: {room}" for room in ROOMS]
    return [*names, "numbers wrap: of the host's bytes", "numbers wrap: of the board's bytes"]


@dataclass(frozen=True)
class Stuffed:
    """What was between two bytes 0 of the line."""

    begun: int
    """Cycle of its first byte."""
    ended: int
    """Cycle of the byte 0 behind it."""
    raw: bytes
    """As it travelled."""


def heard(told: Told) -> list[Stuffed]:
    """What came to the board."""
    there = np.flatnonzero(told & Tell.ARRIVED)
    return list(_split((told[there] // Tell.DATA).astype(np.uint8), there))


def said(told: Told, shown: Shown) -> list[Stuffed]:
    """What the board sent."""
    rest = shown[:, 1]
    there = np.flatnonzero((rest & Show.LINE_VALID != 0) & (told & Tell.LINE_READY != 0))
    return list(_split(rest[there].astype(np.uint8), there))


def _split(data: npt.NDArray[np.uint8], cycles: npt.NDArray[np.intp]) -> Iterator[Stuffed]:
    first, raw = 0, data.tobytes()
    for end in np.flatnonzero(data == 0).tolist():
        if end > first:
            yield Stuffed(int(cycles[first]), int(cycles[end]), raw[first:end])
        first = end + 1


def opened(raw: bytes) -> Frame | str | None:
    """A frame, or what is wrong with it; None for one that is whole and of no known kind."""
    try:
        whole = cobs.decode(raw)
    except cobs.DecodeError:
        return "broken stuffing"
    covered, crc = whole[:-CRC_BYTES], whole[-CRC_BYTES:]
    if len(covered) < HEADER_BYTES:
        return "too short"
    if zlib.crc32(covered).to_bytes(CRC_BYTES, "little") != crc:
        return "wrong CRC"
    head = HEADER.unpack(int.from_bytes(covered[:HEADER_BYTES], "little"))
    if head["length"] != len(covered) - HEADER_BYTES:
        return "wrong length"
    if head["length"] > PAYLOAD:
        return "payload too long"
    return Frame.from_bytes(whole) if head["kind"] in list(FrameKind) else None


@dataclass
class Session:
    """What frames tell of a session: bytes taken both ways, and their numbers."""

    number: int
    from_host: bytearray = field(default_factory=bytearray)
    from_board: bytearray = field(default_factory=bytearray)
    acked: int = 0
    """Of the board's bytes, those that the host has acknowledged."""
    limit: int = SIZES.receive
    """Of the host's bytes, those up to which the board has told of room."""
    beyond: list[bytes] = field(default_factory=list)
    """Payloads that were next, but longer than the room; the board says later whether it took one."""

    def of_host(self, frame: Frame) -> tuple[str, str]:
        """Takes a frame of the host's: its place, and what it acknowledges."""
        got = len(self.from_host)
        away = signed(frame.offset - got)
        place = "no payload"
        if frame.payload:
            behind = away + len(frame.payload)
            place = "ahead" if away > 0 else "seen before" if behind <= 0 else "seen in part"
            if away == 0:
                place = "next" if got + len(frame.payload) <= self.limit else "beyond the room"
                if place == "next":
                    self.from_host += frame.payload
                    self.beyond.clear()
                else:
                    self.beyond.append(frame.payload)
        sent, new = len(self.from_board) - self.acked, signed(frame.ack - self.acked)
        if new < 0 or new > sent:
            return place, "less than before" if new < 0 else "what was never sent"
        self.acked += new
        return place, "nothing new" if new == 0 else "some" if new < sent else "all that was sent"

    def of_board(self, frame: Frame) -> bool:
        """Takes a frame of the board's: whether its payload is one that was sent before."""
        got = signed(frame.ack - len(self.from_host))
        if taken := next((payload for payload in self.beyond if got == len(payload)), None):
            self.from_host += taken
            self.beyond.clear()
        self.limit = max(self.limit, len(self.from_host) + min(got, 0) + frame.room)
        away = signed(frame.offset - len(self.from_board))
        self.from_board += frame.payload[-away:] if away else frame.payload
        return away < 0


class Frames:
    """Goes through the frames of a recording, or of a part behind a reset, in the order in which the board met them."""

    def __init__(self, told: Told, shown: Shown) -> None:
        self.sessions: list[Session] = []
        self.reached: set[str] = set()
        self._seen: set[bytes] = set()
        self._numbers: set[int] = set()
        down, up = heard(told), said(told, shown)
        begun, ended = np.array([each.begun for each in up]), np.array([each.ended for each in up])
        steps = [(each.ended, True, each) for each in down] + [(each.begun, False, each) for each in up]
        for cycle, from_host, stuffed in sorted(steps, key=lambda step: step[:2]):
            frame = opened(stuffed.raw)
            if not from_host:
                assert isinstance(frame, Frame), f"the board sent a frame with {frame}"
                self._said(frame)
                continue
            amid = bool(((begun < cycle) & (cycle < ended)).any())
            if isinstance(frame, str):
                self._reach(f"frame damaged: {frame}, {'session' if self.sessions else 'no session'}")
                what = "damaged frame"
            elif frame:
                self._heard(frame, stuffed.raw)
                what = frame.kind.name
            if frame and amid:
                self._reach(f"{what} while a frame goes to the host")

    def _reach(self, point: str) -> None:
        self.reached.add(point)

    def _heard(self, frame: Frame, raw: bytes) -> None:
        now = self.sessions[-1] if self.sessions else None
        if frame.kind == FrameKind.OPEN:
            self._open(frame, now)
        elif now is None or now.number != frame.session:
            self._reach("DATA of another session" if now else "DATA at no session")
        else:
            before = len(now.from_host)
            place, acks = now.of_host(frame)
            bits = BITS[frame.resend + 2 * frame.probe]
            self._reach(f"DATA, payload {place}, {bits}")
            self._reach(f"DATA acknowledges {acks}, {bits}")
            if raw in self._seen:
                self._reach("frame twice")
            self._seen.add(raw)
            if before // MODULO < len(now.from_host) // MODULO:
                self._reach("numbers wrap: of the host's bytes")

    def _open(self, frame: Frame, now: Session | None) -> None:
        if now is None:
            state = "no session"
        elif now.number == frame.session:
            state = "the same session"
        else:
            under_way = now.acked < len(now.from_board)
            state = "another session, " + ("bytes under way" if under_way else "all acknowledged")
            if frame.session in self._numbers:
                self._reach("OPEN of an earlier session")
        self._reach(f"OPEN at {state}")
        if state != "the same session":
            self.sessions.append(Session(frame.session))
            self._numbers.add(frame.session)
            self._seen.clear()

    def _said(self, frame: Frame) -> None:
        now = next(session for session in reversed(self.sessions) if session.number == frame.session)
        before = len(now.from_board)
        again = now.of_board(frame)
        resend = BITS[frame.resend]
        if not frame.payload:
            self._reach(f"board sends no payload, {resend}")
        else:
            length = "full" if len(frame.payload) == PAYLOAD else "some"
            self._reach(f"board sends {length}, {'again' if again else 'first'}, {resend}")
        room = frame.room
        rooms = {"none": room == 0, "less than a frame": room < PAYLOAD, "all": room == SIZES.receive}
        self._reach("board has room: " + next((name for name, it in rooms.items() if it), "more than a frame"))
        if before // MODULO < len(now.from_board) // MODULO:
            self._reach("numbers wrap: of the board's bytes")

    def coded(self) -> Iterator[tuple[bytes, bytes]]:
        """Of each session, what came from the host and what from the board behind the greeting."""
        for session in self.sessions:
            yield bytes(session.from_host), bytes(session.from_board[GREETING_BYTES:])
