"""The host's end of the link against a board in Python, over lines of every kind."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from cobs import cobs

from ganglion.fpga.host.session import HOLD, LONGEST_PATIENCE, MOST_HELD, OPENINGS, PATIENCE, HostLink
from ganglion.model.spec.errors import BoardError
from ganglion.model.spec.frames import HOST_ROOM, Frame, FrameKind
from tests.fpga.host.line import Board, Line, carry, stuffed

LINES = {
    "quiet": Line(""),
    "repeats": Line("", repeated=0.5),
    "reorders": Line("", late=0.5),
    "loses": Line("", lost=0.1),
    "damages": Line("", damaged=0.1),
    "all of it": Line("", lost=0.05, damaged=0.05, repeated=0.3, late=0.3),
}


@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize("seed", range(3))
def test_every_byte_arrives_once_and_in_order(kind: str, seed: int) -> None:
    """Both ways at once, with more than 2^16 bytes waiting at the host."""
    rng = random.Random(f"{kind} {seed}")
    there, back = rng.randbytes(90_000), rng.randbytes(20_000)
    link, board = HostLink(session=7), Board(back)
    link.send(there)
    carry(link, board, *(replace(LINES[kind], seed=f"{seed} {way}") for way in ("down", "up")), done=len(back))
    assert board.taken == there and link.received == back
    assert (link.counts.damaged > 0) == ("damage" in kind or kind == "all of it")


def open_link(**fields: int) -> HostLink:
    """In session 7; the board has said that it has room."""
    link = HostLink(session=7, **fields)
    link.receive(data(room=512), 0.0)
    link.transmit(0.0)
    return link


def data(session: int = 7, **fields: int | bool | bytes) -> bytes:
    return stuffed(Frame(kind=FrameKind.DATA, session=session, **fields))  # type: ignore[arg-type]


def frames(raw: bytes) -> list[Frame]:
    return [Frame.from_bytes(cobs.decode(part)) for part in raw.split(b"\0") if part]


@pytest.mark.parametrize("sent", [0, 1, 600])
def test_an_acknowledgement_of_what_was_not_sent_is_an_error(sent: int) -> None:
    """Of 600 bytes the board has room for 512: more than those cannot be acknowledged, though more are waiting."""
    link = open_link()
    link.send(bytes(sent))
    link.transmit(0.0)
    link.receive(data(ack=min(sent, 512), room=0), 0.0)
    assert link.pending == max(0, sent - 512)
    with pytest.raises(BoardError, match=r"acknowledges 1 bytes where 0 were sent: it speaks another version"):
        link.receive(data(ack=min(sent, 512) + 1, room=0), 0.0)


def test_what_is_sent_again_may_be_acknowledged_as_a_whole() -> None:
    """The board had all of it when it asked; going back forgets nothing of what was sent."""
    link = open_link()
    link.send(bytes(500))
    link.transmit(0.0)
    link.receive(data(ack=100, room=512, resend=True), 0.0)
    link.receive(data(ack=500, room=512), 0.0)
    assert not link.pending


def test_an_old_acknowledgement_takes_nothing_back() -> None:
    """Neither bytes nor room, however much waits, and wherever the numbers are."""
    link = open_link()
    link.send(bytes(70_000))
    for acked in range(0, 66_000, 400):
        sent = sum(len(frame.payload) for frame in frames(link.transmit(0.0)))
        assert sent == (512 if acked == 0 else 400)
        for old in (acked - 400, acked - 5000, acked - 20_000):
            if old >= 0:
                link.receive(data(ack=old % (1 << 16), room=1, resend=True), 0.0)
        assert link.pending == 70_000 - acked and not link.transmit(0.0)
        for room in (512, 1):
            link.receive(data(ack=(acked + 400) % (1 << 16), room=room), 0.0)


def test_what_came_before_is_answered_and_not_taken_again() -> None:
    link = open_link()
    first, second = data(payload=b"first"), data(offset=5, payload=b"second")
    for frame, counted in ((second, (1, 0)), (first, (1, 0)), (second, (1, 0)), (first, (1, 1)), (second, (1, 2))):
        link.receive(frame, 0.0)
        assert (link.counts.lost, link.counts.repeated) == counted
        (answer,) = frames(link.transmit(HOLD * PATIENCE))
        assert answer.ack == len(link.received) and answer.room == HOST_ROOM
    assert link.received == b"firstsecond"


def test_an_acknowledgement_waits_for_bytes_to_go_with_for_a_while_only() -> None:
    link = open_link()
    link.receive(data(payload=b"some"), 0.0)
    assert not link.transmit(0.0)
    assert [frame.ack for frame in frames(link.transmit(HOLD * PATIENCE))] == [4]
    link.receive(data(offset=4, payload=b"more"), 1.0)
    assert not link.transmit(1.0)
    link.send(b"bytes")
    assert [(frame.ack, frame.payload) for frame in frames(link.transmit(1.0))] == [(8, b"bytes")]
    link.receive(data(offset=8, payload=b"last"), 2.0)
    assert [frame.ack for frame in frames(link.transmit(2.0, last=True))] == [12]
    for offset in range(12, 12 + MOST_HELD, 128):
        assert not link.transmit(2.0)
        link.receive(data(offset=offset, payload=bytes(128)), 2.0)
    assert [frame.ack for frame in frames(link.transmit(2.0))] == [12 + MOST_HELD]


def test_frames_of_another_session_are_not_heard() -> None:
    link = HostLink(session=7)
    link.receive(data(session=8, payload=b"old"), 0.0)
    assert not link.open and not link.received
    link.receive(data(payload=b"new"), 0.0)
    link.receive(data(session=8, offset=3, payload=b"old", ack=9, resend=True), 0.0)
    link.receive(stuffed(Frame(kind=FrameKind.OPEN, session=7, offset=3, payload=b"odd")), 0.0)
    assert link.open and link.received == b"new"


@pytest.mark.parametrize("fields", [{"ack": 1}, {"offset": 1}], ids=str)
def test_a_session_does_not_begin_in_its_middle(fields: dict[str, int]) -> None:
    """An earlier host may have been in a session of the same number."""
    link = HostLink(session=7)
    link.receive(data(**fields, payload=b"old"), 0.0)
    assert not link.open and not link.received


def test_a_session_that_is_not_answered_gets_another_number() -> None:
    """The board may be in it already, and then does not greet."""
    link = HostLink(session=7, patience=0.0)
    sessions = [frame.session for now in range(2 * OPENINGS) for frame in frames(link.transmit(now + 1.0))]
    assert sessions[: OPENINGS - 1] == [7] * (OPENINGS - 1) and sessions[-1] != 7 and 0 not in sessions


def test_a_host_with_patience_opens_a_session_again_as_soon_as_others() -> None:
    link = HostLink(session=7, patience=600.0)
    sent = [bool(link.transmit(now)) for now in (0.0, PATIENCE / 2, PATIENCE, 2 * PATIENCE)]
    assert sent == [True, False, True, True]


def test_a_silent_board_is_asked_again_less_and_less_often() -> None:
    link, asked = open_link(), list[float]()
    link.send(b"bytes")
    for tick in range(300_000):
        now = tick / 100
        if any(frame.payload == b"bytes" for frame in frames(link.transmit(now))):
            asked.append(now)
    waits = [round(later - now, 1) for now, later in pairwise(asked)]
    assert waits[:7] == [0.1, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0]
    assert set(waits[7:]) == {LONGEST_PATIENCE} and len(waits) > 1100


@pytest.mark.parametrize("seed", range(20))
def test_bytes_of_any_kind_are_taken_for_noise_or_are_an_error(seed: int) -> None:
    """Noise, and frames whose checksums are right and whose fields are anything: what came is never more than was in
    frames of this session, and the line is not kept for ever."""
    rng, link = random.Random(seed), open_link()
    link.send(bytes(100))
    offered = 0
    for step in range(400):
        now = step / 100
        offset = rng.choice((0, len(link.received) % 65536, rng.randrange(65536)))
        payload = rng.randbytes(rng.randrange(20))
        if rng.random() < 0.5:
            link.receive(rng.randbytes(rng.randrange(500)), now)
        else:
            offered += len(payload)
            try:
                link.receive(data(offset=offset, ack=rng.randrange(101), room=512, payload=payload), now)
            except BoardError:
                link = open_link()
                link.send(bytes(100))
        frames(link.transmit(now))
    assert link.counts.damaged > 0 and len(link.received) <= offered and len(link._line) < 1 << 16
