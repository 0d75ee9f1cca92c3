"""The link between host and board, both ends of it, over a line that damages, drops, repeats and holds up bytes."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import serial

from ganglion.fpga.host.coding import PlainCoding
from ganglion.fpga.host.port import BoardPort
from ganglion.fpga.virtual.build import build_virtual
from ganglion.fpga.virtual.emulator import VirtualBoard
from ganglion.model.spec.errors import BoardError, ChipError, FormatError
from ganglion.model.spec.frames import PAYLOAD, Frame, FrameKind, LinkVersion, packet_bytes
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.packets import Kind
from tests.fpga.echo import GREETING, echo_top
from tests.fpga.streams import random_packets

BAUD = 3_000_000


@pytest.fixture(scope="module")
def echo() -> Path:
    return build_virtual(echo_top())


@pytest.fixture(scope="module")
def compact() -> Path:
    return build_virtual(echo_top(LinkVersion.COMPACT, usb=True))


def there_and_back(port: BoardPort, words: Words) -> Words:
    kinds = words & np.uint64(15)
    ends, replies = (int((kinds == kind).sum()) for kind in (Kind.END, Kind.REPLY))
    return port.exchange(words, ends=ends, replies=replies, spikes=words.size - ends - replies)


def carry(echo: Path, *, frames: int, noise: float, seed: int) -> BoardPort:
    """Sends packets to the echo and back until so many frames went over the line, and compares each."""
    rng = np.random.default_rng(seed)
    with VirtualBoard(echo, noise=noise, seed=seed) as board:
        port = BoardPort(board.device, baud=BAUD, timeout=30)
        counts = port.link.counts
        while counts.frames_sent + counts.frames_received + counts.damaged < frames:
            words = random_packets(int(rng.choice([1, 3, 20, 400, 5000])), rng)
            got = there_and_back(port, words)
            where = np.flatnonzero(got != words)[:1] if got.size == words.size else "the number"
            assert np.array_equal(got, words), (
                f"seed {seed}: {got.size} of {words.size} packets came back, {where} wrong"
            )
        port.close()
    return port


@pytest.mark.sim
def test_a_quiet_line_carries_everything(echo: Path) -> None:
    port = carry(echo, frames=600, noise=0.0, seed=1)
    assert port.greeting == GREETING
    assert port.link.counts.damaged == port.link.counts.lost == 0


@pytest.mark.sim
def test_every_packet_arrives_once_and_in_order(echo: Path) -> None:
    counts = carry(echo, frames=1500, noise=0.002, seed=2).link.counts
    assert counts.damaged > 20 and counts.lost > 0 and counts.repeated > 0, f"the noise did nothing: {counts}"


@pytest.mark.sim
def test_tokens_arrive_once_and_in_order(compact: Path) -> None:
    """Packets of all kinds, over a USB that damages bytes."""
    port = carry(compact, frames=400, noise=0.002, seed=11)
    assert port.greeting == replace(GREETING, version=LinkVersion.COMPACT)
    assert port.link.counts.damaged > 5


@pytest.mark.sim
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_frames(echo: Path) -> None:
    """A hundred thousand frames over a line on which a byte in a thousand is bad: every packet once, and in order."""
    counts = carry(echo, frames=100_000, noise=0.001, seed=4).link.counts
    print(counts)
    assert counts.damaged > 1000


@pytest.mark.sim
def test_a_new_host_takes_over_from_one_that_died(echo: Path) -> None:
    """It leaves bytes on the way to the board, frames not acknowledged, and packets within the chip."""
    rng = np.random.default_rng(5)
    with VirtualBoard(echo) as board:
        for _ in range(5):
            dead = BoardPort(board.device, baud=BAUD)
            raw = dead._coding.encode(random_packets(600, rng))
            dead.link.send(raw[: int(rng.integers(1, len(raw)))])
            dead._serial.write(dead.link.transmit(0.0)[: int(rng.integers(1, 2000))])
            dead.close()
            port = BoardPort(board.device, baud=BAUD)
            words = random_packets(50, rng)
            assert np.array_equal(there_and_back(port, words), words)
            port.close()


@pytest.mark.sim
def test_garbage_is_not_heard(echo: Path) -> None:
    rng = np.random.default_rng(6)
    with VirtualBoard(echo) as board:
        for size in (1, 300, 5000):
            with serial.Serial(board.device, BAUD) as line:
                line.write(rng.bytes(size))
            port = BoardPort(board.device, baud=BAUD)
            words = random_packets(50, rng)
            there_and_back(port, words)
            port._serial.write(rng.bytes(size))
            assert np.array_equal(there_and_back(port, words), words)
            port.close()


def test_nobody_there_says_what_to_check() -> None:
    terminal, other = os.openpty()
    try:
        with pytest.raises(BoardError, match=r"no progress for 0.2 s; 0 good and 0 damaged frames.*alive light blinks"):
            BoardPort(os.ttyname(other), baud=BAUD, timeout=0.2)
        with pytest.raises(BoardError, match=r"/dev/nowhere cannot be opened.*plugged in"):
            BoardPort("/dev/nowhere", baud=BAUD)
    finally:
        os.close(terminal)
        os.close(other)


@pytest.mark.sim
def test_a_chip_that_owes_an_answer_is_reported(echo: Path) -> None:
    with VirtualBoard(echo) as board:
        port = BoardPort(board.device, baud=BAUD, timeout=2.0)
        words = np.array([int(Kind.READ)], dtype=np.uint64)
        with pytest.raises(ChipError, match="still owed 1 REPLY for 1 packets"):
            port.exchange(words, ends=0, replies=1, spikes=1)
        port.close()


def test_frames_survive_only_whole() -> None:
    rng = np.random.default_rng(7)
    for _ in range(100):
        frame = Frame(
            kind=FrameKind.DATA,
            session=int(rng.integers(1, 1 << 16)),
            offset=int(rng.integers(1 << 16)),
            ack=int(rng.integers(1 << 16)),
            room=int(rng.integers(1 << 16)),
            resend=bool(rng.integers(2)),
            probe=bool(rng.integers(2)),
            payload=rng.bytes(int(rng.integers(PAYLOAD + 1))),
        )
        raw = bytearray(frame.to_bytes())
        assert Frame.from_bytes(bytes(raw)) == frame
        raw[rng.integers(len(raw))] ^= 1 << int(rng.integers(8))
        for damaged in (bytes(raw), frame.to_bytes()[1:], frame.to_bytes()[:-1], b""):
            with pytest.raises(FormatError):
                Frame.from_bytes(damaged)


def test_packets_travel_in_the_bytes_of_their_kind() -> None:
    words = random_packets(500, np.random.default_rng(8))
    coding = PlainCoding()
    raw, bounds = coding.encode(words), np.cumsum([packet_bytes(int(word) & 15) for word in words])
    assert bounds[-1] == len(raw) < 8 * words.size
    for cut in (0, 1, 7, len(raw) // 2, len(raw)):
        left = bytearray(raw[:cut])
        packets = coding.decode(left)
        count = int(np.searchsorted(bounds, cut, side="right"))
        assert np.array_equal(packets, words[:count]) and len(left) == cut - (bounds[count - 1] if count else 0)


@pytest.mark.sim
@pytest.mark.parametrize(("kind", "count"), [(Kind.SPIKE, 3), (Kind.END, 2), (Kind.REPLY, 1)])
def test_a_chip_that_sends_without_end_is_reported(echo: Path, kind: Kind, count: int) -> None:
    with VirtualBoard(echo) as board:
        port = BoardPort(board.device, baud=BAUD, timeout=2.0)
        words = np.full(count + 1, kind, dtype=np.uint64)
        with pytest.raises(ChipError, match=rf"more than 2 END, 1 REPLY and 3 other packets for {words.size}. Open"):
            port.exchange(words, ends=2, replies=1, spikes=3)
        port.restart()
        words = random_packets(50, np.random.default_rng(count))
        assert np.array_equal(there_and_back(port, words), words)
        port.close()
