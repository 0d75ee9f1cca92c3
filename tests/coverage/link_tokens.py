"""What of the compact coding travelled in a session: tokens, their counts, and blocks."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise, product
from typing import TypeVar

from ganglion.model.spec.tokens import (
    COUNT_BITS,
    LONGEST_CODE,
    REPLY_TOKEN,
    TO_BOARD,
    TO_HOST,
    Advance,
    Block,
    Down,
    Up,
)
from tests.fpga.host.board_tokens import blocks, each_answer, each_token

T = TypeVar("T")

COUNTED = (Down.REPEAT, Down.WORDS, Down.SAME, Down.READS)
"""Tokens whose count is a byte of its own."""

COUNTS = ("lowest", "between", "highest")
SIZES = (0, 1, 2)
"""Bytes of data of a REPLY."""


def token_points() -> list[str]:
    """The names of all points."""
    names = [f"block {form.name}" for form in Block]
    names += [f"block {form.name} behind {before.name}" for form, before in product(Block, Block)]
    names += [f"code of {length} bits" for length in range(1, LONGEST_CODE + 1)]
    for token, it in TO_BOARD.items():
        counted = it.number or token in COUNTED
        names += [f"{token.name} from the host, {count}" for count in COUNTS] if counted else []
        names += [] if counted else [f"{token.name} from the host"]
    names += [f"{token.name} of the board, {count}" for token in (Up.NEAR, Up.AT, Up.END) for count in COUNTS]
    names += [_reply(*each) for each in product(Advance, SIZES, (False, True))]
    return [*names, "PACKET of the board"]


def _reply(advance: Advance, size: int, routed: bool) -> str:
    return f"REPLY {advance.name}, {size} bytes, {'routed' if routed else 'of the same route'}"


def of_tokens(from_host: bytes, from_board: bytes) -> Iterator[str]:
    """What one session reached.

    Args:
        from_host: what came to the board, in blocks.
        from_board: what it sent behind the greeting.
    """
    parts = list(_whole(blocks(from_host)))
    yield from (f"block {form.name}" for form, _, _ in parts)
    yield from (f"block {form.name} behind {before.name}" for (before, _, _), (form, _, _) in pairwise(parts))
    coded = [counts for form, _, counts in parts if form is not Block.PLAIN]
    yield from (f"code of {length} bits" for counts in coded for length, count in enumerate(counts, 1) if count)
    for token, count, _ in _whole(each_token(b"".join(raw for _, raw, _ in parts))):
        most = (1 << COUNT_BITS) - 1 if token in COUNTED else TO_BOARD[token].most
        yield f"{token.name} from the host" + (f", {_count(count, most)}" if most else "")
    for answer, number in _whole(each_answer(from_board)):
        if answer is Up.REPLY:
            reply = REPLY_TOKEN.unpack(number)
            yield _reply(Advance(reply["advance"]), reply["size"], bool(reply["routed"]))
        else:
            most = TO_HOST[answer].most
            yield f"{answer.name} of the board" + (f", {_count(number, most)}" if most else "")


def _count(count: int, most: int) -> str:
    return "lowest" if count == 0 else "highest" if count == most else "between"


def _whole(parts: Iterator[T]) -> Iterator[T]:
    """Those before the stream ends, which may be in the middle of one where a host went away, or is no code."""
    with suppress(RuntimeError, ValueError):  # the first is what a generator makes of a `next` behind the end
        yield from parts
