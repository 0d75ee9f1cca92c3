"""AEDAT files of jAER, cAER and iniVation's DV: versions 2.0, 3.1 and 4.

https://docs.inivation.com/software/software-advanced-usage/file-formats/ describes them.
"""

import re
import struct
from pathlib import Path
from typing import Any

import numpy as np

from ganglion.model.interchange.apart import decode_apart
from ganglion.model.interchange.events.columns import Columns
from ganglion.model.spec.errors import FormatError

DECODER = Path(__file__).with_name("decode_aedat.py")

MAGIC = b"#!AER-DAT"

SIZES = {
    "DVS128": (128, 128),
    "DAVIS128": (128, 128),
    "DAVIS240": (240, 180),
    "DAVIS346": (346, 260),
    "DAVIS640": (640, 480),
}
"""Columns and rows of the chips that a header can name; what follows in the name is a variant."""

DVS128_BITS = 15
"""Of an address of that chip."""

PACKET = struct.Struct("<hhiiiiii")
"""Header of a packet of version 3.1: type, source, bytes of an event, offset of its time, overflows of the time,
capacity, events, valid events."""

POLARITY, POLARITY_BYTES = 1, 8
"""Type and size of an event that is one of a pixel."""


def read_aedat_columns(path: Path, stream: int | str | None) -> Columns:
    """The events of an AEDAT file.

    Args:
        path: the file.
        stream: the source of the events, where there are several.

    Raises:
        FormatError: another version, corrupt, cut short, or several streams and none chosen.
    """
    raw = path.read_bytes()
    version = raw[len(MAGIC) :].split(b"\n", 1)[0].strip().decode(errors="replace")
    if stream is not None and not isinstance(stream, int):
        raise FormatError(f"{path.name}: streams of AEDAT have numbers, not {stream!r}")
    if version.startswith("4"):
        arrays = decode_apart(DECODER, path, "AEDAT 4 file", (stream,))
        columns, rows = arrays["size"].tolist()
        return Columns(arrays["t"], arrays["x"], arrays["y"], arrays["p"], (columns, rows))
    if version.startswith("3.1"):
        return _version_3(path.name, raw, stream)
    if version.startswith("2"):
        if stream is not None:
            raise FormatError(f"{path.name}: AEDAT 2.0 has one recording; stream= is for files that have several")
        return _version_2(path.name, raw)
    raise FormatError(
        f"{path.name}: AEDAT {version}: versions 2.0, 3.1 and 4 are read; jAER and DV save what they open as such"
    )


def _version_2(name: str, raw: bytes) -> Columns:
    """Big-endian pairs of an address and a time in microseconds, 32 bits each, behind lines that begin with '#'."""
    begin = 0
    while raw[begin : begin + 1] == b"#":
        end = raw.find(b"\n", begin)
        if end < 0:
            break
        begin = end + 1
    header = raw[:begin].decode("latin-1")
    body = len(raw) - begin
    if body % 8:
        raise FormatError(f"{name}: cut short: {body} bytes are {body // 8} events of 8 and {body % 8} more")
    address, t = np.frombuffer(raw, ">i4", offset=begin).astype(np.int64).reshape(-1, 2).T
    chip = next((chip for chip in SIZES if chip in header.upper()), None)
    notes: tuple[str, ...] = ()
    if chip is None:
        chip = "DVS128" if ((address >= 0) & (address < 1 << DVS128_BITS)).all() else "DAVIS346"
        notes = (f"the file names no chip: its addresses are read as those of a {chip}",)
    size = SIZES[chip]
    if chip == "DVS128":
        address &= (1 << DVS128_BITS) - 1
        return Columns(t, address >> 1 & 0x7F, address >> 8 & 0x7F, address & 1, size, notes)
    # Bit 31 tells samples of a picture from events, and bit 10 events from outside.
    event = (address >= 0) & (address >> 10 & 1 == 0)
    if left_out := int((~event).sum()):
        notes += (f"{left_out} samples of pictures, or events from outside, are left out",)
    address, t = address[event], t[event]
    return Columns(t, address >> 12 & 0x3FF, address >> 22 & 0x1FF, address >> 11 & 1, size, notes)


def _version_3(name: str, raw: bytes, stream: int | None) -> Columns:
    """Packets of events behind a text that ends with a line of its own."""
    header, mark, _ = raw.partition(b"#!END-HEADER\r\n")
    if not mark:
        raise FormatError(f"{name}: cut short: its header does not end")
    text = header.decode("latin-1")
    form = re.search(r"#Format: *(\S+)", text)
    if form and form[1].upper() != "RAW":
        raise FormatError(f"{name}: its events are packed as {form[1]}; RAW is read: save it again with cAER or DV")
    parts: dict[int, list[Any]] = {}
    at = len(header) + len(mark)
    while at < len(raw):
        if len(raw) - at < PACKET.size:
            raise FormatError(f"{name}: cut short: {len(raw) - at} bytes are left for a packet's {PACKET.size}")
        kind, source, size, _, overflows, _, count, _ = PACKET.unpack_from(raw, at)
        at += PACKET.size
        if min(size, count, overflows) < 0 or size * count > len(raw) - at:
            raise FormatError(f"{name}: cut short or corrupt: a packet of {count} events of {size} bytes at byte {at}")
        if kind == POLARITY:
            if size != POLARITY_BYTES:
                raise FormatError(f"{name}: corrupt: events of pixels have {POLARITY_BYTES} bytes, not {size}")
            data, t = np.frombuffer(raw, "<u4", 2 * count, at).astype(np.int64).reshape(-1, 2).T
            parts.setdefault(source, []).append((t + (overflows << 31), data))
        at += size * count
    sources = sorted(parts)
    if stream is None and len(sources) > 1:
        raise FormatError(f"{name}: there are events of the sources {sources}: choose one, as in stream={sources[0]}")
    if stream is not None and stream not in parts:
        raise FormatError(f"{name}: there is no source {stream}; of events are {sources}")
    chosen = stream if stream is not None else (sources or [0])[0]
    none = (np.zeros(0, dtype=np.int64),) * 2
    t, data = (np.concatenate(column) for column in zip(*parts.get(chosen, [none]), strict=True))
    valid = data & 1 == 1
    notes = (f"{int((~valid).sum())} events that the file calls invalid are left out",) if not valid.all() else ()
    t, data = t[valid], data[valid]
    named = re.search(rf"#Source {chosen}: *(\S+)", text) or re.search(r"#Source \d+: *(\S+)", text)
    chip = next((chip for chip in SIZES if named and named[1].upper().startswith(chip)), None)
    return Columns(t, data >> 17, data >> 2 & 0x7FFF, data >> 1 & 1, SIZES.get(chip or ""), notes)
