"""What a board is: the platform that describes it, the chip that it gets, its clock and its serial line."""

import importlib
from dataclasses import dataclass
from typing import Any

from ganglion.fpga.memories import with_memories
from ganglion.fpga.uart_link.sizes import LinkSizes
from ganglion.fpga.uart_link.uart import BITS
from ganglion.fpga.wiring import Wiring
from ganglion.model.spec.errors import BoardError, described
from ganglion.model.spec.frames import HOST_ROOM, NAME_BYTES, OFFSET_BITS, Greeting, LinkVersion
from ganglion.model.spec.params import Params
from ganglion.model.spec.params.part import whole

LEAST_RING, MOST_RECEIVE = 256, 1 << OFFSET_BITS - 1
"""Bytes of a ring: those of a full frame, and what numbers of bytes tell apart."""

USB_PATIENCE = 0.02
"""Seconds that a board behind USB waits for an acknowledgement: a host asks it once in some milliseconds."""

USB_BULK = 19 * 64 * 1000
"""Bytes per second in bulk packets at full speed: 19 of 64 bytes in each frame of a millisecond."""

MOST_CLOCK = 1 << 31
"""Hz, not reached: what a greeting tells."""


@dataclass(frozen=True, kw_only=True)
class BoardSpec:
    """One board: which platform describes it, what chip it gets, at which clock.

    Raises:
        BoardError: a name that a board cannot say, no parameters of a chip, or a number out of range.
    """

    name: str
    platform: str | Wiring
    """Of `amaranth_boards`, as module:class; or the FPGA and the pins themselves."""
    params: Params
    clock: int
    """Of the chip, Hz; what a PLL makes of the board's oscillator, or the oscillator's own."""
    baud: int = 3_000_000
    """Bits per second on the serial line."""
    receive: int = 1024
    """Bytes of the ring that waits for the chip."""
    send: int = 512
    """Bytes of the ring that waits for the host."""
    usb: bool = False
    """Whether the line is USB at a connector of the FPGA's own, in the place of the UART."""
    compact: bool = False
    """Whether the link codes packets in few bytes, which takes cells and block RAMs."""
    high: tuple[tuple[str, str], ...] = ()
    """Pins that must be driven high, as resource and subsignal."""
    seed: int = 1
    """Of the placement."""
    loader: str | None = None
    """What openFPGALoader calls the board."""
    found_by: str = ""
    """What commands are told to mean this board, where that is not its name: a file, or module:class."""

    def __post_init__(self) -> None:
        name = self.name
        if not isinstance(name, str) or not 0 < len(name) <= NAME_BYTES or not (name.isascii() and name.isprintable()):
            raise BoardError(f"the name of a board has 1 to {NAME_BYTES} ASCII characters, not {described(name)}")
        if not isinstance(self.platform, str | Wiring):
            raise BoardError(f"{name}: platform is module:class of amaranth_boards, not {described(self.platform)}")
        if not isinstance(self.params, Params):
            raise BoardError(
                f"{name}: params are those of a chip, such as PRESETS['small'], not {described(self.params)}"
            )
        ranges = {"clock": (1, MOST_CLOCK - 1), "baud": (1, MOST_CLOCK - 1), "seed": (0, (1 << 32) - 1)}
        for field, (low, high) in ranges.items():
            value = whole(getattr(self, field))
            if value is None or not low <= value <= high:
                got = described(getattr(self, field))
                raise BoardError(f"{name}: {field} must be a whole number from {low} to {high}, not {got}")
        for field in ("compact", "usb"):
            if not isinstance(getattr(self, field), bool):
                raise BoardError(f"{name}: {field} must be True or False, not {described(getattr(self, field))}")
        for field, most in {"receive": MOST_RECEIVE, "send": HOST_ROOM}.items():
            value = whole(getattr(self, field))
            if value is None or not LEAST_RING <= value <= most or value.bit_count() != 1:
                got = described(getattr(self, field))
                raise BoardError(f"{name}: {field} must be a power of two from {LEAST_RING} to {most}, not {got}")

    @property
    def command_name(self) -> str:
        """What commands are told to mean this board."""
        return self.found_by or self.name

    @property
    def link(self) -> LinkSizes:
        """What the link on the board is made of.

        Raises:
            BoardError: as `divider`.
        """
        if self.usb:
            return LinkSizes(round(USB_PATIENCE * self.clock), self.receive, self.send)
        return LinkSizes.of_line(self.divider, self.receive, self.send)

    @property
    def divider(self) -> int:
        """Cycles of the clock per bit on the serial line.

        Raises:
            BoardError: the clock cannot make this baud rate within 2.5 %, or has less than 2 cycles per bit.
        """
        divider = round(self.clock / self.baud)
        if divider < 2 or abs(self.clock / divider / self.baud - 1) > 0.025:
            raise BoardError(
                f"{self.name}: {self.baud} baud cannot be made from a clock of {self.clock / 1e6:g} MHz: "
                "it takes a whole number of cycles per bit, at least 2, within 2.5 %"
            )
        return divider

    @property
    def line(self) -> str:
        """What carries its bytes, in words."""
        return "USB" if self.usb else f"{self.baud:,} baud"

    @property
    def line_bytes_per_second(self) -> float:
        """Bytes that its line carries one way at most."""
        return USB_BULK if self.usb else self.baud / BITS

    @property
    def greeting(self) -> Greeting:
        """What the board says of itself."""
        return Greeting(self.name, self.clock, LinkVersion.COMPACT if self.compact else LinkVersion.PLAIN)

    def create_platform(self) -> Any:
        """A new platform object: one serves one build.

        Raises:
            BoardError: `amaranth_boards` has no such platform.
        """
        platform = self.platform
        return with_memories(named_platform(platform) if isinstance(platform, str) else platform.platform_class())()


def named_platform(name: str) -> Any:
    """A platform class of `amaranth_boards`, by module:class.

    Raises:
        BoardError: there is none.
    """
    module, _, cls = name.partition(":")
    try:
        return getattr(importlib.import_module(f"amaranth_boards.{module}"), cls)
    except (ImportError, AttributeError) as error:
        raise BoardError(f"amaranth_boards has no platform {name}, or is not installed: {error}") from None


def family(platform: Any) -> str | None:
    """Of the FPGA of a platform, class or object: ice40, ecp5, or None."""
    device = str(getattr(platform, "device", ""))
    if device.startswith("iCE40"):
        return "ice40"
    return "ecp5" if device.startswith("LFE5U") else None
