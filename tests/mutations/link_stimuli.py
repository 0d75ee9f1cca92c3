"""What mutants of a link are given: conversations of a host with a board, over lines of every kind, and frames, tokens
and waves that no host sends."""

import random
import zlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from cobs import cobs

from ganglion.fpga.host.compact import tokens
from ganglion.fpga.host.huffman import BYTES, Code
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
from ganglion.model.spec.packets import ACCESS, KIND_BITS, PACKET_BITS, SPIKE, Kind, Scope, end
from ganglion.model.spec.tokens import BLOCK, BLOCK_BYTES, Block
from tests.fpga.host.board_tokens import opened, read_tokens
from tests.fpga.host.line import Line, stuffed
from tests.fpga.streams import random_packets, random_tokens, replies, rows, steps
from tests.fpga.uart_link.waves import wave_of
from tests.mutations.link_bench import LinkBench, Recording, Tell
from tests.mutations.link_record import FULL, TICK, Host, Pace, Recorder
from tests.mutations.link_top import DIVIDER, SIZES

PACES = (
    FULL,
    Pace(byte=0.2, line=0.2),
    Pace(chip=0.0),
    Pace(line=0.0),
    Pace(byte=0.5, line=0.5, chip=0.02, packet=0.5),
    Pace(byte=0.05, line=0.3, chip=0.5, packet=0.02),
)


def recordings(bench: LinkBench, version: LinkVersion, rounds: int) -> list[Recording]:
    """What the link as it is does, the shortest first.

    Args:
        bench: with the link among its mutants.
        version: of the link.
        rounds: how often everything is drawn anew; 0 is once, without what takes long.
    """
    with bench.link(0) as link:
        recorder = Recorder(link, version)
        return list(_all(recorder, rounds) if rounds else _short(recorder, 0))


def _all(recorder: Recorder, rounds: int) -> Iterator[Recording]:
    for seed in range(rounds):
        yield from _short(recorder, seed)
        yield _too_much(recorder, seed)
        yield _silence(recorder, seed)
        yield _sessions(recorder, seed)
    yield _long_session(recorder, rounds)


def _short(recorder: Recorder, seed: int) -> Iterator[Recording]:
    yield _uart(recorder, seed)
    yield _conversation(recorder, seed)
    if recorder.version == LinkVersion.COMPACT:
        yield _told_exactly(recorder, seed)
        yield _tokens(recorder, seed)
    yield _numbers_of_sessions(recorder, seed)
    yield _strange_frames(recorder, seed)


