"""Files of Prophesee's cameras: .dat, and .raw in EVT 2.0, 2.1 and 3.0.

https://docs.prophesee.ai/stable/data/file_formats/index.html describes them. All of them begin with lines of text whose
first letter is '%'.
"""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from ganglion.model.interchange.events.columns import Columns
from ganglion.model.interchange.events.evt import ENCODINGS, decode
from ganglion.model.spec.arrays import Array
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
    t, place = _words(path.name, raw, begin + 2, "2<u4").astype(np.int64).T
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
    if version not in ENCODINGS:
        raise FormatError(
            f"{path.name}: its header must say how it is encoded, as in '% evt 3.0' ({', '.join(ENCODINGS)} are read), "
            f"not {version or 'nothing'}"
        )
    encoding = ENCODINGS[version]
    return replace(decode(path.name, _words(path.name, raw, begin, encoding.word), encoding), size=_size(header))


def _words(name: str, raw: bytes, begin: int, word: str) -> Array:
    body, size = len(raw) - begin, np.dtype(word).itemsize
    if body % size:
        raise FormatError(f"{name}: cut short: {body} bytes are {body // size} of {size} and {body % size} more")
    return np.frombuffer(raw, word, offset=begin)


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
