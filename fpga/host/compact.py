"""Packets for a board as blocks of tokens, by the rules of `ganglion.model.spec.tokens`, in few bytes."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ganglion.fpga.host.accesses import access_tokens, packet_tokens
from ganglion.fpga.host.huffman import BYTES, Code
from ganglion.fpga.host.steps import step_tokens
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.packet_arrays import Words, kinds, unpack
from ganglion.model.spec.packets import ACCESS, SPIKE, Kind, end
from ganglion.model.spec.tokens import BLOCK, BLOCK_BYTES, TO_BOARD, Block, Down

SIZES = (1 << 12, (1 << 14) - 1)
"""Bytes of a block, of which the better is taken."""


def compact(words: Words) -> bytes:
    """Packets, shape (packets,), as blocks of tokens; they take nothing that was sent before for granted."""
    return blocks(tokens(words))


def tokens(words: Words) -> bytes:
    """Packets as tokens, one behind the other."""
    words = np.ascontiguousarray(words, dtype=np.uint64)
    what = _sorts(words)
    heads = np.flatnonzero(np.diff(what, prepend=-1))
    out = bytearray()
    route: int | None = None
    for first, stop in pairwise([*heads.tolist(), words.size]):
        part, sort = words[first:stop], what[first]
        if sort == _STEPS:
            data, route = step_tokens(part, route)
        elif sort == _OTHERS:
            data = packet_tokens(part)
        else:
            data, route = access_tokens(part, Kind(int(sort)), route)
        out += data
    return bytes(out)


_OTHERS, _STEPS = 0, int(Kind.SPIKE)
"""Sorts of packets besides WRITE and READ: those that are sent whole, and events and END."""


def _sorts(words: Words) -> IntArray:
    """Of each packet, what it is sent with."""
    kind = kinds(words)
    event = (kind == Kind.SPIKE) & (words >> SPIKE.places["scope"][0] == 0)
    event &= unpack(SPIKE, "axon", words) < (TO_BOARD[Down.AT].most + 1) << 8
    read = (kind == Kind.READ) & (unpack(ACCESS, "data", words) == 0)
    sorts = np.full(words.size, _OTHERS)
    sorts[event | (words == end())] = _STEPS
    sorts[kind == Kind.WRITE] = Kind.WRITE
    sorts[read] = Kind.READ
    return sorts


def blocks(tokens: bytes) -> bytes:
    """Tokens in blocks, by the best of the sizes that are tried."""
    data = np.frombuffer(tokens, dtype=np.uint8)
    sizes = [size for size in SIZES if size < data.size] or SIZES[:1]
    return min((_in_blocks(data, size) for size in sizes), key=len)


def _in_blocks(data: npt.NDArray[np.uint8], size: int) -> bytes:
    out = bytearray()
    code: Code | None = None
    for first in range(0, data.size, size):
        block = data[first : first + size]
        counts = np.bincount(block, minlength=BYTES)
        new = Code.of(counts)
        lengths = {Block.PLAIN: block.size, Block.TABLE: len(new.table) + new.size(counts)}
        if code is not None and not counts[code.length == 0].any():
            lengths[Block.CODED] = code.size(counts)
        form = min(lengths, key=lambda form: lengths[form])
        out += BLOCK.pack(length=block.size, form=form).to_bytes(BLOCK_BYTES, "little")
        if form == Block.TABLE:
            code = new
            out += code.table
        out += block.tobytes() if code is None or form == Block.PLAIN else code.encode(block)
    return bytes(out)
