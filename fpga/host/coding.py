"""How packets and bytes of the link become each other, by each version of it."""

from typing import Protocol

import numpy as np

from ganglion.fpga.host.compact import compact
from ganglion.fpga.host.expand import Expander
from ganglion.model.spec.frames import PACKET_BYTES, LinkVersion
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.packets import KIND_BITS


class Coding(Protocol):
    """The coding of one session."""

    def encode(self, words: Words) -> bytes:
        """The bytes of packets, shape (packets,)."""
        ...

    def decode(self, received: bytearray) -> Words:
        """Takes the bytes of whole packets from the start of what was received, and returns the packets.

        Raises:
            FormatError: bytes that are no packets.
        """
        ...


class PlainCoding:
    """Each packet in the bytes of its kind."""

    def encode(self, words: Words) -> bytes:
        words = np.ascontiguousarray(words, dtype="<u8")
        lengths = np.array(PACKET_BYTES)[(words & np.uint64((1 << KIND_BITS) - 1)).astype(np.int64)]
        raw = words.view(np.uint8).reshape(-1, 8)
        return raw[np.arange(8) < lengths[:, None]].tobytes()

    def decode(self, received: bytearray) -> Words:
        words, position = [], 0
        while position < len(received):
            stop = position + PACKET_BYTES[received[position] & (1 << KIND_BITS) - 1]
            if stop > len(received):
                break
            words.append(int.from_bytes(received[position:stop], "little"))
            position = stop
        del received[:position]
        return np.array(words, dtype=np.uint64)


class CompactCoding:
    """Packets in tokens."""

    def __init__(self) -> None:
        self._expander = Expander()

    def encode(self, words: Words) -> bytes:
        return compact(words)

    def decode(self, received: bytearray) -> Words:
        return self._expander.read(received)


CODINGS: dict[int, type[Coding]] = {LinkVersion.PLAIN: PlainCoding, LinkVersion.COMPACT: CompactCoding}
"""The coding of each version."""
