"""How large a link is, and how fast."""

from dataclasses import dataclass

from ganglion.fpga.uart_link.uart import BITS

PATIENCE_FRAMES = 8
"""Full frames whose time on the line, besides that of a full ring, a board waits for an acknowledgement: that comes
behind what the host has sent before."""


@dataclass(frozen=True)
class LinkSizes:
    """What a link is made of."""

    patience: int
    """Cycles after which bytes that were not acknowledged are sent again."""
    receive: int = 1024
    """Bytes from the host that wait for the chip, a power of two."""
    send: int = 512
    """Bytes for the host that it has not acknowledged yet, a power of two up to HOST_ROOM."""

    @classmethod
    def of_line(cls, divider: int, receive: int = 1024, send: int = 512) -> "LinkSizes":
        """Those of a serial line of so many cycles per bit."""
        return cls(BITS * (receive + 256 * PATIENCE_FRAMES) * divider, receive, send)
