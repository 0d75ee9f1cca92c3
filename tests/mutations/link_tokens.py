"""Tokens for a link under mutation that no host sends, and packets of a chip that are told by them."""

from itertools import product

import numpy as np

from ganglion.fpga.host.huffman import BYTES, Code
from ganglion.model.spec.packets import ACCESS, PACKET_BITS, SPIKE, Kind, Scope, end
from ganglion.model.spec.tokens import BLOCK, BLOCK_BYTES, COUNT_BITS, LIST_EVENTS, LONGEST_CODE, TO_BOARD, Block, Down
from tests.fpga.host.board_tokens import opened, read_tokens
from tests.fpga.streams import random_packets, random_tokens
from tests.mutations.link_bench import Recording
from tests.mutations.link_record import FULL, Host, Pace, Recorder

MASKS = 47
"""Bytes of the mask of a list whose axons go from the highest that a token names up to the highest that there is."""


def told_exactly(recorder: Recorder, seed: int) -> Recording:
    """Packets of the chip that the coding tells apart by one bit: from the reply before, or from what is told short."""
    rng = recorder.begin("told exactly", seed)
    found = list[int]()
    for bit in range(PACKET_BITS):
        base = ACCESS.pack(
            kind=Kind.REPLY,
            memory=int(rng.integers(16)),
            route=int(rng.integers(1 << 16)),
            row=int(rng.integers(1 << 20)),
            chunk=int(rng.integers(16)),
        )
        found += [base, base ^ 1 << bit, base | 1 << 63, end() ^ 1 << bit, end()]
        found.append(SPIKE.pack(kind=Kind.SPIKE, axon=int(rng.integers(200)), scope=Scope.HOST) ^ 1 << bit)
    for bit in range(20):
        row = (1 << bit) - 1
        for chunk, after in ((0, 0), (5, 0), (0, 1)):
            found.append(ACCESS.pack(kind=Kind.REPLY, memory=1, row=row, chunk=chunk))
            found.append(ACCESS.pack(kind=Kind.REPLY, memory=1, row=row + 1, chunk=after))
    for (row, chunk), word in product(((7, 4), (8, 0)), (0, 0x12, 0x1234)):
        here = {"kind": Kind.REPLY, "memory": 1}
        found.append(ACCESS.pack(**here, row=7, chunk=3))
        found.append(ACCESS.pack(**here, row=row, chunk=chunk, data=word, route=int(rng.integers(1, 1 << 16))))
    for bit in range(16):
        found += [SPIKE.pack(kind=Kind.SPIKE, axon=(1 << bit) - less, scope=Scope.HOST) for less in (0, 1)]
    for count in (*range(1, 20), 40):
        found += [end()] * count + [SPIKE.pack(kind=Kind.SPIKE, axon=3, scope=Scope.HOST)]
    recorder.offer(np.array(found, dtype=np.uint64))
    host = Host(recorder)
    host.settle((FULL, Pace(line=0.1), Pace(packet=0.05)))
    return recorder.end()


def any_tokens(recorder: Recorder, seed: int) -> Recording:
    """Tokens in any order, in blocks of every form, with codes of every length."""
    rng = recorder.begin("tokens", seed)
    host = Host(recorder)
    raw = random_tokens(rng, 400)
    out, first, code = bytearray(), 0, None
    while first < len(raw):
        data = np.frombuffer(raw[first : first + int(rng.integers(1, 100))], dtype=np.uint8)
        first += data.size
        form = Block(int(rng.integers(3)))
        if form == Block.TABLE:
            # Of bytes that occur ever more seldom, some codes are as long as they may be.
            counts = np.bincount(data, minlength=BYTES) + (1 << rng.permutation(BYTES) // 12)
            code = Code.of(counts)
        if form == Block.CODED and code is None:
            form = Block.PLAIN
        out += BLOCK.pack(length=data.size, form=form).to_bytes(BLOCK_BYTES, "little")
        if form == Block.TABLE:
            out += code.table
        out += data.tobytes() if form == Block.PLAIN else code.encode(data)
    assert opened(bytes(out)) == raw
    host.send_bytes(bytes(out), np.array(read_tokens(raw), dtype=np.uint64))
    host.settle((FULL, Pace(chip=0.1), Pace(byte=0.3)))
    return recorder.end()


def long_lists(recorder: Recorder, seed: int) -> Recording:
    """Lists that are full and longer, axons as high as they go, and bytes that begin no token."""
    rng = recorder.begin("long lists", seed)
    host = Host(recorder)
    runs = TO_BOARD[Down.RUN].most + 1
    for count in (5 * runs, 10 * runs, LIST_EVENTS):
        told = bytes([Down.LIST, Down.AT | int(rng.integers(64)), 0]) + bytes([Down.RUN | runs - 1]) * (
            count // runs - 1
        )
        told += bytes([Down.RUN | runs - 2])
        played = bytes([Down.STEP]) + rng.bytes(count // 8) + bytes([Down.REPEAT, 0])
        # There is no room for those behind the last.
        more = bytes([Down.RUN | runs - 1]) if count == LIST_EVENTS else b""
        words = np.array(read_tokens(told + played), dtype=np.uint64)
        host.send_bytes(plain_block(told + more + played), words)
        host.settle()
    high = bytes([Down.LIST, Down.AT | TO_BOARD[Down.AT].most, 0xFF])
    high += bytes([Down.NEAR | TO_BOARD[Down.NEAR].most]) * (8 * MASKS - 1) + bytes([Down.STEP]) + b"\xff" * MASKS
    high += bytes([Down.PACKET]) + rng.bytes(PACKET_BITS // 8)
    host.send_bytes(plain_block(bytes(range(Down.READS + 1, 256)) + high), np.array(read_tokens(high), dtype=np.uint64))
    host.settle()
    return recorder.end()


def every_count(recorder: Recorder, seed: int) -> Recording:
    """Tokens that say how often, with the lowest number and the highest."""
    rng = recorder.begin("every count", seed)
    host = Host(recorder)
    for count in (0, (1 << COUNT_BITS) - 1):
        raw = bytes([Down.NEAR, Down.LIST, Down.REPEAT, count, Down.PLACE]) + rng.bytes(TO_BOARD[Down.PLACE].follow)
        raw += bytes([Down.WORDS, count]) + rng.bytes(2 * (count + 1)) + bytes([Down.SAME, count, Down.READS, count])
        host.send_bytes(plain_block(raw), np.array(read_tokens(raw), dtype=np.uint64))
        host.settle((FULL, Pace(chip=0.3)))
    return recorder.end()


def no_codes(recorder: Recorder, seed: int) -> Recording:
    """Tables that are no code, so that what comes out is anything: one without bytes, and one with too long codes for
    them. They come slowly, and a new session ends each."""
    rng = recorder.begin("no codes", seed)
    for counts in ([0] * LONGEST_CODE, [0] * (LONGEST_CODE - 6) + [BYTES // 2] * 2 + [0] * 4):
        host = Host(recorder)
        table = bytes(counts) + rng.bytes(sum(counts))
        head = BLOCK.pack(length=40, form=Block.TABLE).to_bytes(BLOCK_BYTES, "little")
        host.link.send(head + table + b"\xff" * 40 + rng.bytes(40))
        for _ in range(150):
            host.tick(Pace(byte=0.2))
    host = Host(recorder)
    host.send(random_packets(5, rng))
    host.settle()
    return recorder.end()


def plain_block(raw: bytes) -> bytes:
    """Tokens as they are, in one block."""
    return BLOCK.pack(length=len(raw), form=Block.PLAIN).to_bytes(BLOCK_BYTES, "little") + raw
