"""Files of Prophesee's cameras: .dat, and .raw in EVT 2.0, 2.1 and 3.0.

https://docs.prophesee.ai/stable/data/ describes them under file formats and encoding formats. All of them begin with
lines of text whose first letter is '%'.
"""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from ganglion.model.interchange.events.aedat import Columns
from ganglion.model.spec.arrays import BoolArray, IntArray
from ganglion.model.spec.errors import FormatError

GENERATIONS = {
    "gen41": (1280, 720),
    "imx636": (1280, 720),
    "gen4": (1280, 720),
    "gen31": (640, 480),
    "gen3": (640, 480),
    "genx320": (320, 320),
}
"""Columns and rows of a sensor, by what a header calls its generation, for files that do not tell them."""

DAT_CD = (0x00, 0x0C, 0x0E)
"""Types of the events of pixels in a .dat file."""


def header_of(raw: bytes) -> tuple[str, int]:
    """The lines of text that a file begins with, in small letters, and the byte behind them."""
    begin = 0
    while raw[begin : begin + 1] == b"%":
        end = raw.find(b"\n", begin)
        if end < 0:
            return raw.decode("latin-1").lower(), len(raw)
        line, begin = raw[begin:end], end + 1
        if line.strip().lower() == b"% end":
            break
    return raw[:begin].decode("latin-1").lower(), begin


def read_dat_columns(path: Path) -> Columns:
    """The events of a .dat file: pairs of 32 bits, time and then x (14 bits), y (14) and polarity (4).

    Raises:
        FormatError: events of something else than pixels, or cut short.
    """
    raw = path.read_bytes()
    header, begin = header_of(raw)
    if len(raw) < begin + 2 or raw[begin] not in DAT_CD or raw[begin + 1] != 8:
        raise FormatError(f"{path.name}: no .dat file of events of pixels: their type, size {raw[begin : begin + 2]!r}")
    words = _words(path.name, raw, begin + 2, "<u4", 8).reshape(-1, 2)
    t, place = words.T
    return Columns(t, place & 0x3FFF, place >> 14 & 0x3FFF, place >> 28, _size(header))


def read_raw_columns(path: Path) -> Columns:
    """The events of a .raw file.

    Raises:
        FormatError: another encoding, a word that it does not have, or cut short.
    """
    raw = path.read_bytes()
    header, begin = header_of(raw)
    told = re.search(r"^% *(?:evt|format) +(?:evt)? *(\d)(?:\.?(\d))?", header, re.MULTILINE)
    version = f"{told[1]}.{told[2] or 0}" if told else ""
    decoders = {"2.0": (_evt2, "<u4", 4), "2.1": (_evt21, "<u8", 8), "3.0": (_evt3, "<u2", 2)}
    if version not in decoders:
        raise FormatError(
            f"{path.name}: its header must say how it is encoded, as in '% evt 3.0' ({', '.join(decoders)} are read), "
            f"not {version or 'nothing'}"
        )
    decode, word, size = decoders[version]
    return replace(decode(path.name, _words(path.name, raw, begin, word, size)), size=_size(header))


def _words(name: str, raw: bytes, begin: int, word: str, size: int) -> IntArray:
    body = len(raw) - begin
    if body % size:
        raise FormatError(f"{name}: cut short: {body} bytes are {body // size} of {size} and {body % size} more")
    return np.frombuffer(raw, word, offset=begin).astype(np.int64)


def _size(header: str) -> tuple[int, int] | None:
    told = re.search(r"geometry[ :=]+(\d+)x(\d+)", header)
    if told:
        return int(told[1]), int(told[2])
    width, height = (re.search(rf"{word}[ :=]+(\d+)", header) for word in ("width", "height"))
    if width and height:
        return int(width[1]), int(height[1])
    named = re.search(r"(?:plugin_name|sensor_name|generation|sensor_info) .*", header)
    text = named[0].replace("generation ", "gen").replace(".", "") if named else ""
    return next((size for name, size in GENERATIONS.items() if name in text), None)


def _held(values: IntArray, is_new: IntArray) -> IntArray:
    """At each word, the value of the last word that `is_new`; -1 before the first."""
    place = np.maximum.accumulate(np.where(is_new, np.arange(values.size), -1))
    return np.where(place >= 0, values[place], -1)


