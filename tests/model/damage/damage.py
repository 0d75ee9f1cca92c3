"""What happens to files: bits flip, ends get lost, more is written behind, parts change places."""

import random
from collections.abc import Callable
from pathlib import Path

Change = Callable[[bytearray, random.Random], None]


def _flip(raw: bytearray, rng: random.Random) -> None:
    raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)


def _overwrite(raw: bytearray, rng: random.Random) -> None:
    for _ in range(rng.randrange(1, 9)):
        raw[rng.randrange(len(raw))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))


def _truncate(raw: bytearray, rng: random.Random) -> None:
    del raw[rng.randrange(len(raw)) :]


def _extend(raw: bytearray, rng: random.Random) -> None:
    raw += rng.randbytes(rng.randrange(1, 64)) if rng.random() < 0.5 else raw[-rng.randrange(1, len(raw) + 1) :]


def _cut_out(raw: bytearray, rng: random.Random) -> None:
    begin = rng.randrange(len(raw))
    del raw[begin : begin + rng.randrange(1, 64)]


def _repeat(raw: bytearray, rng: random.Random) -> None:
    begin = rng.randrange(len(raw))
    raw[begin:begin] = raw[begin : begin + rng.randrange(1, 64)]


CHANGES: tuple[Change, ...] = (_flip, _flip, _overwrite, _truncate, _extend, _cut_out, _repeat)
"""A flip twice, since it is what happens most."""


def damaged(whole: bytes, seed: int) -> bytes:
    """The same bytes, damaged in one way or in two; the seed tells how."""
    rng, raw = random.Random(seed), bytearray(whole)
    for _ in range(rng.choice((1, 1, 1, 2))):
        if raw:
            rng.choice(CHANGES)(raw, rng)
    return bytes(raw)


def files_of(path: Path) -> list[Path]:
    """The file, or those of the folder."""
    return sorted(path.iterdir()) if path.is_dir() else [path]
