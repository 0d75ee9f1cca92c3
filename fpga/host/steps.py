"""Events and ENDs as tokens: each event by its distance from the one before, or as one of a list that is told once."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import BoolArray, IntArray
from ganglion.model.spec.packet_arrays import Words, kinds, unpack
from ganglion.model.spec.packets import AXON_BITS, SPIKE, Kind
from ganglion.model.spec.tokens import COUNT_BITS, LIST_EVENTS, TO_BOARD, Down

Bytes = npt.NDArray[np.uint8]

LONGEST = 64
"""Steps that are looked at for what they have in common."""

FEWEST = 8
"""Bytes of events that a list may be shorter than."""

ROUTE_BYTES = 1 + TO_BOARD[Down.ROUTE].follow


def step_tokens(words: Words, route: int | None) -> tuple[bytes, int | None]:
    """Packets that are all events or END as tokens.

    Args:
        words: shape (packets,).
        route: that the board goes by, where it goes on from axon -1; else None.

    Returns:
        the tokens, and `route` behind them.
    """
    writer = _Writer(_Steps.read(words), route)
    for first in range(0, writer.steps.ends, LONGEST):
        writer.write(first, min(first + LONGEST, writer.steps.ends))
    writer.put(behind := event_tokens(writer.steps.of(writer.steps.ends, writer.steps.ends + 1), writer.route))
    writer.flush()
    return bytes(writer.out), None if behind else writer.route


def event_tokens(keys: IntArray, route: int | None) -> bytes:
    """The tokens of events in a row, by route and axon, behind END."""
    first = np.zeros(keys.size, dtype=bool)
    first[:1] = True
    out, used = _event_bytes(keys, first, route)
    return out[used].tobytes()


def _event_bytes(keys: IntArray, first: BoolArray, route: int | None) -> tuple[Bytes, BoolArray]:
    """Bytes of the tokens of each event, shape (events, ROUTE_BYTES + 2), and which of them are sent.

    Args:
        keys: route and axon of each.
        first: which of them are the first behind an END.
        route: that the board goes by.
    """
    routes, axon = keys >> AXON_BITS, keys & (1 << AXON_BITS) - 1
    moved = routes != np.concatenate(([-1 if route is None else route], routes[:-1]))
    fresh = moved | first
    gap = axon - np.where(fresh, -1, np.concatenate(([-1], axon[:-1])))
    next_ = gap == 1
    near = ~next_ & (gap > 0) & (gap <= TO_BOARD[Down.NEAR].most + 1)

    # Of events that follow each other closely one token for each of so many, in front.
    head = next_ & (fresh | ~np.concatenate(([False], next_[:-1])))
    place, run = np.arange(keys.size), np.cumsum(head) - 1
    length = np.bincount(run[next_], minlength=1)[np.maximum(run, 0)]
    most = TO_BOARD[Down.RUN].most + 1
    into = place - np.maximum.accumulate(np.where(head, place, 0))
    leads = next_ & (into % most == 0)

    out = np.zeros((keys.size, ROUTE_BYTES + 2), dtype=np.uint8)
    used = np.zeros(out.shape, dtype=bool)
    out[:, 0], out[:, 1], out[:, 2] = Down.ROUTE, routes & 0xFF, routes >> 8
    used[:, :ROUTE_BYTES] = moved[:, None]
    run_code = Down.RUN | np.minimum(length - into, most) - 1
    out[:, -2] = np.select([next_, near], [run_code, Down.NEAR | gap - 1], Down.AT | axon >> 8)
    out[:, -1] = axon & 0xFF
    used[:, -2] = leads | ~next_
    used[:, -1] = ~next_ & ~near
    return out, used


@dataclass(frozen=True, eq=False)
class _Steps:
    """Events in the order of time; behind the last END there may be more."""

    key: IntArray
    """Route and axon of each event."""
    start: IntArray
    """Where the events of each step begin, shape (ends + 2,)."""
    ascending: BoolArray
    """Of each step, whether its events are in the order of their keys, each once."""

    @classmethod
    def read(cls, words: Words) -> "_Steps":
        spikes = kinds(words) == Kind.SPIKE
        events = words[spikes]
        key = unpack(SPIKE, "route", events) << AXON_BITS | unpack(SPIKE, "axon", events)
        start = np.concatenate(([0], np.cumsum(spikes)[~spikes], [key.size]))
        falls = np.flatnonzero(np.diff(key) <= 0) + 1
        step = np.searchsorted(start, falls, side="right") - 1
        ascending = np.ones(start.size - 1, dtype=bool)
        ascending[step[falls != start[step]]] = False
        return cls(key, start, ascending)

    @property
    def ends(self) -> int:
        return self.start.size - 2

    def of(self, first: int, stop: int) -> IntArray:
        """The keys of the events of some steps."""
        return self.key[self.start[first] : self.start[stop]]


class _Writer:
    """Tokens, and what the board remembers behind them."""

    def __init__(self, steps: _Steps, route: int | None) -> None:
        self.steps = steps
        self.route = route
        self.out = bytearray()
        self._ends = 0

    def put(self, data: bytes) -> None:
        """Adds tokens, behind the ENDs before them."""
        if data:
            self.flush()
            self.out += data

    def flush(self) -> None:
        """Adds the ENDs that were counted."""
        most = TO_BOARD[Down.END].most + 1
        whole, rest = divmod(self._ends, most)
        self.out += bytes([Down.END | most - 1] * whole + [Down.END | rest - 1] * bool(rest))
        self._ends = 0

    def write(self, first: int, stop: int) -> None:
        """Steps, each with its END: one by one, or by a list, whichever is shorter."""
        keys, before = self.steps.of(first, stop), self.route
        counts = np.diff(self.steps.start[first : stop + 1])
        begins = np.zeros(keys.size, dtype=bool)
        begins[(np.cumsum(counts) - counts)[counts > 0]] = True
        out, used = _event_bytes(keys, begins, before)
        alone = int(used.sum())
        together = self._listed(first, stop) if alone > FEWEST else None
        if together is not None and sum(map(len, together)) < alone:
            for data in together:
                self.put(data)
                self._ends += not data
            return
        self.route = before
        if stop - first > 2 and alone > 2 * (stop - first):
            middle = (first + stop) // 2
            self.write(first, middle)
            self.write(middle, stop)
            return
        raw, sent = out[used].tobytes(), np.concatenate(([0], np.cumsum(used.sum(axis=1))))
        bounds = sent[np.concatenate(([0], np.cumsum(counts)))].tolist()
        for begin, end in pairwise(bounds):
            self.put(raw[begin:end])
            self._ends += 1
        if keys.size:
            self.route = int(keys[-1]) >> AXON_BITS

    def _listed(self, first: int, stop: int) -> list[bytes] | None:
        """A list and each step as a part of it, b"" for one without events; None where it cannot be done."""
        steps = self.steps
        keys = np.unique(steps.of(first, stop))
        if not 0 < keys.size <= LIST_EVENTS or not steps.ascending[first:stop].all():
            return None
        counts = np.diff(steps.start[first : stop + 1])
        mask = np.zeros((stop - first, keys.size), dtype=np.uint8)
        which = np.searchsorted(keys, steps.of(first, stop))
        mask[np.repeat(np.arange(stop - first), counts), which] = 1
        rows = np.packbits(mask, axis=1, bitorder="little")
        parts = [bytes([Down.LIST]) + event_tokens(keys, self.route)]
        self.route = int(keys[-1]) >> AXON_BITS
        whole = 0
        for count, row in zip([*counts.tolist(), 0], [*rows, None], strict=True):
            if whole and (count < keys.size or whole == 1 << COUNT_BITS):
                parts.append(bytes([Down.REPEAT, whole - 1]))
                whole = 0
            if row is None:
                break
            if count == keys.size:
                whole += 1
            else:
                parts.append(bytes([Down.STEP]) + row.tobytes() if count else b"")
        return parts