def _refuse_unknown(name: str, kinds: IntArray, known: tuple[int, ...]) -> None:
    wrong = np.flatnonzero(~np.isin(kinds, known))
    if wrong.size:
        raise FormatError(f"{name}: corrupt: word {wrong[0]} is of the type {kinds[wrong[0]]:#x}, which there is not")


def _refuse_untimed(name: str, untimed: BoolArray) -> None:
    if untimed.any():
        raise FormatError(f"{name}: corrupt: word {np.argmax(untimed)} is an event before the first time or row")


def _evt2(name: str, words: IntArray) -> Columns:
    """32 bits: type (4), low bits of the time (6), x (11), y (11); of a type of its own the high bits of the time."""
    kind = words >> 28
    _refuse_unknown(name, kind, (0x0, 0x1, 0x8, 0xA, 0xE, 0xF))
    high = _held(words & 0xFFFFFFF, kind == 0x8)
    event = kind <= 0x1
    _refuse_untimed(name, event & (high < 0))
    word = words[event]
    return Columns(high[event] << 6 | word >> 22 & 0x3F, word >> 11 & 0x7FF, word & 0x7FF, kind[event])


def _evt21(name: str, words: IntArray) -> Columns:
    """64 bits: as EVT 2.0, and below it which of 32 pixels from x on have the event."""
    kind = words >> 60 & 0xF
    _refuse_unknown(name, kind, (0x0, 0x1, 0x8, 0xA, 0xE, 0xF))
    high = _held(words >> 32 & 0xFFFFFFF, kind == 0x8)
    event = kind <= 0x1
    _refuse_untimed(name, event & (high < 0))
    word = words[event]
    which, pixel = np.nonzero(word[:, None] >> np.arange(32) & 1)
    t = high[event] << 6 | word >> 54 & 0x3F
    return Columns(t[which], (word >> 43 & 0x7FF)[which] + pixel, (word >> 32 & 0x7FF)[which], kind[event][which])


def _carried(kind: IntArray, value: IntArray) -> IntArray:
    """At each word, how often the low bits of the time have begun anew since the high ones were told.

    Some writers tell the high bits once, and leave the rest to who reads.
    """
    low, told = np.flatnonzero(kind == 0x6), np.cumsum(kind == 0x8)
    anew = np.zeros(kind.size, dtype=np.int64)
    anew[low[1:]] = (np.diff(value[low]) < 0) & (np.diff(told[low]) == 0)
    carries = np.cumsum(anew)
    return carries - np.maximum(_held(carries, kind == 0x8), 0)


def _evt3(name: str, words: IntArray) -> Columns:
    """16 bits, of which the first four say what they set: row, time, an event in a column, or events in 12 or 8."""
    kind, value = words >> 12, words & 0xFFF
    _refuse_unknown(name, kind, (0x0, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8, 0xA, 0xE, 0xF))
    y = _held(value & 0x7FF, kind == 0x0)
    high, low = _held(value, kind == 0x8), np.maximum(_held(value, kind == 0x6), 0)
    # The high bits begin anew every 2^24 us; they fall back by a little where words are late.
    rounds = np.cumsum(np.diff(high, prepend=high[:1]) < -(1 << 11)) if words.size else high
    carried = _carried(kind, value)
    missing = int((np.diff(carried, prepend=0) > 0).sum())
    notes = (f"high bits of the time are missing {missing} times and were counted on",) if missing else ()
    t = (rounds << 24) + (high + carried << 12) + low
    # A vector begins where the last one ended, or at its base.
    width = np.where(kind == 0x4, 12, np.where(kind == 0x5, 8, 0))
    passed = np.cumsum(width) - width
    base = kind == 0x3
    start = _held((value & 0x7FF) - passed, base) + passed
    vector_p = _held(value >> 11, base)
    vector, single = width > 0, kind == 0x2
    event = vector | single
    _refuse_untimed(name, event & ((high < 0) | (y < 0) | (vector & (vector_p < 0))))
    bits = np.where(single, 1, value & np.where(kind == 0x5, 0xFF, 0xFFF))[event]
    which, pixel = np.nonzero(bits[:, None] >> np.arange(12) & 1)
    x = np.where(single, value & 0x7FF, start)[event][which] + pixel
    p = np.where(single, value >> 11, vector_p)[event][which]
    return Columns(t[event][which], x, y[event][which], p, notes=notes)
