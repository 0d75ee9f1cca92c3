"""Events and ENDs as tokens: each event by its distance from the one before, or as one of a list that is told once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import BoolArray, IntArray
from ganglion.model.spec.packet_arrays import Words, kinds, unpack
from ganglion.model.spec.packets import AXON_BITS, SPIKE, Kind
from ganglion.model.spec.tokens import COUNT_BITS, LIST_EVENTS, TO_BOARD, Down

Bytes = npt.NDArray[np.uint8]

LONGEST = 64
"""Steps that are looked at for what they have in common."""

ROUTE_BYTES = 1 + TO_BOARD[Down.ROUTE].follow


def step_tokens(words: Words, route: int | None) -> tuple[bytes, int | None]:
    """Packets that are all events or END as tokens.

    Args:
        words: shape (packets,).
        route: that the board goes by, where it goes on from axon -1; else None.

    Returns:
        the tokens, and `route` behind them.
    """
    writer = _Writer(_Steps.of(words), route)
    for first in range(0, writer.steps.ends, LONGEST):
        writer.write(first, min(first + LONGEST, writer.steps.ends))
    writer.put(behind := writer.events(writer.steps.ends))
    writer.flush()
    return bytes(writer.out), None if behind else writer.route


def event_tokens(keys: IntArray, route: int | None) -> bytes:
    """Events of one step, by route and axon, where none came before in the step."""
    routes, axon = keys >> AXON_BITS, keys & (1 << AXON_BITS) - 1
    moved = routes != np.concatenate(([-1 if route is None else route], routes[:-1]))
    fresh = moved.copy()
    fresh[:1] = True
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
    return out[used].tobytes()


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
    def of(cls, words: Words) -> "_Steps":
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

    def of_step(self, step: int) -> IntArray:
        return self.key[self.start[step] : self.start[step + 1]]


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

    def events(self, step: int) -> bytes:
        """The tokens of the events of a step, which are then put."""
        keys = self.steps.of_step(step)
        data = event_tokens(keys, self.route) if keys.size else b""
        self.route = int(keys[-1]) >> AXON_BITS if keys.size else self.route
        return data

    def write(self, first: int, stop: int) -> None:
        """Steps, each with its END: one by one, or by a list, whichever is shorter."""
        before = self.route
        alone = [self.events(step) for step in range(first, stop)]
        after, self.route = self.route, before
        together = self._listed(first, stop)
        if together is None or sum(map(len, together)) >= sum(map(len, alone)):
            if stop - first > 2 and any(alone):
                self.route, middle = before, (first + stop) // 2
                self.write(first, middle)
                self.write(middle, stop)
                return
            self.route = after
            for data in alone:
                self.put(data)
                self._ends += 1
            return
        for data in together:
            self.put(data)
            self._ends += not data

    def _listed(self, first: int, stop: int) -> list[bytes] | None:
        """A list and each step as a part of it, b"" for one without events; None where it cannot be done."""
        steps = self.steps
        keys = np.unique(steps.key[steps.start[first] : steps.start[stop]])
        if not 0 < keys.size <= LIST_EVENTS or not steps.ascending[first:stop].all():
            return None
        counts = np.diff(steps.start[first : stop + 1])
        mask = np.zeros((stop - first, keys.size), dtype=np.uint8)
        which = np.searchsorted(keys, steps.key[steps.start[first] : steps.start[stop]])
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
