"""Accesses to memories as tokens: of consecutive places the address is said once, of equal words the data."""

from collections.abc import Iterator

import numpy as np

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.packet_arrays import Words, unpack
from ganglion.model.spec.packets import ACCESS, Kind
from ganglion.model.spec.tokens import COUNT_BITS, PLACE, TO_BOARD, Down

MOST = 1 << COUNT_BITS
"""Accesses of one token."""

FEWEST_SAME = 3
"""Equal words, besides the first, that are worth a token of their own."""


def access_tokens(words: Words, kind: Kind, route: int | None) -> tuple[bytes, int | None]:
    """Packets that are all WRITE, or all READ without data, as tokens.

    Args:
        words: shape (packets,).
        kind: of all of them.
        route: that the board goes by, where it goes on from axon -1; else None.

    Returns:
        the tokens, and `route` behind them.
    """
    memory, row, chunk, data, routes = (
        unpack(ACCESS, name, words) for name in ("memory", "row", "chunk", "data", "route")
    )
    out = bytearray()
    for first, stop, last in _blocks(memory, row, chunk, routes):
        if last is None:
            out += packet_tokens(words[first:stop])
            continue
        if route != routes[first]:
            route = int(routes[first])
            out += bytes([Down.ROUTE]) + route.to_bytes(TO_BOARD[Down.ROUTE].follow, "little")
        place = PLACE.pack(memory=int(memory[first]), last=last, row=int(row[first]))
        out += bytes([Down.PLACE]) + place.to_bytes(TO_BOARD[Down.PLACE].follow, "little")
        out += _data(data[first:stop]) if kind == Kind.WRITE else _counted(Down.READS, stop - first)
    return bytes(out), route


def packet_tokens(words: Words) -> bytes:
    """Packets, whatever they are, each whole."""
    whole = np.zeros((words.size, 1 + TO_BOARD[Down.PACKET].follow), dtype=np.uint8)
    whole[:, 0] = Down.PACKET
    whole[:, 1:] = words.astype("<u8").view(np.uint8).reshape(words.size, -1)
    return whole.tobytes()


def _blocks(memory: IntArray, row: IntArray, chunk: IntArray, route: IntArray) -> Iterator[tuple[int, int, int | None]]:
    """First and behind the last of accesses to consecutive places, and the last chunk of their rows; None where they
    do not begin with chunk 0."""

    def changes(*columns: IntArray) -> IntArray:
        return np.any([np.diff(column, prepend=-1) != 0 for column in columns], axis=0)

    # Rows: chunks from 0 on of one row.
    heads = np.flatnonzero(changes(memory, route, row) | (np.diff(chunk, prepend=-2) != 1))
    lengths = np.diff(heads, append=row.size)
    whole = chunk[heads] == 0
    new = changes(memory[heads], route[heads], lengths, whole) | (np.diff(row[heads], prepend=-2) != 1)
    firsts = np.flatnonzero(new)
    bounds = np.append(heads[firsts], row.size)
    for k, first in enumerate(firsts.tolist()):
        yield int(bounds[k]), int(bounds[k + 1]), int(lengths[first]) - 1 if whole[first] else None


def _data(data: IntArray) -> bytes:
    """WORDS and SAME of the data of writes."""
    out, done = bytearray(), 0
    heads = np.flatnonzero(np.diff(data, prepend=-1))
    lengths = np.diff(heads, append=data.size)
    long = lengths > FEWEST_SAME
    for head, length in zip(heads[long].tolist(), lengths[long].tolist(), strict=True):
        out += _literal(data[done : head + 1]) + _counted(Down.SAME, length - 1)
        done = head + length
    return bytes(out + _literal(data[done:]))


def _literal(data: IntArray) -> bytes:
    raw = data.astype("<u2").tobytes()
    return b"".join(
        bytes([Down.WORDS, min(MOST, data.size - first) - 1]) + raw[2 * first : 2 * (first + MOST)]
        for first in range(0, data.size, MOST)
    )


def _counted(token: Down, count: int) -> bytes:
    """A token that counts up to MOST, as often as it takes."""
    whole, rest = divmod(count, MOST)
    return bytes([token, MOST - 1]) * whole + (bytes([token, rest - 1]) if rest else b"")
