"""The board's end of the link against frames that are none of its session, come twice, or out of order."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import serial

from ganglion.fpga.host.coding import PlainCoding
from ganglion.fpga.host.session import HostLink
from ganglion.fpga.virtual.build import build_virtual
from ganglion.fpga.virtual.emulator import VirtualBoard
from ganglion.model.spec.frames import GREETING_BYTES, Frame, FrameKind
from tests.fpga.echo import GREETING, echo_top
from tests.fpga.host.line import Line, stuffed
from tests.fpga.streams import random_packets

pytestmark = pytest.mark.sim

SECONDS = 30

Ways = tuple[Line, Line]
"""Of the line: to the board and to the host."""


def quiet() -> Ways:
    return Line(""), Line("")


@pytest.fixture(scope="module")
def echo() -> Path:
    return build_virtual(echo_top())


@pytest.fixture
def port(echo: Path) -> Iterator[serial.Serial]:
    """The serial port of a board whose chip sends back what it gets."""
    with VirtualBoard(echo) as board, serial.Serial(board.device, timeout=0.002) as device:
        yield device


def talk(port: serial.Serial, link: HostLink, size: int, ways: Ways) -> list[bytes]:
    """Until the host has received so many bytes and nothing of its own waits; the frames that it sent."""
    (down, up), said = ways, list[bytes]()
    begin, came = time.monotonic(), b""
    while len(link.received) < size or link.pending:
        now = time.monotonic()
        assert now - begin < SECONDS, f"{len(link.received)} of {size} bytes came, {link.pending} had yet to go"
        frames = [frame + b"\0" for frame in link.transmit(now).split(b"\0") if frame]
        said += frames
        for frame in frames:
            down.put(frame)
        port.write(b"".join(down.get()))
        *whole, came = (came + port.read(port.in_waiting or 1)).split(b"\0")
        for frame in filter(None, whole):
            up.put(frame + b"\0")
        for frame in up.get():
            link.receive(frame, time.monotonic())
    return said


def there_and_back(port: serial.Serial, link: HostLink, seed: int, ways: Ways) -> list[bytes]:
    """A greeting, where the session is new, and some packets; the frames that the host sent."""
    packets = PlainCoding().encode(random_packets(400, np.random.default_rng(seed)))
    wanted = packets if link.open else GREETING.to_bytes() + packets
    link.send(packets)
    said = talk(port, link, len(wanted), ways)
    assert link.received == wanted
    link.received.clear()
    return said


def test_frames_may_come_twice_and_out_of_order(port: serial.Serial) -> None:
    lines = Line("", repeated=0.5), Line("", late=0.4), Line("", lost=0.05, damaged=0.05, repeated=0.3, late=0.3)
    for seed, line in enumerate(lines):
        ways = replace(line, seed=f"{seed} down"), replace(line, seed=f"{seed} up")
        there_and_back(port, HostLink(session=seed + 1), seed, ways)


def test_frames_of_an_earlier_session_are_not_heard(port: serial.Serial) -> None:
    """Sent again at the start of the next one, where their numbers fit, and later."""
    earlier = there_and_back(port, HostLink(session=1), 1, quiet())
    opening = stuffed(Frame(kind=FrameKind.OPEN, session=1))
    replayed = [frame for frame in earlier if frame != opening]
    assert len(replayed) < len(earlier)
    link = HostLink(session=2)
    talk(port, link, GREETING_BYTES, quiet())
    assert link.received == GREETING.to_bytes()
    link.received.clear()
    port.write(b"".join(replayed))
    there_and_back(port, link, 2, quiet())
    port.write(b"".join(replayed))
    there_and_back(port, link, 3, quiet())


@pytest.mark.parametrize("beyond", [1, 1000, 40_000])
def test_an_acknowledgement_of_what_was_not_given_is_not_heard(port: serial.Serial, beyond: int) -> None:
    link = HostLink(session=1)
    there_and_back(port, link, 1, quiet())
    got = link._got
    for resend in (False, True):
        frame = Frame(kind=FrameKind.DATA, session=1, ack=(got + beyond) % (1 << 16), room=4096, resend=resend)
        port.write(stuffed(frame))
        there_and_back(port, link, 2, quiet())


def test_a_second_opening_of_the_session_changes_nothing(port: serial.Serial) -> None:
    link = HostLink(session=1)
    there_and_back(port, link, 1, quiet())
    port.write(stuffed(Frame(kind=FrameKind.OPEN, session=1)))
    there_and_back(port, link, 2, quiet())
