"""Tokens of a board as packets again."""

import numpy as np

from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.packets import ACCESS, SPIKE, Kind, Scope, end
from ganglion.model.spec.tokens import REPLY_TOKEN, TO_HOST, Advance, Up

_BY_CODE = sorted(TO_HOST, reverse=True)


class Expander:
    """Reads the tokens of one session, however they are cut."""

    def __init__(self) -> None:
        self._row = self._chunk = self._memory = self._route = 0

    def read(self, data: bytearray) -> Words:
        """Takes the whole tokens at the start of bytes, and returns their packets.

        Raises:
            FormatError: a token that does not exist.
        """
        words: list[int] = []
        position = 0
        while position < len(data):
            first = data[position]
            token = next(code for code in _BY_CODE if first >= code)
            number = first - token
            if number > TO_HOST[token].most:
                raise FormatError(f"the board sends a token {first:#04x}, which no version has")
            stop = position + 1 + (self._reply_bytes(number) if token == Up.REPLY else TO_HOST[token].follow)
            if stop > len(data):
                break
            rest, position = data[position + 1 : stop], stop
            match token:
                case Up.NEAR:
                    words.append(_output(number))
                case Up.AT:
                    words.append(_output(number << 8 | rest[0]))
                case Up.END:
                    words += [end()] * (number + 1)
                case Up.PACKET:
                    words.append(int.from_bytes(rest, "little"))
                    self._note(words[-1])
                case Up.REPLY:
                    words.append(self._reply(number, rest))
        del data[:position]
        return np.array(words, dtype=np.uint64)

    def _note(self, word: int) -> None:
        """Keeps the place of a REPLY."""
        fields = ACCESS.unpack(word)
        if fields["kind"] == Kind.REPLY:
            self._route, self._memory = fields["route"], fields["memory"]
            self._row, self._chunk = fields["row"], fields["chunk"]

    def _reply_bytes(self, number: int) -> int:
        fields = REPLY_TOKEN.unpack(number)
        return 2 * fields["routed"] + (fields["advance"] == Advance.AT) + fields["size"]

    def _reply(self, number: int, rest: bytearray) -> int:
        fields = REPLY_TOKEN.unpack(number)
        if fields["routed"]:
            self._route, rest = int.from_bytes(rest[:2], "little"), rest[2:]
        match fields["advance"]:
            case Advance.CHUNK:
                self._chunk += 1
            case Advance.ROW:
                self._row, self._chunk = self._row + 1, 0
            case Advance.AT:
                self._row, self._chunk, rest = rest[0], 0, rest[1:]
        return ACCESS.pack(
            kind=Kind.REPLY,
            route=self._route,
            memory=self._memory,
            chunk=self._chunk,
            row=self._row,
            data=int.from_bytes(rest, "little"),
        )


def _output(number: int) -> int:
    return SPIKE.pack(kind=Kind.SPIKE, axon=number, scope=Scope.HOST)
