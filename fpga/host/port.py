"""A link over a serial device: packets in, packets out, and what to check where nothing comes."""

import contextlib
import time
from collections.abc import Callable

import numpy as np
import serial

from ganglion.fpga.host.coding import CODINGS
from ganglion.fpga.host.session import PATIENCE, HostLink
from ganglion.model.spec.errors import BoardError, ChipError, FormatError
from ganglion.model.spec.frames import GREETING_BYTES, Greeting
from ganglion.model.spec.packet_arrays import Words, kinds
from ganglion.model.spec.packets import Kind

TIMEOUT = 10.0
"""Seconds without any byte acknowledged or received after which a board is given up. A step that takes longer, without
a spike for the host, needs a longer one."""

TURN = 0.002
"""Seconds that a read waits where there is nothing."""

AHEAD = 1 << 15
"""Bytes that are handed to the link at a time."""


class BoardPort:
    """A session with the board behind a serial device.

    Raises (every method):
        BoardError: nothing answers, or the device is gone.
    """

    def __init__(self, device: str, *, baud: int, timeout: float = TIMEOUT, patience: float = PATIENCE) -> None:
        """Opens the device and a session, which resets the chip.

        Args:
            device: such as /dev/ttyUSB1.
            baud: bits per second.
            timeout: seconds without any progress after which to give up.
            patience: seconds without an acknowledgement after which bytes are sent again.
        """
        self.device = device
        self.baud = baud
        self.timeout = timeout
        try:
            self._serial = serial.Serial(device, baud, timeout=TURN, exclusive=True)
        except (serial.SerialException, ValueError, OSError) as error:
            raise BoardError(f"{device} cannot be opened: {error}. {_DEVICE}") from None
        with contextlib.suppress(OSError, AttributeError, ValueError, NotImplementedError):
            # Answers come when they are there, not 16 ms later.
            self._serial.set_low_latency_mode(True)
        self.link = HostLink(patience)
        self.greeting = Greeting("", 0)
        self.restart()

    def restart(self) -> None:
        """A new session: the chip is reset, and what was on its way is forgotten."""
        self.link = HostLink(self.link.patience, counts=self.link.counts)
        self._pump(lambda: len(self.link.received) >= GREETING_BYTES, _ANSWER)
        greeting = bytes(self.link.received[:GREETING_BYTES])
        del self.link.received[:GREETING_BYTES]
        self.greeting = Greeting.from_bytes(greeting)
        version = self.greeting.version
        if version not in CODINGS:
            raise BoardError(
                f"{self.device}: the board speaks version {version} of the link, this Ganglion versions "
                f"{', '.join(map(str, CODINGS))}; load it with a bitstream of this version (ganglion board load)"
            )
        self._coding = CODINGS[version]()

    def close(self) -> None:
        """Lets go of the device. Safe to call twice."""
        self._serial.close()

    def exchange(
        self, words: Words, *, ends: int, replies: int, spikes: int, advance: Callable[[int], None] | None = None
    ) -> Words:
        """Sends packets, and returns those that come until so many ENDs and REPLYs are among them.

        Args:
            words: packets, shape (packets,).
            ends: ENDs to wait for.
            replies: REPLYs to wait for.
            spikes: other packets that may come at most.
            advance: called with the packets that the board has taken since the last call, about.

        Raises:
            ChipError: the board takes or gives no more packets, though the link is alive; or it gives more than it may.
        """
        data = self._coding.encode(words)
        got: list[Words] = []
        awaited = {Kind.END: ends, Kind.REPLY: replies}
        others = spikes
        position = told = 0

        def done() -> bool:
            nonlocal position, told, others
            if position < len(data) and self.link.pending < AHEAD:
                self.link.send(data[position : position + AHEAD])
                position += AHEAD
            packets = self._coding.decode(self.link.received)
            if packets.size:
                got.append(packets)
                came = {kind: int((kinds(packets) == kind).sum()) for kind in awaited}
                for kind, count in came.items():
                    awaited[kind] -= count
                others -= packets.size - sum(came.values())
                if min(others, *awaited.values()) < 0:
                    raise ChipError(
                        f"{self.device}: the chip sends more than {ends} END, {replies} REPLY and {spikes} other "
                        f"packets for {words.size}. Open the board anew, which resets it, and load its network again."
                    )
            if advance:
                taken = words.size * (min(position, len(data)) - self.link.pending) // max(1, len(data))
                advance(taken - told)
                told = taken
            return position >= len(data) and not self.link.pending and max(awaited.values()) <= 0

        try:
            self._pump(done, _STUCK)
        except FormatError as error:
            raise ChipError(f"{self.device}: {error}. {_STUCK}") from None
        except BoardError as error:
            waits = ", ".join(f"{count} {kind.name}" for kind, count in awaited.items() if count > 0) or "nothing"
            raise ChipError(f"{error} It still owed {waits} for {words.size} packets.") from None
        return np.concatenate([np.zeros(0, dtype=np.uint64), *got])

    def _pump(self, done: Callable[[], bool], advice: str) -> None:
        """Moves bytes until `done`, which is asked after every turn."""
        progress = time.monotonic()
        link = self.link
        while not done():
            self._write()
            try:
                link.receive(self._serial.read(self._serial.in_waiting or 1), time.monotonic())
            except (serial.SerialException, OSError) as error:
                raise self._gone(error) from None
            now = time.monotonic()
            if link.moved:
                link.moved = False
                progress = now
            if now - progress > self.timeout:
                heard = f"{link.counts.frames_received} good and {link.counts.damaged} damaged frames came"
                raise BoardError(f"{self.device}: no progress for {self.timeout:g} s; {heard}. {advice}")
        self._write(last=True)

    def _write(self, *, last: bool = False) -> None:
        try:
            if out := self.link.transmit(time.monotonic(), last=last):
                self._serial.write(out)
        except (serial.SerialException, OSError) as error:
            raise self._gone(error) from None

    def _gone(self, error: Exception) -> BoardError:
        return BoardError(f"{self.device} is gone ({error}). Is the board still plugged in?")


_DEVICE = "Is the board plugged in, and may you use the device (on Linux: are you in its group, often dialout)?"

_ANSWER = (
    "Check that the board is loaded with a Ganglion bitstream (its alive light blinks; ganglion board load), that the "
    "device is the board's UART and not its JTAG port, and that the baud rate is that of the bitstream."
)

_STUCK = "Check the error light: a bad cable or a wrong baud rate damages frames. Else reset the board."