def _uart(recorder: Recorder, seed: int) -> Recording:
    """The UART: bytes both ways, from a sender that drifts, with glitches between."""
    rng = random.Random(seed)
    recorder.begin("uart", seed)
    recorder.offer_bytes(bytes([0, 0xFF, 0x55, 0x80]) + rng.randbytes(8))
    wave = [1] * 20
    for drift in (-0.02, 0.0, 0.02):
        data = bytes([0, 0xFF, 0x55, 0x80]) + rng.randbytes(4)
        wave += wave_of(data, DIVIDER, drift=drift, phase=rng.random(), jitter=0.05)
        wave += [0] * rng.randint(1, DIVIDER // 2) + [1] * rng.randint(DIVIDER, 3 * DIVIDER)
    told = np.where(wave, Tell.RX, 0).astype(np.uint32)
    told[recorder.rng.random(told.size) < 0.05] |= Tell.OFFER_BYTE
    recorder.run(told)
    return recorder.end()


def _conversation(recorder: Recorder, seed: int) -> Recording:
    """A quiet line, and packets of all kinds both ways."""
    recorder.begin("conversation", seed)
    rng = recorder.rng
    host = Host(recorder, int(rng.integers(1, 1 << 16)))
    for _ in range(3):
        host.send(random_packets(int(rng.integers(1, 40)), rng))
        recorder.offer(random_packets(int(rng.integers(1, 40)), rng))
        host.settle()
    return recorder.end()


def _sessions(recorder: Recorder, seed: int) -> Recording:
    """Hosts one behind the other, over lines that lose, damage, repeat and hold up frames, with stalls on all sides;
    some go away in the middle."""
    recorder.begin("sessions", seed)
    rng = recorder.rng
    lines = Line(""), Line("", lost=0.1), Line("", damaged=0.1), Line("", repeated=0.5), Line("", late=0.4)
    for k, line in enumerate([*lines, Line("", lost=0.05, damaged=0.05, repeated=0.3, late=0.3)]):
        # Each host has lines of its own: no frame is held up for longer than its host lives.
        first, second = (
            (replace(line, seed=f"{seed} {k} {n} down"), replace(line, seed=f"{seed} {k} {n} up")) for n in range(2)
        )
        host = Host(recorder, int(rng.integers(1, 1 << 16)), first)
        host.send(_down(recorder))
        recorder.offer(_up(recorder))
        if k % 2:
            for _ in range(int(rng.integers(1, 40))):
                host.tick(PACES[int(rng.integers(len(PACES)))])
            host = Host(recorder, int(rng.integers(1, 1 << 16)), second)
            host.send(_down(recorder))
        host.settle(PACES)
    return recorder.end()


def _down(recorder: Recorder) -> Words:
    rng = recorder.rng
    parts = [random_packets(int(rng.integers(1, 60)), rng), steps(rng, 6), rows(rng, 3, 40)]
    return np.concatenate([parts[k] for k in rng.permutation(3)])


def _up(recorder: Recorder) -> Words:
    rng = recorder.rng
    return np.concatenate([replies(rng, 8), random_packets(int(rng.integers(1, 60)), rng)])


def _strange_frames(recorder: Recorder, seed: int) -> Recording:
    """Frames that are whole and change nothing, and others that are not: each is wrong in one bit, as far as one is."""
    recorder.begin("strange frames", seed)
    rng = recorder.rng
    host = Host(recorder, int(rng.integers(1, 1 << 16)))
    for bit in range(OFFSET_BITS):
        host.send(random_packets(2, rng))
        recorder.offer(random_packets(2, rng))
        host.settle()
        for sign in (1, -1):
            recorder.to_board += stuffed(_without_effect(host, sign << bit, rng))
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


def _too_much(recorder: Recorder, seed: int) -> Recording:
    """A chip that takes nothing for a while, and frames of the right bytes, but more than there is room for."""
    recorder.begin("too much", seed)
    rng = recorder.rng
    host = Host(recorder, int(rng.integers(1, 1 << 16)))
    link = host.link
    for k in range(8):
        host.send(random_packets(int(rng.integers(20, 120)), rng))
        for _ in range(25):
            host.tick(Pace(chip=0.05 * (k % 2)))
        frame = Frame(kind=FrameKind.DATA, session=link.session, ack=link._got % MODULO)
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


def _without_effect(host: Host, away: int, rng: np.random.Generator) -> Frame:
    """A frame that the board does not hear, or that tells it what it knows, though it may ask for an answer."""
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
    wrong = [
        replace(frame, ack=(given + away) % MODULO),
        replace(frame, offset=(got + away) % MODULO, payload=rng.bytes(int(rng.integers(1, 20)))),
        replace(frame, session=frame.session ^ abs(away), ack=given, payload=rng.bytes(5)),
        replace(frame, kind=FrameKind.OPEN, payload=rng.bytes(5)),
    ]
    return wrong[int(rng.integers(len(wrong)))]


def _broken(session: int, rng: np.random.Generator) -> Iterator[bytes]:
    """Frames whose CRC is wrong in one bit, or right where a length, a kind or the end is not."""
    whole = Frame(kind=FrameKind.DATA, session=session, probe=True, payload=rng.bytes(7)).to_bytes()
    for bit in range(8 * CRC_BYTES):
        yield _flipped(whole, 8 * (len(whole) - CRC_BYTES) + bit)
    head = {"kind": FrameKind.DATA, "probe": 1, "session": session}
    for told, there in ((0, 1), (1, 0), (9, 8), (8, 9), (0, 128), (233, 233), (240, 240), (255, 255), (232, 233)):
        yield _checked(HEADER.pack(**head, length=told).to_bytes(HEADER_BYTES, "little") + rng.bytes(there))
    for count in (0, 1, HEADER_BYTES - 1):
        yield _checked(HEADER.pack(**head).to_bytes(HEADER_BYTES, "little")[:count])
    # Whoever counts bytes modulo 512 takes the end of these for a frame.
    for size in (256, 512, 1024):
        junk = rng.bytes(size)
        yield _checked(junk + HEADER.pack(**head, length=3).to_bytes(HEADER_BYTES, "little") + rng.bytes(3))


def _checked(covered: bytes) -> bytes:
    return covered + zlib.crc32(covered).to_bytes(CRC_BYTES, "little")


def _flipped(raw: bytes, bit: int) -> bytes:
    return (int.from_bytes(raw, "little") ^ 1 << bit).to_bytes(len(raw), "little")


def _numbers_of_sessions(recorder: Recorder, seed: int) -> Recording:
    """Sessions whose numbers differ by a bit."""
    recorder.begin("numbers of sessions", seed)
    number = int(recorder.rng.integers(1, 1 << 16))
    for bit in range(16):
        number ^= 1 << bit
        if number:
            host = Host(recorder, number)
            host.send(random_packets(1, recorder.rng))
            host.settle()
    return recorder.end()


def _silence(recorder: Recorder, seed: int) -> Recording:
    """A host that says nothing for longer than the board waits, and a line that takes nothing meanwhile, or does."""
    recorder.begin("silence", seed)
    rng = recorder.rng
    host = Host(recorder, int(rng.integers(1, 1 << 16)))
    for k in range(6):
        host.settle()
        host.send(random_packets(5, rng))
        recorder.offer(random_packets(int(rng.choice([1, 8, 80])), rng))
        for _ in range(int(rng.integers(1, 12))):
            host.tick(FULL)
        for _ in range(int(2.5 * SIZES.patience) // TICK):
            recorder.tick(Pace(line=(1.0, 0.0, 0.3)[k % 3]))
    host.settle()
    return recorder.end()


def _long_session(recorder: Recorder, seed: int) -> Recording:
    """More bytes each way than their numbers have."""
    recorder.begin("long session", seed)
    rng = recorder.rng
    host = Host(recorder, int(rng.integers(1, 1 << 16)))
    parts = 5
    words = MODULO * 11 // 10 // (PACKET_BITS // 8)
    for _ in range(parts):
        # Of kind 0, which is none, so that they travel whole; one way at a time, which is faster.
        down, up = rng.integers(1 << 60, size=(2, words // parts), dtype=np.uint64) << np.uint64(KIND_BITS)
        if recorder.version == LinkVersion.COMPACT:
            host.send_bytes(_plain_block(tokens(down)), down)
        else:
            host.send(down)
        host.settle()
        recorder.offer(up)
        host.settle()
    return recorder.end()


def _plain_block(raw: bytes) -> bytes:
    """Tokens as they are, in one block."""
    return BLOCK.pack(length=len(raw), form=Block.PLAIN).to_bytes(BLOCK_BYTES, "little") + raw


def _told_exactly(recorder: Recorder, seed: int) -> Recording:
    """Packets of the chip that the coding tells apart by one bit: from the reply before, or from what is told short."""
    recorder.begin("told exactly", seed)
    rng = recorder.rng
    found = list[int]()
    for bit in range(PACKET_BITS):
        base = ACCESS.pack(
            kind=Kind.REPLY,
            memory=int(rng.integers(16)),
            route=int(rng.integers(1 << 16)),
            row=int(rng.integers(1 << 20)),
            chunk=int(rng.integers(16)),
        )
        found += [base, base ^ 1 << bit, base | 1 << 63, end() ^ 1 << bit, end()]
        found.append(SPIKE.pack(kind=Kind.SPIKE, axon=int(rng.integers(200)), scope=Scope.HOST) ^ 1 << bit)
    for bit in range(20):
        row = (1 << bit) - 1
        for chunk, after in ((0, 0), (5, 0), (0, 1)):
            found.append(ACCESS.pack(kind=Kind.REPLY, memory=1, row=row, chunk=chunk))
            found.append(ACCESS.pack(kind=Kind.REPLY, memory=1, row=row + 1, chunk=after))
    for bit in range(16):
        found += [SPIKE.pack(kind=Kind.SPIKE, axon=(1 << bit) - less, scope=Scope.HOST) for less in (0, 1)]
    for count in (*range(1, 20), 40):
        found += [end()] * count + [SPIKE.pack(kind=Kind.SPIKE, axon=3, scope=Scope.HOST)]
    recorder.offer(np.array(found, dtype=np.uint64))
    host = Host(recorder, int(rng.integers(1, 1 << 16)))
    host.settle((FULL, Pace(line=0.1), Pace(packet=0.05)))
    return recorder.end()


def _tokens(recorder: Recorder, seed: int) -> Recording:
    """Tokens in any order, in blocks of every form, with codes of every length."""
    recorder.begin("tokens", seed)
    rng = recorder.rng
    host = Host(recorder, int(rng.integers(1, 1 << 16)))
    raw = random_tokens(rng, 400)
    out, first, code = bytearray(), 0, None
    while first < len(raw):
        data = np.frombuffer(raw[first : first + int(rng.integers(1, 400))], dtype=np.uint8)
        first += data.size
        form = Block(int(rng.integers(3)))
        if form == Block.TABLE:
            # Of bytes that occur ever more seldom, some codes are as long as they may be.
            counts = np.bincount(data, minlength=BYTES) + (1 << rng.permutation(BYTES) // 12)
            code = Code.of(counts)
        if form == Block.CODED and code is None:
            form = Block.PLAIN
        out += BLOCK.pack(length=data.size, form=form).to_bytes(BLOCK_BYTES, "little")
        if form == Block.TABLE:
            out += code.table
        out += data.tobytes() if form == Block.PLAIN else code.encode(data)
    assert opened(bytes(out)) == raw
    host.send_bytes(bytes(out), np.array(read_tokens(raw), dtype=np.uint64))
    host.settle((FULL, Pace(chip=0.1), Pace(byte=0.3)))
    return recorder.end()
