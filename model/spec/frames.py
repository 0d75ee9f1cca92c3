"""The link between a host and a board: frames that carry the packet stream over a serial line, each way.

A frame is HEADER, payload and CRC-32, stuffed by COBS and ended by a byte 0. Payloads, one behind the other, are a
stream of bytes: packets, coded as the version says that the board tells. A board that opens a session sends GREETING
first, which is not coded.

Both ends keep the same rules:

- Bytes of each stream are numbered from 0 at the start of a session. A receiver takes a payload only where it goes on
  from what it has; so a byte is taken once and in order, whatever is damaged, lost, repeated or late.
- Every frame tells in `ack` what was received. A payload is answered with a frame, by the host within some
  milliseconds, in which bytes may come to go with it; `probe` is answered at once.
- Who finds a gap, or a damaged frame, asks once with `resend`, and the other goes back to `ack`. Where that is lost
  too, time helps: who hears of no progress sends again from the last `ack`. A payload that is sent again may have
  grown; the host skips what it knows.
- The host keeps to the board's `room`, which is what is free in the ring that waits for the chip. The board never has
  more than its other ring unacknowledged, at most HOST_ROOM bytes, which a host must be able to take at any time.
- Frames may come twice, late or in another order: what an old one acknowledges, or the room that it tells, takes
  nothing back. An acknowledgement of what was never there is not heard by the board, and is an error to the host.
- A frame of another session is not heard. OPEN with a new session resets the board's end and the chip; so a host that
  died leaves nothing behind.
- The byte 0 is nowhere but at the end of a frame: after garbage, the next 0 is the way back.
"""

import zlib
from dataclasses import dataclass
from enum import IntEnum

from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.formats import Field, Layout
from ganglion.model.spec.packets import KIND_BITS, PACKET_BITS, PACKETS

PAYLOAD = 232
"""Most bytes of payload in a frame: a whole frame, stuffed, stays below 254 bytes, one block of COBS."""

CRC_BYTES = 4
"""CRC-32 of header and payload as in zlib (ISO-HDLC), least significant byte first."""

OFFSET_BITS = 16
"""Bits in which bytes of the stream are numbered, modulo."""

NAME_BYTES = 16
"""Of the name of a board, at most."""

HOST_ROOM = 4096
"""Bytes that a host must be able to take at any time: no board leaves more than these unacknowledged."""


class LinkVersion(IntEnum):
    """How packets are coded; a board tells it in its greeting, and a host speaks all of them."""

    PLAIN = 1
    """Each packet is as long as the layout of its kind."""
    COMPACT = 2
    """Packets are tokens, of a byte and more."""


class FrameKind(IntEnum):
    """What a frame is."""

    OPEN = 1
    """From the host: begin a session. The board resets its chip, forgets what it had to send, and greets. Where the
    session is the one it is in, nothing happens."""
    DATA = 2
    """Bytes of the stream, or none; and what was received of the other one."""


HEADER = Layout(
    "HEADER",
    (
        Field("kind", 2, "what the frame is"),
        Field("resend", 1, "1: bytes from `ack` on were lost; send them again"),
        Field("probe", 1, "1: answer with a frame, whatever it has to say"),
        Field("unused", 4, "0"),
        Field("length", 8, "bytes of payload"),
        Field("session", 16, "number that the host has chosen for this session; not 0"),
        Field("offset", OFFSET_BITS, "number of the first byte of the payload in the stream of the sender"),
        Field("ack", OFFSET_BITS, "bytes received in order of the other stream: the number of the next one wanted"),
        Field("room", OFFSET_BITS, "bytes from `ack` on for which the sender of the frame has room"),
    ),
)

GREETING = Layout(
    "GREETING",
    (
        Field("version", 16, "of the link"),
        Field("name", 8 * NAME_BYTES, "of the board, in ASCII, first letter lowest, filled up with 0"),
        Field("clock", 32, "of the chip, Hz"),
    ),
)

HEADER_BYTES = HEADER.width // 8
GREETING_BYTES = GREETING.width // 8
OVERHEAD = HEADER_BYTES + CRC_BYTES + 2
"""Bytes on the line of a frame without payload: COBS adds one byte, and one ends the frame."""


def packet_bytes(kind: int) -> int:
    """Bytes in which a packet of this kind travels; one of no known kind travels whole."""
    layout = next((layout for known, layout in PACKETS.items() if known == kind), None)
    return -(-(layout.width if layout else PACKET_BITS) // 8)


PACKET_BYTES = tuple(packet_bytes(kind) for kind in range(1 << KIND_BITS))
"""`packet_bytes` of every number that a kind may be."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One frame, before stuffing. The fields are those of HEADER."""

    kind: FrameKind
    session: int
    offset: int = 0
    ack: int = 0
    room: int = 0
    resend: bool = False
    probe: bool = False
    payload: bytes = b""

    def to_bytes(self) -> bytes:
        """Header, payload and CRC."""
        header = HEADER.pack(
            kind=self.kind,
            resend=self.resend,
            probe=self.probe,
            length=len(self.payload),
            session=self.session,
            offset=self.offset,
            ack=self.ack,
            room=self.room,
        )
        covered = header.to_bytes(HEADER_BYTES, "little") + self.payload
        return covered + zlib.crc32(covered).to_bytes(CRC_BYTES, "little")

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Frame":
        """The inverse of `to_bytes`.

        Raises:
            FormatError: too short or too long, a wrong CRC or length, or of no known kind.
        """
        covered, crc = raw[:-CRC_BYTES], raw[-CRC_BYTES:]
        if len(covered) < HEADER_BYTES or zlib.crc32(covered).to_bytes(CRC_BYTES, "little") != crc:
            raise FormatError(f"{len(raw)} bytes are no frame: the CRC is wrong, or bytes are missing")
        fields = HEADER.unpack(int.from_bytes(covered[:HEADER_BYTES], "little"))
        payload = covered[HEADER_BYTES:]
        kind, length = fields.pop("kind"), fields.pop("length")
        if length != len(payload) or length > PAYLOAD or kind not in FrameKind.__members__.values():
            raise FormatError(f"a frame of kind {kind} tells {length} bytes of payload and has {len(payload)}")
        return cls(
            kind=FrameKind(kind),
            session=fields["session"],
            offset=fields["offset"],
            ack=fields["ack"],
            room=fields["room"],
            resend=bool(fields["resend"]),
            probe=bool(fields["probe"]),
            payload=payload,
        )


@dataclass(frozen=True)
class Greeting:
    """What a board says of itself when a session opens."""

    name: str
    clock: int
    """Of the chip, Hz."""
    version: int = LinkVersion.PLAIN

    def to_bytes(self) -> bytes:
        """As GREETING.

        Raises:
            FormatError: the name is not ASCII or too long.
        """
        name = int.from_bytes(self.name.encode("ascii"), "little")
        return GREETING.pack(version=self.version, name=name, clock=self.clock).to_bytes(GREETING_BYTES, "little")

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Greeting":
        """The inverse of `to_bytes`.

        Raises:
            FormatError: not as long as a greeting.
        """
        if len(raw) != GREETING_BYTES:
            raise FormatError(f"a greeting has {GREETING_BYTES} bytes, not {len(raw)}")
        fields = GREETING.unpack(int.from_bytes(raw, "little"))
        name = fields["name"].to_bytes(NAME_BYTES, "little").rstrip(b"\0").decode("ascii", "replace")
        return cls(name, fields["clock"], fields["version"])
