"""Frames that no host sends to a link under mutation: wrong in one bit, of any length, more than there is room for; and
acknowledgements of any byte."""

import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
from cobs import cobs

from ganglion.fpga.host.session import MODULO
from ganglion.model.spec.frames import (
    CRC_BYTES,
    HEADER,
    HEADER_BYTES,
    OFFSET_BITS,
    PAYLOAD,
    Frame,
    FrameKind,
    LinkVersion,
)
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.packets import KIND_BITS, SPIKE, Kind, Scope
from tests.fpga.host.line import stuffed
from tests.fpga.streams import random_packets
from tests.mutations.link_bench import Recording
from tests.mutations.link_record import FULL, TICK, Host, Pace, Recorder
from tests.mutations.link_top import SIZES

POLYNOMIAL = 0xEDB88320
"""Of the CRC-32, lowest bit first."""


def strange_frames(recorder: Recorder, seed: int) -> Recording:
    """Frames that are whole and change nothing, and others that are not: each is wrong in one bit, as far as one is."""
    rng = recorder.begin("strange frames", seed)
    host = Host(recorder)
    for bit in range(OFFSET_BITS):
        host.send(random_packets(2, rng))
        recorder.offer(random_packets(2, rng))
        host.settle()
        for sign in (1, -1):
            for frame in _without_effect(host, sign << bit, rng):
                recorder.to_board += stuffed(frame)
                host.tick(FULL)
    recorder.faults = 0
    broken = [cobs.encode(raw) for raw in _broken(host.link.session, rng)]
    whole = cobs.encode(Frame(kind=FrameKind.DATA, session=host.link.session, payload=rng.bytes(20)).to_bytes())
    # Nothing between two bytes 0 is no frame.
    for raw in (*broken, *(whole[:cut] for cut in (2, 10, len(whole) - 1))):
        recorder.to_board += b"\0" + raw + b"\0\0"
        for _ in range(1 + len(raw) // TICK):
            host.tick(FULL)
    host.tick(FULL)
    assert recorder.faults == len(broken) + 3
    host.send(random_packets(20, rng))
    host.settle()
    return recorder.end()


def too_much(recorder: Recorder, seed: int) -> Recording:
    """A chip that takes nothing for a while, and frames of the right bytes, but more than there is room for."""
    rng = recorder.begin("too much", seed)
    host = Host(recorder)
    link = host.link
    for k in range(8):
        host.send(random_packets(int(rng.integers(20, 120)), rng))
        for _ in range(25):
            host.tick(Pace(chip=0.05 * (k % 2)))
        asks, probes, got = bool(k & 2), bool(k & 4), link._got % MODULO
        frame = Frame(kind=FrameKind.DATA, session=link.session, ack=got, resend=asks, probe=probes)
        recorder.to_board += stuffed(replace(frame, probe=True))
        for _ in range(5):
            host.tick(Pace(chip=0.0))
        room = link._limit - link._acked
        for more in (1, 1 << k, PAYLOAD - room):
            payload = bytes(link._queue[: room + more])
            if room < len(payload) <= PAYLOAD:
                recorder.to_board += stuffed(replace(frame, offset=link._acked % MODULO, payload=payload))
            host.tick(Pace(chip=0.0))
        host.settle()
    return recorder.end()


def every_piece(recorder: Recorder, seed: int) -> Recording:
    """Whole frames of a kind that there is not, with one byte 0 each: COBS has pieces of every length for them."""
    rng = recorder.begin("every piece", seed)
    host = Host(recorder)
    host.settle()
    head = HEADER.pack(kind=3, length=PAYLOAD, session=0x0101, offset=0x0101, ack=0x0101, room=0x0101)
    recorder.faults = 0
    for place in range(HEADER_BYTES, HEADER_BYTES + PAYLOAD):
        raw = b""
        while raw.count(b"\0") != 1:
            covered = bytearray(head.to_bytes(HEADER_BYTES, "little"))
            covered += rng.integers(1, 256, PAYLOAD).astype(np.uint8).tobytes()
            covered[place] = 0
            raw = _checked(bytes(covered))
        recorder.to_board += cobs.encode(raw) + b"\0"
        while recorder.to_board:
            recorder.tick(FULL)
    host.settle()
    assert not recorder.faults
    return recorder.end()


def full_frames(recorder: Recorder, seed: int) -> Recording:
    """A line that takes nothing until about as many bytes wait as a frame has at most."""
    recorder.begin("full frames", seed)
    host = Host(recorder)
    for count in range(PAYLOAD - 8, PAYLOAD + 12):
        host.settle()
        # What came is acknowledged somewhat later.
        for _ in range(8):
            host.tick(FULL)
        for words in (_of_bytes(recorder, _SHORT[recorder.version]), _of_bytes(recorder, count)):
            recorder.offer(words)
            recorder.tick(Pace(line=0.0), 2 * SIZES.send)
    host.settle()
    return recorder.end()


_WHOLE = {LinkVersion.PLAIN: 8, LinkVersion.COMPACT: 9}
"""Bytes in which a packet of kind 0 travels, which is none."""

_SHORT = {LinkVersion.PLAIN: 5, LinkVersion.COMPACT: 1}
"""Those of a spike of output 0."""


def _of_bytes(recorder: Recorder, count: int) -> Words:
    """Packets of the chip that travel in so many bytes."""
    whole, short = _WHOLE[recorder.version], _SHORT[recorder.version]
    spikes = next(n for n in range(whole) if (count - n * short) % whole == 0)
    spike = SPIKE.pack(kind=Kind.SPIKE, scope=Scope.HOST)
    numbers = recorder.rng.integers(1 << 60, size=(count - spikes * short) // whole, dtype=np.uint64)
    return np.concatenate([np.full(spikes, spike, dtype=np.uint64), numbers << np.uint64(KIND_BITS)])


def acknowledgements(recorder: Recorder, seed: int) -> Recording:
    """Acknowledgements of any byte that was sent, and of some that were not, by a host that asks for others again."""
    rng = recorder.begin("acknowledgements", seed)
    host = Host(recorder)
    host.settle()
    acked = sent = host.link._got
    recorder.offer(random_packets(200, rng))
    for k in range(80):
        pace = Pace(line=float(rng.choice([0, 0.3, 1])), packet=float(rng.choice([0.01, 0.05, 1])))
        recorder.tick(pace, SIZES.patience if k % 10 == 9 else TICK * int(rng.integers(1, 4)))
        *whole, rest = recorder.from_board.split(b"\0")
        recorder.from_board = rest
        for raw in filter(None, whole):
            frame = Frame.from_bytes(cobs.decode(raw))
            sent = frame.offset + len(frame.payload)
        told = int(rng.integers(acked, max(acked, sent) + 8))
        acked = min(told, max(acked, sent))
        frame = Frame(kind=FrameKind.DATA, session=host.link.session, ack=told, resend=rng.random() < 0.2)
        recorder.to_board += stuffed(replace(frame, offset=host.link._acked, probe=rng.random() < 0.3))
    return recorder.end()


def _without_effect(host: Host, away: int, rng: np.random.Generator) -> list[Frame]:
    """Frames that the board does not hear, or that tell it what it knows, though they may ask for an answer."""
    link = host.link
    got, given = link._acked % MODULO, link._got % MODULO
    frame = Frame(
        kind=FrameKind.DATA,
        session=link.session,
        offset=got,
        ack=given,
        room=int(rng.integers(MODULO)),
        resend=bool(rng.integers(2)),
        probe=bool(rng.integers(2)),
    )
    return [
        replace(frame, ack=(given + away) % MODULO),
        replace(frame, offset=(got + away) % MODULO, payload=rng.bytes(int(rng.integers(1, 20)))),
        replace(frame, session=frame.session ^ abs(away), ack=given, payload=rng.bytes(5)),
        replace(frame, kind=FrameKind.OPEN, payload=rng.bytes(5)),
    ]


def without_session(recorder: Recorder, seed: int) -> Recording:
    """Frames before any session; a session that was there before; frames that bring bytes and ask for anything, to a
    board that asks for bytes again itself."""
    rng = recorder.begin("without session", seed)
    session = int(rng.integers(1, 1 << 16))
    whole = Frame(kind=FrameKind.DATA, session=session, probe=True, payload=rng.bytes(9))
    for raw in (*(cobs.encode(raw) for raw in _broken(session, rng)), b"\5\5"):
        recorder.to_board += b"\0" + raw + b"\0"
    recorder.to_board += stuffed(whole)
    while recorder.to_board:
        recorder.tick(FULL)
    for number in (session, session ^ 1, session):
        host = Host(recorder, number)
        host.send(random_packets(2, rng))
        host.settle()
    for bits, packets in product(range(4), (2, 60)):
        recorder.offer(random_packets(packets, rng))
        host.send(random_packets(2, rng))
        link, payload = host.link, bytes(host.link._queue)
        frame = Frame(
            kind=FrameKind.DATA,
            session=session,
            offset=link._acked % MODULO,
            ack=link._got % MODULO,
            resend=bool(bits & 1),
            probe=bool(bits & 2),
            payload=payload,
        )
        # While the line takes nothing, a frame to the host waits, and the next one asks.
        recorder.to_board += stuffed(frame) + b"\1\1\0"
        for _ in range(8):
            recorder.tick(Pace(line=0.0))
        for _ in range(8):
            recorder.tick(FULL)
        # The host hears none of it, and asks for all again.
        recorder.from_board.clear()
        frame = replace(frame, offset=(frame.offset + len(payload)) % MODULO, resend=True, payload=b"")
        host.send(random_packets(1, rng))
        more = bytes(link._queue[len(payload) :][:1])
        recorder.to_board += stuffed(replace(frame, payload=more)) + b"\1\1\0" + stuffed(frame)
        host.settle()
    return recorder.end()


def _broken(session: int, rng: np.random.Generator) -> Iterator[bytes]:
    """Frames whose CRC is wrong, in one bit behind the last byte, or right where a length, a kind or the end is not."""
    whole = Frame(kind=FrameKind.DATA, session=session, probe=True, payload=rng.bytes(7)).to_bytes()
    for bit in range(8 * CRC_BYTES):
        yield _flipped(whole, _bytes_before(1 << bit) << 8 * (len(whole) - CRC_BYTES))
    head = {"kind": FrameKind.DATA, "probe": 1, "session": session}
    for told, there in ((0, 1), (1, 0), (9, 8), (8, 9), (0, 128), (233, 233), (240, 240), (255, 255), (232, 233)):
        yield _checked(HEADER.pack(**head, length=told).to_bytes(HEADER_BYTES, "little") + rng.bytes(there))
    for count in (0, 1, HEADER_BYTES - 1):
        yield _checked(HEADER.pack(**head).to_bytes(HEADER_BYTES, "little")[:count])
    for bit in range(9):
        yield rng.bytes(1 << bit)
    # Whoever counts bytes modulo 512 takes the end of these for a frame.
    for size in (256, 512, 1024):
        junk = rng.bytes(size)
        yield _checked(junk + HEADER.pack(**head, length=3).to_bytes(HEADER_BYTES, "little") + rng.bytes(3))


def _checked(covered: bytes) -> bytes:
    return covered + zlib.crc32(covered).to_bytes(CRC_BYTES, "little")


def _flipped(raw: bytes, bits: int) -> bytes:
    return (int.from_bytes(raw, "little") ^ bits).to_bytes(len(raw), "little")


def _bytes_before(register: int) -> int:
    """The last bytes of a frame behind which a register of a CRC has this in it, if it was 0 before them."""
    for _ in range(8 * CRC_BYTES):
        register = (register << 1) ^ ((POLYNOMIAL << 1 | 1) if register >> 31 else 0)
    return register
