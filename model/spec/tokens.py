"""The compact coding of packet streams on the line between host and board: tokens of one byte and what follows it.

A token stands for packets; what it does not say is known from the tokens before it. Neither chip nor host program sees
the tokens: the same packets come out as went in, and in the same order.

Both ways, behind the GREETING, the first bits of a byte tell which token it is; the others are a number `n`, and bytes
follow where the table says so, least significant first. What a reader remembers begins as zeros, `axon` as -1:

- `axon` and `route` of the event before. END, STEP, REPEAT and ROUTE set `axon` to -1. STEP and REPEAT leave `route`.
- The *list*, up to LIST_EVENTS events. Events between LIST and the next token that is neither an event nor a ROUTE are
  noted in it, and not sent. STEP and REPEAT play it: so input that stays, or changes in part, is told once.
- The *place* of the next access to a memory: which one, the row, the chunk and the last chunk of its rows. Each access
  moves it on: to the next chunk, or behind the last one to chunk 0 of the next row. Its route is that of events.

To the board, bytes of tokens travel in blocks, which begin and end anywhere: BLOCK, a table of codes where it says so,
and the bytes, as they are or in a canonical Huffman code (Schwartz and Kallick, 1964). The table tells how many codes
there are of each length from 1 bit on, a byte each, and then the bytes coded, in the order of their codes; it holds
until the next one. Codes are packed from the lowest bit of a byte on, each with its highest bit first; the last byte is
filled up. From the board come tokens without blocks: what it has to say is short.
"""

from dataclasses import dataclass
from enum import IntEnum

from ganglion.model.spec.formats import Field, Layout
from ganglion.model.spec.packets import MEMORY_BITS, PACKET_BITS, ROUTE_BITS, ROW_BITS

LIST_EVENTS = 512
"""Events that a list holds."""

LONGEST_CODE = 15
"""Bits of a Huffman code, at most."""

COUNT_BITS = 8
"""Of a count that is a byte of its own."""


@dataclass(frozen=True)
class Token:
    """One kind of token."""

    number: int
    """Bits of the number in the first byte, its lowest ones."""
    follow: int
    """Bytes that always follow."""
    doc: str

    @property
    def most(self) -> int:
        """The largest number."""
        return (1 << self.number) - 1


class Down(IntEnum):
    """Tokens from the host, by the first byte of each; TO_BOARD tells what they mean."""

    NEAR = 0x00
    AT = 0x80
    RUN = 0xC0
    END = 0xE0
    ROUTE = 0xF0
    PACKET = 0xF1
    LIST = 0xF2
    STEP = 0xF3
    REPEAT = 0xF4
    PLACE = 0xF5
    WORDS = 0xF6
    SAME = 0xF7
    READS = 0xF8


class Block(IntEnum):
    """How the bytes of a block travel."""

    PLAIN = 0
    """As they are."""
    CODED = 1
    """In the code of the last table."""
    TABLE = 2
    """A table comes first, and they are in its code."""


BLOCK = Layout(
    "BLOCK",
    (
        Field("length", 14, "bytes of tokens, not coded"),
        Field("form", 2, "how they travel"),
    ),
)
"""What each block begins with."""

BLOCK_BYTES = BLOCK.width // 8

PLACE = Layout(
    "PLACE",
    (
        Field("memory", MEMORY_BITS, "which memory of the core"),
        Field("last", 4, "the last chunk of its rows"),
        Field("row", ROW_BITS, "the row; the chunk is 0"),
        Field("unused", 4, "0"),
    ),
)
"""What follows PLACE."""

TO_BOARD: dict[Down, Token] = {
    Down.NEAR: Token(7, 0, "an event; its axon is n + 1 above the one before"),
    Down.AT: Token(6, 1, "an event of axon n * 256 + the byte"),
    Down.RUN: Token(5, 0, "n + 1 events, each of the axon above the one before"),
    Down.END: Token(4, 0, "n + 1 END, with route 0"),
    Down.ROUTE: Token(0, ROUTE_BITS // 8, "`route` of what follows"),
    Down.PACKET: Token(0, PACKET_BITS // 8, "a packet, whatever it is"),
    Down.LIST: Token(0, 0, "the list is empty; events that follow are noted in it"),
    Down.STEP: Token(0, 0, "a mask follows, a bit for each event of the list, lowest first: those events, and END"),
    Down.REPEAT: Token(0, COUNT_BITS // 8, "byte + 1 times: all events of the list, and END"),
    Down.PLACE: Token(0, PLACE.width // 8, "the place of the accesses that follow"),
    Down.WORDS: Token(0, COUNT_BITS // 8, "byte + 1 WRITE follow, two bytes of data each"),
    Down.SAME: Token(0, COUNT_BITS // 8, "byte + 1 WRITE, of the data of the WRITE before"),
    Down.READS: Token(0, COUNT_BITS // 8, "byte + 1 READ"),
}


class Up(IntEnum):
    """Tokens from the board, by the first byte of each; TO_HOST tells what they mean."""

    NEAR = 0x00
    AT = 0x80
    REPLY = 0xC0
    END = 0xE0
    PACKET = 0xF1


class Advance(IntEnum):
    """Where a REPLY is, seen from the one before. Memory and route are the same, unless the route is told."""

    CHUNK = 0
    """The next chunk of the row."""
    ROW = 1
    """Chunk 0 of the next row."""
    AT = 2
    """Chunk 0 of the row that a byte tells, behind the route."""
    SAME = 3
    """The same chunk and row: of another core, say."""


REPLY_TOKEN = Layout(
    "REPLY",
    (
        Field("routed", 1, "1: two bytes of route follow"),
        Field("size", 2, "bytes of data that follow last, 0 to 2; the others are 0"),
        Field("advance", 2, "where it is"),
    ),
)
"""The number of the token REPLY."""

TO_HOST: dict[Up, Token] = {
    Up.NEAR: Token(7, 0, "output n fired"),
    Up.AT: Token(6, 1, "output n * 256 + the byte fired"),
    Up.REPLY: Token(REPLY_TOKEN.width, 0, "a REPLY near the one before; n is packed as the table below"),
    Up.END: Token(4, 0, "n + 1 END, with route 0"),
    Up.PACKET: Token(0, PACKET_BITS // 8, "a packet, whatever it is"),
}
