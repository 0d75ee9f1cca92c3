"""Prophesee's streams of words EVT 2.0, 2.1 and 3.0, decoded some words at a time.

https://docs.prophesee.ai/stable/data/encoding_formats/index.html describes them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ganglion.model.interchange.events.columns import Columns
from ganglion.model.spec.arrays import Array, BoolArray, IntArray
from ganglion.model.spec.errors import FormatError

CHUNK = 1 << 20
"""Words that are decoded at a time: the memory that it takes is that of the events, and little more."""

UNKNOWN = -1
"""Of what no word has told yet."""


@dataclass(frozen=True)
class _Part:
    """What some words came to."""

    t: IntArray
    x: IntArray
    y: IntArray
    p: IntArray
    before: list[int]
    """Words that tell those behind what they would know from these."""
    later: int = 0
    """Microseconds by which the times of all behind are later than their words say."""
    missing: int = 0
    """How often the high bits of the time were not told."""


@dataclass(frozen=True)
class Encoding:
    """One of the encodings."""

    word: str
    """Type of a word, as NumPy calls it."""
    part: Callable[[IntArray, "_Place"], _Part]


@dataclass(frozen=True)
class _Place:
    """Where words are, for messages."""

    name: str
    first: int
    """Number of the first one."""

    def refuse(self, wrong: BoolArray, why: str) -> None:
        """Whether none is wrong."""
        if wrong.any():
            raise FormatError(f"{self.name}: corrupt: word {self.first + int(np.argmax(wrong))} {why}")


def decode(name: str, words: Array, encoding: Encoding) -> Columns:
    """All events of some words.

    Args:
        name: of the file, for messages.
        words: of the encoding's type, shape (words,).
        encoding: which.

    Raises:
        FormatError: a word that the encoding does not have, or an event before its time; names its number.
    """
    parts, before, later, missing = [], np.zeros(0, dtype=np.int64), 0, 0
    for begin in range(0, max(1, words.size), CHUNK):
        here = np.concatenate((before, words[begin : begin + CHUNK].astype(np.int64)))
        part = encoding.part(here, _Place(name, begin - before.size))
        parts.append((part.t + later, part.x, part.y, part.p))
        before = np.array(part.before, dtype=np.uint64).astype(np.int64)
        later, missing = later + part.later, missing + part.missing
    t, x, y, p = (np.concatenate(column) for column in zip(*parts, strict=True))
    notes = (f"high bits of the time are missing {missing} times and were counted on",) if missing else ()
    return Columns(t, x, y, p, notes=notes)


def _held(values: IntArray, is_new: BoolArray) -> IntArray:
    """At each word, the value of the last word that `is_new`; UNKNOWN before the first."""
    place = np.maximum.accumulate(np.where(is_new, np.arange(values.size), UNKNOWN))
    return np.where(place >= 0, values[place], UNKNOWN) if values.size else values


def _check_kinds(kinds: IntArray, known: tuple[int, ...], place: _Place) -> None:
    wrong = ~np.isin(kinds, known)
    place.refuse(wrong, f"is of the type {kinds[np.argmax(wrong)]:#x}, which there is not" if wrong.any() else "")


UNTIMED = "is an event before the first time or row"


def _evt2(words: IntArray, place: _Place) -> _Part:
    """32 bits: type (4), low bits of the time (6), x (11), y (11); of a type of its own the high bits of the time."""
    kind = words >> 28
    _check_kinds(kind, (0x0, 0x1, 0x8, 0xA, 0xE, 0xF), place)
    high, event = _held(words & 0xFFFFFFF, kind == 0x8), kind <= 0x1
    place.refuse(event & (high < 0), UNTIMED)
    word, last = words[event], high[-1:].tolist()
    before = [0x8 << 28 | time for time in last if time >= 0]
    return _Part(high[event] << 6 | word >> 22 & 0x3F, word >> 11 & 0x7FF, word & 0x7FF, kind[event], before)


def _evt21(words: IntArray, place: _Place) -> _Part:
    """64 bits: as EVT 2.0, and below it which of 32 pixels from x on have the event."""
    kind = words >> 60 & 0xF
    _check_kinds(kind, (0x0, 0x1, 0x8, 0xA, 0xE, 0xF), place)
    high, event = _held(words >> 32 & 0xFFFFFFF, kind == 0x8), kind <= 0x1
    place.refuse(event & (high < 0), UNTIMED)
    word, last = words[event], high[-1:].tolist()
    which, pixel = np.nonzero(word[:, None] >> np.arange(32) & 1)
    t, x, y = high[event] << 6 | word >> 54 & 0x3F, word >> 43 & 0x7FF, word >> 32 & 0x7FF
    before = [0x8 << 60 | time << 32 for time in last if time >= 0]
    return _Part(t[which], x[which] + pixel, y[which], kind[event][which], before)


def _evt3(words: IntArray, place: _Place) -> _Part:
    """16 bits, of which the first four say what they set: row, time, an event in a column, or events in 12 or 8."""
    kind, value = words >> 12, words & 0xFFF
    _check_kinds(kind, (0x0, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8, 0xA, 0xE, 0xF), place)
    y = _held(value & 0x7FF, kind == 0x0)
    high, low = _held(value, kind == 0x8), _held(value, kind == 0x6)
    # The high bits begin anew every 2^24 us; they fall back by a little where words are late.
    rounds = np.cumsum(np.diff(high, prepend=high[:1]) < -(1 << 11)) if words.size else high
    carried = _carried(kind, value)
    t = (rounds << 24) + (high + carried << 12) + np.maximum(low, 0)
    # A vector begins where the last one ended, or at its base.
    width = np.where(kind == 0x4, 12, np.where(kind == 0x5, 8, 0))
    passed = np.cumsum(width) - width
    start = _held((value & 0x7FF) - passed, kind == 0x3) + passed
    polarity = _held(value >> 11, kind == 0x3)
    vector, single = width > 0, kind == 0x2
    event = vector | single
    place.refuse(event & ((high < 0) | (y < 0) | (vector & (polarity < 0))), UNTIMED)
    bits = np.where(single, 1, value & np.where(kind == 0x5, 0xFF, 0xFFF))[event]
    which, pixel = np.nonzero(bits[:, None] >> np.arange(12) & 1)
    x = np.where(single, value & 0x7FF, start)[event][which] + pixel
    p = np.where(single, value >> 11, polarity)[event][which]
    missing = int((np.diff(carried, prepend=0) > 0).sum())
    found = _Part(t[event][which], x, y[event][which], p, [], missing=missing)
    if not words.size:
        return found
    whole, ends = int(high[-1] + carried[-1]), min(int(start[-1] + width[-1]), 0x7FF)
    times = [(high, 0x8 << 12 | whole & 0xFFF), (low, 0x6 << 12 | low[-1])]
    # Low bits that are told behind the high ones begin anew, but not those ahead of them.
    if np.flatnonzero(kind == 0x8).max(initial=-1) > np.flatnonzero(kind == 0x6).max(initial=-1):
        times.reverse()
    known = [*times, (y, y[-1]), (polarity, 0x3 << 12 | polarity[-1] << 11 | ends)]
    before = [int(word) for values, word in known if values[-1] >= 0]
    later = (int(rounds[-1]) << 24) + (whole >> 12 << 24) if high[-1] >= 0 else 0
    return replace(found, before=before, later=later)


def _carried(kind: IntArray, value: IntArray) -> IntArray:
    """At each word, how often the low bits of the time have begun anew since the high ones were told.

    Some writers tell the high bits once, and leave the rest to who reads.
    """
    low, told = np.flatnonzero(kind == 0x6), np.cumsum(kind == 0x8)
    anew = np.zeros(kind.size, dtype=np.int64)
    anew[low[1:]] = (np.diff(value[low]) < 0) & (np.diff(told[low]) == 0)
    carries = np.cumsum(anew)
    return carries - np.maximum(_held(carries, kind == 0x8), 0)


ENCODINGS = {"2.0": Encoding("<u4", _evt2), "2.1": Encoding("<u8", _evt21), "3.0": Encoding("<u2", _evt3)}
"""By their versions."""
