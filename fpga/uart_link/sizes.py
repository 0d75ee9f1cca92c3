"""How large a link is, and how fast."""

from dataclasses import dataclass

BOARD_PATIENCE_BITS = 8 * 256 * 10
"""Bits of the line after which a board sends again what was not acknowledged: those of some full frames."""


@dataclass(frozen=True)
class LinkSizes:
    """What a link is made of."""

    divider: int
    """Cycles of the clock per bit on the line, at least 2."""
    receive: int = 1024
    """Bytes from the host that wait for the chip, a power of two."""
    send: int = 512
    """Bytes for the host that it has not acknowledged yet, a power of two up to HOST_ROOM."""

    @property
    def patience(self) -> int:
        """Cycles after which bytes that were not acknowledged are sent again."""
        return BOARD_PATIENCE_BITS * self.divider
