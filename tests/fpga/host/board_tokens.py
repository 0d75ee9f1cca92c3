"""The board's end of the compact coding in Python: what the gateware is compared with."""

from collections.abc import Iterable, Iterator

from ganglion.model.spec.packets import ACCESS, SPIKE, Kind, Scope, end
from ganglion.model.spec.tokens import (
    BLOCK,
    BLOCK_BYTES,
    LONGEST_CODE,
    PLACE,
    REPLY_TOKEN,
    TO_BOARD,
    TO_HOST,
    Advance,
    Block,
    Down,
    Up,
)


def opened(raw: bytes) -> bytes:
    """The tokens in blocks."""
    return b"".join(data for _, data, _ in blocks(raw))


def blocks(raw: bytes) -> Iterator[tuple[Block, bytes, list[int]]]:
    """Each block: its form, the bytes in it, and how many codes there are of each length from 1 bit on."""
    stream = iter(raw)
    counts, symbols = [0] * LONGEST_CODE, list[int]()
    for first in stream:
        head = BLOCK.unpack(first | next(stream) << 8)
        assert BLOCK_BYTES == 2
        if head["form"] == Block.TABLE:
            counts = [next(stream) for _ in range(LONGEST_CODE)]
            symbols = [next(stream) for _ in range(sum(counts))]
        bits, data = _bits(stream), bytearray()
        for _ in range(head["length"]):
            data.append(next(stream) if head["form"] == Block.PLAIN else _symbol(bits, counts, symbols))
        yield Block(head["form"]), bytes(data), counts


def _bits(stream: Iterator[int]) -> Iterator[int]:
    for byte in stream:
        yield from (byte >> k & 1 for k in range(8))


def _symbol(bits: Iterator[int], counts: list[int], symbols: list[int]) -> int:
    """One byte out of its code, length by length."""
    behind = index = 0
    for count in counts:
        behind = 2 * behind + next(bits)
        if behind < count:
            return symbols[index + behind]
        behind, index = behind - count, index + count
    raise ValueError("no such code")


def read_tokens(raw: bytes) -> list[int]:
    """The packets of tokens from a host."""
    return [word for _, _, words in each_token(raw) for word in words]


def each_token(raw: bytes) -> Iterator[tuple[Down, int, list[int]]]:
    """Each token from a host: which one, its number, or the count behind it, and the packets that it makes. A byte that
    begins none is passed over."""
    stream = iter(raw)
    route, axon, listed, listing = 0, -1, list[int](), False
    memory = last = row = chunk = data = 0

    def access(kind: Kind) -> None:
        nonlocal row, chunk
        told = data if kind == Kind.WRITE else 0
        out.append(ACCESS.pack(kind=kind, route=route, memory=memory, chunk=chunk, row=row % (1 << 20), data=told))
        row, chunk = (row + 1, 0) if chunk == last else (row, chunk + 1)

    for first in stream:
        out = list[int]()
        token = max(code for code in TO_BOARD if first >= code)
        number = first - token
        if number > TO_BOARD[token].most:
            continue
        rest = bytes(next(stream) for _ in range(TO_BOARD[token].follow))
        value = int.from_bytes(rest, "little")
        if token in (Down.NEAR, Down.AT, Down.RUN):
            axons: Iterable[int] = [value | number << 8] if token == Down.AT else [axon + 1 + number]
            if token == Down.RUN:
                axons = range(axon + 1, axon + 2 + number)
            for axon in axons:
                (listed if listing else out).append(SPIKE.pack(kind=Kind.SPIKE, route=route, axon=axon))
            yield token, number, out
            continue
        listing = token == Down.LIST or (listing and token == Down.ROUTE)
        match token:
            case Down.END:
                out += [end()] * (number + 1)
                axon = -1
            case Down.ROUTE:
                route, axon = value, -1
            case Down.PACKET:
                out.append(value)
            case Down.LIST:
                listed = []
            case Down.STEP:
                mask = int.from_bytes(bytes(next(stream) for _ in range(-(-len(listed) // 8))), "little")
                out += [event for k, event in enumerate(listed) if mask >> k & 1] + [end()]
                axon = -1
            case Down.REPEAT:
                out += [*listed, end()] * (value + 1)
                axon = -1
            case Down.PLACE:
                place = PLACE.unpack(value)
                memory, last, row, chunk = place["memory"], place["last"], place["row"], 0
            case Down.WORDS:
                for _ in range(value + 1):
                    data = next(stream) | next(stream) << 8
                    access(Kind.WRITE)
            case Down.SAME:
                for _ in range(value + 1):
                    access(Kind.WRITE)
            case Down.READS:
                for _ in range(value + 1):
                    access(Kind.READ)
        yield token, number or value, out


def each_answer(raw: bytes) -> Iterator[tuple[Up, int]]:
    """Each token of a board: which one, and the number in its first byte."""
    stream = iter(raw)
    for first in stream:
        token = max(code for code in TO_HOST if first >= code)
        number = first - token
        follow = TO_HOST[token].follow
        if token == Up.REPLY:
            reply = REPLY_TOKEN.unpack(number)
            follow = 2 * reply["routed"] + (reply["advance"] == Advance.AT) + reply["size"]
        for _ in range(follow):
            next(stream)
        yield token, number


def write_tokens(words: Iterable[int]) -> bytes:
    """Packets as a board tells them that has nothing else to send: each at once, but for ENDs that come together."""
    out, ends = bytearray(), 0
    before = ACCESS.unpack(0)
    for word in words:
        if word == end():
            ends += 1
            if ends > TO_HOST[Up.END].most:
                out, ends = out + bytes([Up.END | ends - 1]), 0
            continue
        out, ends = out + bytes([Up.END | ends - 1] * (ends > 0)), 0
        spike, reply = SPIKE.unpack(word % (1 << SPIKE.width)), ACCESS.unpack(word)
        number = spike["axon"]
        plain = SPIKE.pack(kind=Kind.SPIKE, axon=number, scope=Scope.HOST)
        if word == plain and number <= TO_HOST[Up.NEAR].most:
            out.append(Up.NEAR | number)
        elif word == plain and number >> 8 <= TO_HOST[Up.AT].most:
            out += bytes([Up.AT | number >> 8, number & 0xFF])
        elif reply["kind"] == Kind.REPLY:
            out += _reply(word, reply, before)
            before = reply
        else:
            out += bytes([Up.PACKET]) + word.to_bytes(8, "little")
    return bytes(out + bytes([Up.END | ends - 1] * (ends > 0)))


def _reply(word: int, reply: dict[str, int], before: dict[str, int]) -> bytes:
    advances = {
        Advance.CHUNK: (reply["row"], reply["chunk"]) == (before["row"], before["chunk"] + 1),
        Advance.ROW: (reply["row"], reply["chunk"]) == (before["row"] + 1, 0),
        Advance.SAME: (reply["row"], reply["chunk"]) == (before["row"], before["chunk"]),
        Advance.AT: reply["chunk"] == 0 and reply["row"] < 256,
    }
    advance = next((advance for advance, there in advances.items() if there), None)
    if advance is None or reply["memory"] != before["memory"]:
        return bytes([Up.PACKET]) + word.to_bytes(8, "little")
    routed = reply["route"] != before["route"]
    size = (reply["data"] > 0) + (reply["data"] > 255)
    out = bytes([Up.REPLY | REPLY_TOKEN.pack(routed=routed, size=size, advance=advance)])
    out += reply["route"].to_bytes(2, "little") * routed
    out += bytes([reply["row"]] if advance == Advance.AT else [])
    return out + reply["data"].to_bytes(2, "little")[:size]
