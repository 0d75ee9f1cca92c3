"""Streams of packets to try the link with, none of them what a chip would make sense of."""

import numpy as np

from ganglion.model.spec.memories import Memory
from ganglion.model.spec.packet_arrays import Chunks, Words, reads, spikes, writes
from ganglion.model.spec.packets import ACCESS, KIND_BITS, PACKETS, SPIKE, Kind, Scope, end
from ganglion.model.spec.tokens import LIST_EVENTS, TO_BOARD, Down

END = np.array([end()], dtype=np.uint64)


def random_packets(count: int, rng: np.random.Generator) -> Words:
    """Packets of all kinds, with zeros where bytes like to be stuffed; an END is the last."""
    words = rng.integers(0, 1 << 64, size=count, dtype=np.uint64)
    words &= rng.choice(np.array([0, 0xFF, 0xFFFF00FF, (1 << 64) - 1], dtype=np.uint64), size=count)
    kinds = rng.choice(np.array(list(Kind), dtype=np.uint64), size=count)
    kinds[-1] = Kind.END
    widths = np.array([0, *(PACKETS[Kind(k)].width for k in sorted(Kind))], dtype=np.uint64)
    words = words & ~np.uint64(15) | kinds
    room = np.uint64(64) - widths[kinds.astype(np.int64)]
    packets: Words = words << room >> room
    return packets


def unknown_packets(count: int, rng: np.random.Generator) -> Words:
    """Words of every kind that there is not, which travel whole."""
    kinds = np.array([kind for kind in range(1 << KIND_BITS) if kind not in list(Kind)], dtype=np.uint64)
    words = rng.integers(0, 1 << 64, size=count, dtype=np.uint64) & ~np.uint64((1 << KIND_BITS) - 1)
    packets: Words = words | np.resize(kinds, count)
    return packets


def steps(rng: np.random.Generator, count: int) -> Words:
    """Steps of all kinds: the same events, some of them, others, none; in order and not, twice, over several routes."""
    kept = np.sort(rng.choice(rng.choice([200, 700, 20_000]), size=rng.choice([3, 60, 120]), replace=False))
    routes = np.sort(rng.choice(rng.integers(0, 1 << 16, size=rng.integers(1, 4)), size=kept.size))
    parts = []
    for _ in range(count):
        part = rng.random(kept.size) < rng.choice([0, 0.2, 0.9, 1])
        events = spikes(kept[part], routes[part])
        if rng.random() < 0.2:
            events = rng.permutation(np.append(events, spikes(rng.integers(0, 1 << 16, size=3))))
        parts += [events, END] if rng.random() < 0.9 else [events]
    return np.concatenate(parts)


def rows(rng: np.random.Generator, count: int, most: int = 300) -> Words:
    """Rows written and read: one behind the other, and not; equal and not."""
    parts = []
    for _ in range(count):
        chunks, first = int(rng.integers(1, 9)), int(rng.integers(0, 1 << 20))
        row = (first + np.arange(rng.integers(1, most))) % (1 << 20)
        data: Chunks = rng.integers(0, rng.choice([1, 3, 1 << 16]), size=(row.size, chunks)).astype(np.uint16)
        route = int(rng.choice([0, 15, 0x4321]))
        written = rng.random() < 0.6
        part = writes(Memory.SYNAPSES, row, data, route) if written else reads(Memory.STATE, row, chunks, route)
        parts.append(part[rng.choice([0, 0, 1]) :])
    return np.concatenate(parts)


def replies(rng: np.random.Generator, count: int) -> Words:
    """What boards answer: rows in order, of one core or several, counters here and there, spikes and ENDs between."""
    parts = []
    for _ in range(count):
        row, chunks = int(rng.choice([0, 7, 254, 70_000])) + np.arange(rng.integers(1, 5)), int(rng.integers(1, 4))
        part = reads(Memory(int(rng.integers(1, 9))), row, chunks, int(rng.choice([1, 2, 0x1234])))
        data = rng.choice(np.array([0, 5, 255, 256, 65535], dtype=np.uint64), size=part.size)
        part = part - np.uint64(Kind.READ) + np.uint64(Kind.REPLY) | data << ACCESS.places["data"][0]
        if rng.random() < 0.3:
            part = np.repeat(part, 2)
        outputs = rng.choice([0, 127, 128, 16383, 16384, 70_000], size=3)
        fired = [
            SPIKE.pack(kind=Kind.SPIKE, axon=int(k) & 0xFFFF, route=int(k) >> 16, scope=Scope.HOST) for k in outputs
        ]
        parts += [part, np.array(fired, dtype=np.uint64), np.repeat(END, rng.integers(0, 20))]
    return np.concatenate(parts)


def random_tokens(rng: np.random.Generator, count: int) -> bytes:
    """Tokens in any order, with anything in them; the counts of what is repeated are small."""
    out, listed, listing = bytearray(), 0, False
    for _ in range(count):
        token = Down(int(rng.choice(list(TO_BOARD))))
        number = int(rng.integers(TO_BOARD[token].most + 1))
        follow = rng.bytes(TO_BOARD[token].follow)
        if token in (Down.REPEAT, Down.WORDS, Down.SAME, Down.READS):
            follow = bytes([rng.integers(4)])
        out += bytes([token | number]) + follow
        if token == Down.WORDS:
            out += rng.bytes(2 * (follow[0] + 1))
        if token == Down.STEP:
            out += rng.bytes(-(-listed // 8))
        listed = 0 if token == Down.LIST else listed
        listing = token == Down.LIST or (listing and token in (Down.NEAR, Down.AT, Down.RUN, Down.ROUTE))
        if listing and token in (Down.NEAR, Down.AT, Down.RUN):
            listed += number + 1 if token == Down.RUN else 1
    assert listed <= LIST_EVENTS
    return bytes(out)
