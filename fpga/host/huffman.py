"""A canonical Huffman code of bytes, whose codes have a bounded length: what the host makes of tokens for a board."""

from dataclasses import dataclass

import numpy as np

from ganglion.model.spec.arrays import BoolArray, IntArray
from ganglion.model.spec.tokens import LONGEST_CODE

BYTES = 256


@dataclass(frozen=True, eq=False)
class Code:
    """Of each byte its code, in the order of lengths and, of one length, of bytes."""

    length: IntArray
    """Bits of the code of each byte, shape (256,); 0 where it has none."""
    code: IntArray
    """The codes, shape (256,); the highest of its bits comes first."""

    @classmethod
    def of(cls, counts: IntArray) -> "Code":
        """The shortest code for bytes that occur so often, shape (256,), with no code longer than LONGEST_CODE."""
        length = _lengths(counts)
        order = np.lexsort((np.arange(BYTES), length))
        order = order[length[order] > 0]
        # Counted in units of the longest code, codes follow each other by the share of each.
        share = 1 << LONGEST_CODE - length[order]
        code = np.zeros(BYTES, dtype=np.int64)
        code[order] = (np.cumsum(share) - share) >> LONGEST_CODE - length[order]
        return cls(length, code)

    @property
    def table(self) -> bytes:
        """How many codes there are of each length, and the bytes in the order of their codes."""
        counts = np.bincount(self.length, minlength=LONGEST_CODE + 1)[1:]
        order = np.lexsort((np.arange(BYTES), self.length))
        return bytes(counts.tolist()) + bytes(order[self.length[order] > 0].tolist())

    def size(self, counts: IntArray) -> int:
        """Bytes that bytes which occur so often take."""
        return -(-int((self.length * counts).sum()) // 8)

    def encode(self, data: "np.ndarray[tuple[int], np.dtype[np.uint8]]") -> bytes:
        """The codes of bytes, one behind the other, filled up to a whole byte."""
        length, code = self.length[data], self.code[data]
        bit = np.arange(LONGEST_CODE)
        # Bit k of a code of n bits is bit n - 1 - k of the number.
        shift = length[:, None] - 1 - bit
        there: BoolArray = shift >= 0
        bits = (code[:, None] >> np.maximum(shift, 0) & 1)[there]
        return np.packbits(bits.astype(np.uint8), bitorder="little").tobytes()


def _lengths(counts: IntArray) -> IntArray:
    """Lengths of the codes, by package-merge (Larmore and Hirschberg, 1990).

    A single byte gets a code of one bit.
    """
    used = np.flatnonzero(counts)
    lengths = np.zeros(BYTES, dtype=np.int64)
    if used.size < 2:
        lengths[used] = 1
        return lengths
    leaves = sorted((int(counts[byte]), (int(byte),)) for byte in used)
    packages: list[tuple[int, tuple[int, ...]]] = []
    for _ in range(LONGEST_CODE):
        merged = sorted([*leaves, *packages])
        packages = [
            (first[0] + second[0], first[1] + second[1])
            for first, second in zip(merged[::2], merged[1::2], strict=False)
        ]
    for _, members in packages[: used.size - 1]:
        np.add.at(lengths, list(members), 1)
    return lengths
